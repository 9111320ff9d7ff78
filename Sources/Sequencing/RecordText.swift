import CanonicalJSON
import Catalogue
import Merkle
import Records

/// Small questions about the bytes of a recorded line.
enum RecordText {
    /// Whether the line records `event`, with or without its media type.
    ///
    /// A withheld line cannot be compared; it counts as the same, because its text may not be told.
    static func holds(_ line: ArraySlice<UInt8>, _ event: CloudEvent) -> Bool {
        guard !line.starts(with: #"{"withheld""#.utf8) else { return true }
        guard let start = startOfEvent(line) else { return false }
        return holds(line[start...], event.bytes) || holds(line[start...], event.otherSpelling)
    }

    /// Whether the event that begins the rest of a line has exactly these bytes.
    private static func holds(_ rest: ArraySlice<UInt8>, _ event: [UInt8]) -> Bool {
        rest.starts(with: event)
            && rest.dropFirst(event.count).starts(with: #","intake":{"#.utf8)
    }

    /// The type of a recorded event, which stands before its intake; nil of a withheld line.
    static func type(of line: [UInt8]) -> String? {
        let marker = Array(#""},"intake":{"#.utf8)
        guard line.count > marker.count else { return nil }
        // The intake has no such bytes within: its strings are names without quotation marks.
        var place = line.count - marker.count
        while place > 0, line[place] != marker[0] || !line[place...].starts(with: marker) {
            place -= 1
        }
        guard place > 0, let quote = line[..<place].lastIndex(of: UInt8(ascii: "\"")) else {
            return nil
        }
        return String(decoding: line[(quote + 1)..<place], as: UTF8.self)
    }

    /// Right after `,"v":1},"event":`, which follows the digits of `seq`.
    private static func startOfEvent(_ line: ArraySlice<UInt8>) -> Int? {
        let marker = #","v":1},"event":"#.utf8
        var place = line.startIndex + RecordLayout.seq
        guard place < line.endIndex else { return nil }
        while place < line.endIndex, line[place] &- 0x30 < 10 { place += 1 }
        return line[place...].starts(with: marker) ? place + marker.count : nil
    }

    static func place(
        of line: [UInt8], _ sequence: SequenceNumber, _ hasher: MerkleHasher
    ) -> Acceptance.Place? {
        line.withUnsafeBytes { raw in
            let revision = try? JSONReader(byteCountMax: RecordLayout.byteCountMax)
                .read(raw) { root in try? RecordView(root).revision }
            if let revision = revision ?? nil {
                return Acceptance.Place(
                    sequence: sequence, leafHash: hasher.leaf(raw), revision: revision,
                    isRepeat: true)
            }
            return WithheldLine(raw).map {
                Acceptance.Place(
                    sequence: sequence, leafHash: $0.leafHash, revision: $0.revision,
                    isRepeat: true)
            }
        }
    }
}

/// Whether what a correction, withdrawal or statement names is there: Specs/record.md section 6.
struct TargetCheck {
    let catalogue: EventCatalogue
    let hasher: MerkleHasher

    func refusals(
        of event: ValidatedEvent, _ target: EventTarget, _ line: [UInt8]?
    ) -> [Refusal] {
        guard let line else {
            return [.wrongTarget(target, "there is no such record", "没有这条记录")]
        }
        return line.withUnsafeBytes { raw in
            let names = try? JSONReader(byteCountMax: RecordLayout.byteCountMax)
                .read(raw) { root -> (subject: String, type: String)? in
                    guard let record = try? RecordView(root) else { return nil }
                    return (record.subject.string ?? "", record.type.string ?? "")
                }
            guard let names = names ?? nil else {
                return [.wrongTarget(target, "the record is withheld", "该记录已被遮蔽")]
            }
            guard hasher.leaf(raw) == target.leafHash else {
                return [.wrongTarget(target, "its leaf hash is another", "其叶哈希不符")]
            }
            guard names.subject == event.event.text(event.event.subject) else {
                return [.wrongTarget(target, "it is in another stream", "该记录属于另一案件流")]
            }
            guard !names.type.hasPrefix("entry."), !names.type.hasPrefix("ledger.") else {
                return [.wrongTarget(target, "its type cannot be mended", "该类型的记录不可更正")]
            }
            return corrected(event, names.type)
        }
    }

    /// What is wrong with the whole new data that a correction gives.
    private func corrected(_ event: ValidatedEvent, _ type: String) -> [Refusal] {
        guard event.event.text(event.event.type) == "entry.corrected",
            let type = catalogue.eventType(type)
        else { return [] }
        return event.event.bytes.withUnsafeBytes { raw in
            let refusals = try? JSONReader().read(raw) { root -> [Refusal] in
                guard let new = root["data"]?["corrected"] else { return [] }
                return EventValidator(catalogue).refusals(
                    ofCorrected: new, type: type, encrypted: event.isSealed ? .boxed : .refused)
            }
            return refusals ?? []
        }
    }
}
