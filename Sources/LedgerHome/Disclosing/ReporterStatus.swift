package import CanonicalJSON
package import Catalogue
import Digests
import LedgerStore
import Merkle
package import Phrases
package import Records
package import Rules
package import Sealing

/// What whoever has the reporter's code is told: Specs/sealing.md section 10.
///
/// Nothing that the catalogue does not say is told: no person, no unit, nothing sealed.
package struct ReporterStatus: Sendable {
    package let stream: StreamName
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

    package init(_ stream: StreamName, _ history: CaseHistory, _ catalogue: EventCatalogue) {
        self.stream = stream
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
            "stream": .string(stream.text), "ended": .bool(hasEnded),
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

    /// What the code tells; nil if no report has its tag.
    package func reporterStatus(
        _ code: ReporterCode
    ) async throws(LedgerError) -> ReporterStatus? {
        let tag = code.tag(origin: settings.origin)
        guard let file = try await caseFile(tag) else { return nil }
        let clockOfDays = LocalTime(zone: catalogue.timeZone)
        let lines = try await linesOf(file.stream)
        let history = CaseHistory(stream: file.stream.text, lines: lines, clock: clockOfDays)
        var status = ReporterStatus(file.stream, history, catalogue)
        let catalogue = catalogue
        try await forEachCase { other in
            if other.stream != file.stream.text, other.names(file.stream.text, catalogue) {
                status.take(other, catalogue)
            }
        }
        let judged = try await judge(asOf: nil, period: 0...0, only: file.stream.text)
        status.owe(judged.standings, catalogue)
        return status
    }
}
