package import CanonicalJSON
package import Catalogue
import Phrases
import Records

/// Fills the encrypted fields of made-up events: Specs/sampling.md.
///
/// All of it is fictitious and says so. What an event gets follows from its id and the seed alone;
/// rules do not see it, so that truths stay as they are.
package struct SealedFilling: Sendable {
    private let catalogue: EventCatalogue
    private let seed: UInt64

    package init(_ catalogue: EventCatalogue, seed: UInt64) {
        (self.catalogue, self.seed) = (catalogue, seed)
    }

    /// Lines, each an event in canonical form, with their encrypted fields.
    package func filled(lines: [UInt8]) -> [UInt8] {
        var filled: [UInt8] = []
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            if let event = try? JSONValue(parsing: line), let whole = self.filled(event) {
                filled += whole.canonicalBytes
            } else {
                filled += line
            }
            filled.append(UInt8(ascii: "\n"))
        }
        return filled
    }

    /// The event with its encrypted fields; nil if its type has none.
    package func filled(_ event: JSONValue) -> JSONValue? {
        guard let type = event["type"]?.string.flatMap({ catalogue.eventType($0) }),
            case let fields = type.fields.filter(SealedFilling.isFilled), !fields.isEmpty,
            let id = event["id"]?.string, let data = event["data"]?.members
        else { return nil }
        let names = Set(data.map(\.name))
        let added = fields.filter { !names.contains($0.name) }.map { field in
            JSONMember(field.name, value(field, bits(id, field.name)))
        }
        return .object(
            (event.members ?? []).map {
                $0.name == "data" ? JSONMember("data", .object(data + added)) : $0
            })
    }

    /// Without files, which would have to be there.
    private static func isFilled(_ field: Field) -> Bool {
        field.readingClass.isEncrypted && field.type != .record
    }

    private func bits(_ id: String, _ field: String) -> UInt64 {
        "\(id)/\(field)".utf8.reduce(Mixing.mixed(seed)) { Mixing.mixed($0 ^ UInt64($1)) }
    }

    private func value(_ field: Field, _ bits: UInt64) -> JSONValue {
        let one = single(field, bits)
        return field.isList ? [one, single(field, Mixing.mixed(bits))] : one
    }

    private func single(_ field: Field, _ bits: UInt64) -> JSONValue {
        let number = bits % 100_000_000
        return switch field.type {
        case .residentId: .string(residentID(bits))
        case .instant:
            .string("2025-03-04T\(two(bits % 24)):\(two(bits >> 8 % 60)):00+08:00")
        // Numbers of mobile telephones begin with 13 to 19; none of them has 00 there.
        case .string where field.name.lowercased().hasSuffix("phone"):
            .string("100" + DraftWriter.padded(Int(number), 8))
        default: .string("虚构样例\(field.title.zh)\(number)")
        }
    }

    /// Of a region that there is not, so that it is nobody's.
    private func residentID(_ bits: UInt64) -> String {
        let birth = CivilDate(dayNumber: -3_653 + Int(bits % 14_600))
        let start =
            "990099" + birth.text.replacing("-", with: "")
            + DraftWriter.padded(Int(bits >> 40 % 1_000), 3)
        let check = Array(start.utf8).withUnsafeBytes { ResidentIdentity.check($0) }
        return start + String(decoding: [check ?? UInt8(ascii: "0")], as: UTF8.self)
    }

    private func two(_ number: UInt64) -> String { DraftWriter.padded(Int(number), 2) }
}
