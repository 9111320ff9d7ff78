package import CanonicalJSON
package import Catalogue
package import Records
package import Rules

/// One record of a case, read.
package struct CaseRecord: Sendable {
    package let sequence: UInt64
    package let stream: String
    package let revision: Int64
    package let recorded: Timestamp
    /// The event; nil of a withheld line.
    package let event: JSONValue?
    /// What the record says happened; nil of a withheld line.
    package let entry: CaseEntry?
    /// The record that it corrects or withdraws.
    package let mends: UInt64?

    /// Nil if the line is no record.
    package init?(_ line: [UInt8], clock: LocalTime) {
        guard let root = try? JSONValue(parsing: line) else { return nil }
        let stub = root["withheld"]
        guard let chain = root["chain"] ?? stub,
            let sequence = chain["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let recorded = chain["recorded"]?.string.flatMap({ Timestamp(fixed: $0) })
        else { return nil }
        (self.sequence, self.recorded) = (sequence, recorded)
        stream = root["event"]?["subject"]?.string ?? stub?["stream"]?.string ?? ""
        revision = (root["intake"] ?? stub)?["revision"]?.integer ?? 0
        guard stub == nil, let event = root["event"] else {
            (event, entry, mends) = (nil, nil, nil)
            return
        }
        self.event = event
        entry = CaseEntry(
            event: event, sequence: sequence, recorded: recorded,
            recorder: root["intake"]?["recorder"]?.string ?? "", clock: clock)
        let target = event["data"].flatMap { $0["corrects"] ?? $0["withdraws"] }
        mends = target?["seq"]?.integer.flatMap { UInt64(exactly: $0) }
    }
}

/// All records of a case, in order.
package struct CaseRecords: Sendable {
    package let stream: String
    package let records: [CaseRecord]

    package init(stream: String, lines: some Sequence<[UInt8]>, clock: LocalTime) {
        self.stream = stream
        records = lines.compactMap { CaseRecord($0, clock: clock) }
    }

    init(stream: String, records: [CaseRecord]) {
        (self.stream, self.records) = (stream, records)
    }

    /// Gives the case as it stood after each of its records, until `body` says that it is enough.
    func forEachPrefix(
        effect: (UInt64) -> EventCatalogue, _ body: (CasePrefix) -> Bool
    ) {
        var prefix = CasePrefix(stream: stream)
        for record in records {
            prefix.take(record, effect(record.sequence))
            guard body(prefix) else { return }
        }
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
    package private(set) var history: CaseHistory

    package init(stream: String) {
        history = CaseHistory(stream: stream)
    }

    package mutating func take(_ record: CaseRecord, _ catalogue: EventCatalogue) {
        records.append(record)
        guard let entry = record.entry else { return }
        types[record.sequence] = catalogue.eventType(entry.type)
        if let target = record.mends {
            let fate: Fate = entry.data["corrected"] == nil ? .withdrawn : .corrected
            fates[target] = (fate, record.sequence)
        }
        history.take(entry)
        history.settle()
    }
}
