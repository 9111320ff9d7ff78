package import CanonicalJSON
import Catalogue
import Records
import Rules

/// An entry about another entry, made after the year.
///
/// A correction, a withdrawal, a word of the person named or an answer to a finding. It can be
/// written once the other's record is known.
package struct YearMend: Sendable {
    enum Kind: Sendable {
        /// The whole data as it should have been.
        case correction(JSONValue)
        case withdrawal
        case confirmation(isDisputed: Bool)
        /// An answer to the finding of this rule, and the state that it gives.
        case answer(rule: String, Finding.State)
    }

    /// The id of the event that it is about.
    package let target: String
    let kind: Kind
    let stream: String
    let person: String
    /// Another person, who answers for it as well.
    let second: String
    let time: String

    /// The CloudEvent, about the record with this number and leaf hash.
    package func event(sequence: Int64, leafHash: String) -> JSONValue {
        .object([
            JSONMember("specversion", "1.0"), JSONMember("id", .string(target + ".mend")),
            JSONMember("source", .string(DraftWriter.source)), JSONMember("type", .string(type)),
            JSONMember("subject", .string(stream)), JSONMember("time", .string(time)),
            JSONMember("datacontenttype", "application/json"),
            JSONMember("data", .object(data(sequence, leafHash))),
        ])
    }

    /// The place in the draft of the event that it withdraws; nil if it withdraws none.
    func withdrawn(_ writer: DraftWriter) -> Int? {
        guard case .withdrawal = kind else { return nil }
        return writer.draft.events.indices.first { writer.id($0) == target }
    }

    private var type: String {
        switch kind {
        case .correction: "entry.corrected"
        case .withdrawal: "entry.withdrawn"
        case .confirmation(let isDisputed):
            isDisputed ? "participant.disputed" : "participant.confirmed"
        case .answer(_, let state): "finding.\(state.rawValue)"
        }
    }

    private func data(_ sequence: Int64, _ leafHash: String) -> [JSONMember] {
        let operatorMember = JSONMember(
            "operator", ["person": .string(person), "unit": "虚构样例局综合处"])
        let statement = JSONMember("statement", "（虚构样例）已核对原始材料，情况如所附说明。")
        func place(_ reason: String?) -> JSONValue {
            let reasons = reason.map { [JSONMember("reason", .string($0))] } ?? []
            return .object(
                [
                    JSONMember("seq", .integer(sequence)),
                    JSONMember("leafHash", .string(leafHash)),
                ] + reasons)
        }
        switch kind {
        case .correction(let data):
            return [
                operatorMember, JSONMember("corrects", place("misrecorded")),
                JSONMember("corrected", data), JSONMember("approver", .string(second)),
            ]
        case .withdrawal:
            return [
                operatorMember, JSONMember("withdraws", place("did-not-happen")),
                JSONMember("approver", .string(second)),
            ]
        case .confirmation:
            return [operatorMember, JSONMember("target", place(nil)), statement]
        case .answer(let rule, _):
            return [
                operatorMember, JSONMember("finding", .string("\(rule)@\(sequence)")), statement,
            ]
        }
    }
}

/// Chooses what is mended after the year: in one case of some.
struct YearMender {
    let judge: DraftJudge
    let seed: UInt64
    /// When it is entered.
    let time: String
    /// Types of which nothing is withdrawn: the calendar counts them.
    let counted: Set<String>

    /// Of so many cases, one is mended in each way.
    private static let rarity = 60

    /// What is mended in the case, and what is wrong with it afterwards.
    func mend(
        _ pattern: YearPattern, _ writer: DraftWriter, number: Int
    ) -> (mend: YearMend, pattern: YearPattern)? {
        var chance = Chance(Mixing.mixed(seed ^ 0x6d65_6e64) &+ UInt64(number))
        let places = pattern.submissions.map(\.place).filter { pattern.attempts[$0] == nil }
        guard pattern.fixed.isEmpty, !places.isEmpty else { return nil }
        if pattern.flaws.contains(where: { !$0.isOmission }), chance.percent(10) {
            return answered(pattern, writer, &chance)
        }
        switch chance.below(YearMender.rarity) {
        case 0: return corrected(pattern, writer, places, &chance)
        case 1: return withdrawn(pattern, writer, places)
        case 2: return confirmed(pattern, writer, places, &chance)
        default: return nil
        }
    }

    /// A text that was written otherwise: no rule looks at its words.
    private func corrected(
        _ pattern: YearPattern, _ writer: DraftWriter, _ places: [Int], _ chance: inout Chance
    ) -> (YearMend, YearPattern)? {
        guard let place = chance.pick(places) else { return nil }
        var draft = pattern.draft
        let texts = draft.events[place].fields.filter { field in
            if case .made(.text, _) = field.value { true } else { false }
        }
        guard let field = texts.first, case .made(let filler, let key) = field.value else {
            return nil
        }
        draft.events[place].set(field.name, .made(filler, key: key &+ 1))
        let data = writer.with(draft).event(place)["data"]?.members ?? []
        let corrected = JSONValue.object(data.filter { $0.name != "operator" })
        return (mend(place, .correction(corrected), writer), pattern)
    }

    /// The last entry of a case, if nothing else is wrong without it.
    private func withdrawn(
        _ pattern: YearPattern, _ writer: DraftWriter, _ places: [Int]
    ) -> (YearMend, YearPattern)? {
        guard let place = places.max(), places.count > 1, pattern.draft.procedures.count == 1,
            !counted.contains(pattern.draft.events[place].type.name)
        else { return nil }
        let flaws = judge.flaws(
            of: pattern.draft, asOf: CasePlanner.never, without: pattern.unrecorded.union([place]))
        let old = pattern.flaws.map(\.aim)
        guard flaws.allSatisfy({ $0.isOmission || old.contains($0.aim) }) else { return nil }
        return (mend(place, .withdrawal, writer), pattern.with(flaws))
    }

    private func confirmed(
        _ pattern: YearPattern, _ writer: DraftWriter, _ places: [Int], _ chance: inout Chance
    ) -> (YearMend, YearPattern)? {
        guard
            let place = chance.pick(
                places.filter { !pattern.draft.events[$0].participants.isEmpty }),
            let one = chance.pick(pattern.draft.events[place].participants)
        else { return nil }
        let kind = YearMend.Kind.confirmation(isDisputed: chance.percent(30))
        return (mend(place, kind, writer, by: writer.person(one.person)), pattern)
    }

    private func answered(
        _ pattern: YearPattern, _ writer: DraftWriter, _ chance: inout Chance
    ) -> (YearMend, YearPattern)? {
        let states = Finding.State.allCases.filter { $0 != .open }
        guard let flaw = chance.pick(pattern.flaws.filter { !$0.isOmission }),
            let state = chance.pick(states)
        else { return nil }
        let mend = mend(flaw.event, .answer(rule: flaw.rule, state), writer)
        return (mend, pattern.with(pattern.flaws, answered: (flaw.aim, state)))
    }

    private func mend(
        _ place: Int, _ kind: YearMend.Kind, _ writer: DraftWriter, by person: String? = nil
    ) -> YearMend {
        // Nobody of these lists acts in a case.
        let list = judge.book.catalogue.roles.count + 9
        return YearMend(
            target: writer.id(place), kind: kind,
            stream: writer.streams[writer.draft.events[place].stream],
            person: person ?? writer.person(PersonReference(list: list, place: 0)),
            second: writer.person(PersonReference(list: list, place: 1)), time: time)
    }
}
