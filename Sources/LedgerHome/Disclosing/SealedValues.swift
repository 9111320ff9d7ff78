import CanonicalJSON
import Merkle
import Sealing

/// Values of a case that are sealed, as its records have them.
struct SealedValues {
    struct Found: Sendable {
        let sequence: SequenceNumber
        let field: String
        let box: SealedBox
        let place: BoxPlace
    }

    private(set) var all: [Found] = []

    /// Those in `fields`, or in any; of corrections too, and of entries that were corrected or
    /// withdrawn.
    init(lines: [[UInt8]], origin: String, fields: Set<String>? = nil) {
        for line in lines {
            guard let root = try? JSONValue(parsing: line), let event = root["event"],
                let data = event["data"], let number = root["chain"]?["seq"]?.integer
            else { continue }
            let parts =
                [("/data", data)] + (data["corrected"].map { [("/data/corrected", $0)] } ?? [])
            for (pointer, part) in parts {
                for member in part.members ?? [] where fields?.contains(member.name) ?? true {
                    guard let box = try? SealedBox(member.value) else { continue }
                    all.append(
                        Found(
                            sequence: SequenceNumber(UInt64(clamping: number)),
                            field: member.name, box: box,
                            place: BoxPlace(
                                origin: origin, source: event["source"]?.string ?? "",
                                id: event["id"]?.string ?? "",
                                pointer: "\(pointer)/\(member.name)")))
                }
            }
        }
    }
}
