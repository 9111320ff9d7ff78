package import CanonicalJSON
package import Catalogue
import Digests
package import Merkle
package import Phrases
package import Projections
package import Records
package import Rules
package import Sealing

/// What whoever has the reporter's code is told: Specs/sealing.md section 10.
///
/// Nothing that the catalogue does not say is told: no person, no unit, nothing sealed.
package struct ReporterStatus: Sendable {
    package let stream: StreamName
    /// The record that has the code's tag.
    package let record: SequenceNumber
    package let procedure: Phrase
    package let hasEnded: Bool
    /// Stages that the case has been in, in the order in which it first was.
    package private(set) var stages: [Passed] = []
    /// What happened, in the order of time.
    package private(set) var told: [Told] = []
    /// What is owed to it still, and by when.
    package private(set) var due: [Due] = []

    package struct Passed: Sendable {
        package let title: Phrase
        /// `YYYY-MM-DD`.
        package let day: String
    }

    package struct Told: Sendable {
        /// Of another case, such as that of a reward, its stream.
        package let stream: String
        package let title: Phrase
        package let day: String
        package let values: [(field: Field, value: JSONValue)]
    }

    package struct Due: Sendable {
        package let title: Phrase
        /// Nil while the clock stands.
        package let day: String?
        package let isOverdue: Bool
    }

    package init(
        _ stream: StreamName, _ record: SequenceNumber, _ history: CaseHistory,
        _ catalogue: EventCatalogue
    ) {
        (self.stream, self.record) = (stream, record)
        let known = catalogue.procedure(stream.procedure)
        procedure = known?.title ?? Phrase(en: stream.text, zh: stream.text)
        hasEnded = history.hasEnded(catalogue)
        var passed: Set<String> = []
        for entry in history.line.map({ history.entries[$0] }) {
            guard let id = catalogue.eventType(entry.type)?.stage, passed.insert(id).inserted,
                let stage = known?.stages.first(where: { $0.id == id })
            else { continue }
            stages.append(
                Passed(title: stage.title, day: CivilDate(dayNumber: entry.day).text))
        }
        take(history, catalogue)
    }

    /// Tells of the case, or of another that names it.
    package mutating func take(_ history: CaseHistory, _ catalogue: EventCatalogue) {
        for entry in history.line.map({ history.entries[$0] }) {
            guard let type = catalogue.eventType(entry.type), let tells = type.tells else {
                continue
            }
            let values = tells.compactMap { name -> (field: Field, value: JSONValue)? in
                guard let field = type.field(name), let value = entry.data[name] else { return nil }
                return (field, value)
            }
            told.append(
                Told(
                    stream: history.stream, title: type.title,
                    day: CivilDate(dayNumber: entry.day).text, values: values))
        }
        told.sort { $0.day < $1.day }
    }

    /// What of these is owed in the case.
    package mutating func owe(_ standings: [DutyStanding], _ catalogue: EventCatalogue) {
        due = standings.filter { $0.isOpen(in: stream) }.map { standing in
            Due(
                title: catalogue.titles(standing.duty.to),
                day: standing.dueDay.map { CivilDate(dayNumber: $0).text },
                isOverdue: standing.state == .overdue)
        }
    }

    package var json: JSONValue {
        [
            "stream": .string(stream.text), "seq": .integer(Int64(record.rawValue)),
            "ended": .bool(hasEnded),
            "stages": .array(
                stages.map { ["title": $0.title.json, "day": .string($0.day)] }),
            "told": .array(
                told.map { told in
                    [
                        "stream": .string(told.stream), "title": told.title.json,
                        "day": .string(told.day),
                        "values": .object(told.values.map { JSONMember($0.field.name, $0.value) }),
                    ]
                }),
            "due": .array(
                due.map { due in
                    [
                        "title": due.title.json, "day": due.day.map { .string($0) } ?? .null,
                        "overdue": .bool(due.isOverdue),
                    ]
                }),
        ]
    }
}

extension Phrase {
    fileprivate var json: JSONValue { ["en": .string(en), "zh": .string(zh)] }
}

extension Ledger {
    /// A new code for a reporter, and the tag that the record of the report gets; both are kept
    /// nowhere.
    package func makeReporterCode() -> (code: ReporterCode, tag: String) {
        let code = ReporterCode { RandomBytes.secret(count: $0) }
        return (code, code.tag(origin: settings.origin))
    }
}

extension PastView {
    /// What a code with this tag tells; nil if no report has it.
    package func reporterStatus(tag: String) async throws(ProjectionError) -> ReporterStatus? {
        let catalogue = shelf.newest.catalogue
        let key = MentionKey.alias(DocumentNumber.normalised(tag))
        guard let name = try await streams(naming: key).first, let stream = StreamName(name),
            let prefix = try await prefix(of: name),
            let record = prefix.records.first(where: { $0.entry?.has(tag) ?? false })
        else { return nil }
        var status = ReporterStatus(
            stream, SequenceNumber(record.sequence), prefix.history, catalogue)
        for other in try await streams(naming: .reference(name)) where other != name {
            guard let prefix = try await self.prefix(of: other) else { continue }
            status.take(prefix.history, catalogue)
        }
        status.owe(try await duties(Wanted(streams: [name])).map(\.standing), catalogue)
        return status
    }
}

extension CaseEntry {
    /// Whether it has the tag of a reporter's code as the value of some field.
    fileprivate func has(_ tag: String) -> Bool {
        data.members?.contains { $0.value.string == tag } ?? false
    }
}
