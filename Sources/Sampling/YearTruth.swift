package import CanonicalJSON
import Catalogue
import Records
import Rules

/// What is known to be wrong in a generated year: a finding that must be derived from it, or an
/// attempt that must be refused.
package struct YearTruth: Sendable {
    package enum Kind: String, Sendable {
        case finding, attempt
    }

    package let kind: Kind
    /// The rule's or the duty's id; of an attempt, all by which it is refused.
    package let rules: [String]
    /// Id of the event that breaks the rule, or that started the duty's clock; the year, of a
    /// yearly duty.
    package let event: String
    package let stream: String
    /// Of what was never done: it is a finding from the day after this one on.
    package let lastDay: String?
    package let isAsserted: Bool
    /// What was answered to it.
    package var state: String?

    package var json: JSONValue {
        var members = [
            JSONMember("kind", .string(kind.rawValue)), JSONMember("event", .string(event)),
            JSONMember("source", .string(DraftWriter.source)),
            JSONMember("stream", .string(stream)),
        ]
        members.append(
            kind == .attempt
                ? JSONMember("rules", .array(rules.map { .string($0) }))
                : JSONMember("rule", .string(rules.first ?? "")))
        if let lastDay { members.append(JSONMember("overdueAfter", .string(lastDay))) }
        if isAsserted { members.append(JSONMember("asserted", true)) }
        if let state { members.append(JSONMember("state", .string(state))) }
        return .object(members)
    }

    /// Everything that a case of this pattern is known to hold.
    static func of(_ pattern: YearPattern, _ writer: DraftWriter) -> [YearTruth] {
        let findings = pattern.flaws.map { flaw in
            let event = pattern.draft.events[flaw.event]
            return YearTruth(
                kind: .finding, rules: [flaw.rule], event: writer.id(flaw.event),
                stream: writer.streams[event.stream], lastDay: flaw.lastDay,
                isAsserted: event.isAsserted,
                state: pattern.answer.flatMap { $0.aim == flaw.aim ? $0.state.rawValue : nil })
        }
        let attempts = pattern.attempts.keys.sorted().map { place in
            YearTruth(
                kind: .attempt, rules: pattern.attempts[place] ?? [], event: writer.id(place),
                stream: writer.streams[pattern.draft.events[place].stream], lastDay: nil,
                isAsserted: false)
        }
        return findings + attempts
    }
}

extension DraftFlaw {
    fileprivate var lastDay: String? {
        guard case .duty(let standing) = kind, standing.state == .overdue else { return nil }
        return standing.dueDay.map { CivilDate(dayNumber: $0).text }
    }
}
