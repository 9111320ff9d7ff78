package import CanonicalJSON
package import Catalogue
package import Records
package import Rules

/// One record of a case, read.
///
/// Shared and not copied: it stands in its case, in each walk through it and in its prefix.
package final class CaseRecord: Sendable {
    package let sequence: UInt64
    package let stream: String
    package let revision: Int64
    package let recorded: Timestamp
    /// The same as it stands in the line.
    let recordedText: String
    /// The event; nil of a withheld line.
    package let event: JSONValue?
    /// What the record says happened; nil of a withheld line.
    package let entry: CaseEntry?
    /// The record that it corrects or withdraws.
    package let mends: UInt64?

    /// Nil if the line is no record.
    package convenience init?(_ line: [UInt8], clock: LocalTime) {
        self.init(line, clock, JSONReader())
    }

    /// The same with a reader that serves many lines.
    init?(_ line: [UInt8], _ clock: LocalTime, _ reader: JSONReader) {
        let read = line.withUnsafeBytes { raw in try? reader.read(raw) { Parts($0) } }
        guard let parts = read ?? nil else { return nil }
        (sequence, stream, revision) = (parts.sequence, parts.stream, parts.revision)
        (recorded, recordedText, event) = (parts.recorded, parts.recordedText, parts.event)
        guard let event else {
            (entry, mends) = (nil, nil)
            return
        }
        entry = CaseEntry(
            event: event, sequence: sequence, recorded: recorded, recorder: parts.recorder,
            clock: clock)
        let target = event["data"].flatMap { $0["corrects"] ?? $0["withdraws"] }
        mends = target?["seq"]?.integer.flatMap { UInt64(exactly: $0) }
    }

    /// What a line says, without its proofs.
    private struct Parts {
        let sequence: UInt64
        let recorded: Timestamp
        let recordedText: String
        let stream: String
        let revision: Int64
        let recorder: String
        let event: JSONValue?

        init?(_ root: JSONView) {
            let stub = root["withheld"]
            guard let chain = root["chain"] ?? stub,
                let sequence = chain["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
                let recordedText = chain["recorded"]?.string,
                let recorded = Timestamp(fixed: recordedText)
            else { return nil }
            (self.sequence, self.recorded) = (sequence, recorded)
            self.recordedText = recordedText
            stream = root["event"]?["subject"]?.string ?? stub?["stream"]?.string ?? ""
            revision = (root["intake"] ?? stub)?["revision"]?.integer ?? 0
            recorder = root["intake"]?["recorder"]?.string ?? ""
            event = stub == nil ? root["event"].map { JSONValue($0) } : nil
        }
    }
}

/// All records of a case, in order.
package struct CaseRecords: Sendable {
    package let stream: String
    package let records: [CaseRecord]

    package init(stream: String, lines: some Sequence<[UInt8]>, clock: LocalTime) {
        self.init(stream: stream, lines: lines, clock, JSONReader())
    }

    /// The same with a reader that serves many cases.
    init(
        stream: String, lines: some Sequence<[UInt8]>, _ clock: LocalTime, _ reader: JSONReader
    ) {
        self.stream = stream
        records = lines.compactMap { CaseRecord($0, clock, reader) }
    }

    var procedure: String { String(stream.prefix { $0 != "/" }) }

    init(stream: String, records: [CaseRecord]) {
        (self.stream, self.records) = (stream, records)
    }

    /// The case with all its records; nil if it has none.
    package func whole(_ rules: CaseRules, effect: (UInt64) -> EventCatalogue) -> CasePrefix? {
        guard !records.isEmpty else { return nil }
        var prefix = CasePrefix(stream: stream, rules: rules)
        for record in records { prefix.take(record, effect(record.sequence)) }
        return prefix
    }
}

/// A case as it stood after some of its records.
package struct CasePrefix: Sendable {
    package enum Fate: String, Sendable {
        case corrected, withdrawn
    }

    package private(set) var records: [CaseRecord] = []
    /// Of each record, the type as the catalogue in force at it has it.
    package private(set) var types: [UInt64: EventType] = [:]
    /// What a later record did to an earlier one.
    package private(set) var fates: [UInt64: (fate: Fate, by: UInt64)] = [:]
    /// With what others have to do with it, where it is judged.
    package internal(set) var history: CaseHistory
    package let rules: CaseRules
    /// Whether the newest record is an entry of the case that happened after all others.
    package internal(set) var isAppended = false
    /// The newest record that something of the case changed by; its own or another's.
    package internal(set) var newest: UInt64 = 0
    /// What it comes to, where that is asked.
    package internal(set) var judged: JudgedCase?

    /// What its records name, as rows.
    private(set) var mentionRows: [ModelRow] = []

    package init(stream: String, rules: CaseRules) {
        history = CaseHistory(stream: stream)
        self.rules = rules
    }

    package var stream: String { history.stream }

    package mutating func take(_ record: CaseRecord, _ catalogue: EventCatalogue) {
        records.append(record)
        newest = record.sequence
        isAppended = false
        guard let entry = record.entry else { return }
        types[record.sequence] = catalogue.eventType(entry.type)
        mentionRows += MentionsModel.rows(record, in: self)
        if let target = record.mends {
            let fate: Fate = entry.data["corrected"] == nil ? .withdrawn : .corrected
            fates[target] = (fate, record.sequence)
        }
        let count = history.entries.count
        history.take(entry)
        // Taken in before it is settled, it changed nothing of the others.
        isAppended = history.entries.count == count + 1 && record.mends == nil
        history.settle()
    }
}
