import CanonicalJSON
package import Catalogue
package import Phrases

/// A rule broken, a duty missed or an entry made too late: derived, never stored.
package struct Finding: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case open, explained, confirmed, dismissed, rectified
    }

    package enum Kind: String, Sendable {
        case rule, duty, lateEntry
    }

    /// `<rule>@<seq>`; Specs/judging.md section 5.
    package let id: String
    package let kind: Kind
    /// The rule's or duty's id, or `late-entry`.
    package let rule: String
    package let level: Rule.Level
    package let stream: String
    /// The entry that broke it; nil where nothing was done.
    package let entry: UInt64?
    /// Of the act; of something owed, the last day.
    package let day: Int
    package let isAsserted: Bool
    package let isProvisional: Bool
    package internal(set) var basis: [Clause]
    package let what: Phrase
    /// What is missing or in the way, as types of events or persons; of a batch of late entries,
    /// its name.
    package let names: [String]
    package var state = State.open
    /// The event that gave it its state.
    package var stateBy: UInt64?
}

extension Finding {
    /// What such findings say, whoever they are about.
    package var whatOfAnybody: Phrase {
        names.reduce(what) { what, name in
            Phrase(
                en: what.en.replacing(name, with: "somebody"),
                zh: what.zh.replacing(name, with: "有人"))
        }
    }
}

/// The types by which people answer a finding, in any stream.
enum FindingLife {
    static let states: [String: Finding.State] = [
        "finding.explained": .explained, "finding.confirmed": .confirmed,
        "finding.dismissed": .dismissed, "finding.rectified": .rectified,
    ]

    /// Gives each finding the state that the newest sound event gave it.
    static func settle(_ findings: inout [Finding], _ history: CaseHistory) {
        for event in history.entries {
            guard let state = states[event.type], let id = event.data["finding"]?.string,
                let place = findings.firstIndex(where: { $0.id == id })
            else { continue }
            let judged = history.entries.first { $0.sequence == findings[place].entry }
            let isConcerned = judged?.concerns(event.operatorPerson) ?? false
            guard state == .explained || !isConcerned else { continue }
            (findings[place].state, findings[place].stateBy) = (state, event.sequence)
        }
    }
}

/// Says in words what is wrong.
package struct FindingWords {
    private let catalogue: EventCatalogue

    package init(catalogue: EventCatalogue) {
        self.catalogue = catalogue
    }

    package func words(_ breach: Breach) -> Phrase {
        let event = title(breach.rule.event)
        let names = titles(breach.names)
        switch breach.rule.demand {
        case .requires:
            return Phrase(en: "\(event.en) without \(names.en)", zh: "\(event.zh)之前没有\(names.zh)")
        case .requiresAny:
            return Phrase(
                en: "\(event.en) without any of \(names.en)", zh: "\(event.zh)之前没有\(names.zh)之一")
        case .forbids:
            return Phrase(en: "\(event.en) after \(names.en)", zh: "\(names.zh)之后又有\(event.zh)")
        case .atMostOnce:
            return Phrase(en: "\(event.en) more than once", zh: "\(event.zh)不止一次")
        case .terminal:
            return Phrase(en: "something done after \(event.en)", zh: "\(event.zh)之后仍有办理")
        case .check(let condition):
            return check(event, condition, breach.rule)
        case .participants(let role, let demand): return persons(event, role, demand, breach)
        }
    }

    private func check(_ event: Phrase, _ condition: Condition, _ rule: Rule) -> Phrase {
        let text =
            switch condition {
            case .expression(let text), .words(let text): text
            }
        let note = rule.note ?? rule.quote ?? text
        return Phrase(en: "\(event.en): not so: \(text)", zh: "\(event.zh)不符合：\(note)")
    }

    private func persons(
        _ event: Phrase, _ role: String, _ demand: Rule.Persons, _ breach: Breach
    ) -> Phrase {
        let role = catalogue.role(role)?.title ?? Phrase(en: role, zh: role)
        let names = Phrase(
            en: breach.names.joined(separator: ", "), zh: breach.names.joined(separator: "、"))
        switch demand {
        case .minimum(let count):
            return Phrase(
                en: "\(event.en) by fewer than \(count) as \(role.en)",
                zh: "\(event.zh)的“\(role.zh)”不足 \(count) 人")
        case .apartFrom(let other):
            let act = title(other.event)
            return Phrase(
                en: "\(event.en): \(names.en) had taken part in \(act.en)",
                zh: "\(event.zh)：\(names.zh)曾参与\(act.zh)")
        case .holds(let register):
            let held =
                catalogue.registers.first { $0.id == register }?.title
                ?? Phrase(en: register, zh: register)
            return Phrase(
                en: "\(event.en): \(names.en) without \(held.en) on that day",
                zh: "\(event.zh)：\(names.zh)当日无\(held.zh)")
        }
    }

    package func words(_ standing: DutyStanding) -> Phrase {
        let owed = titles(standing.duty.to)
        switch standing.state {
        case .late: return Phrase(en: "\(owed.en) too late", zh: "\(owed.zh)逾期")
        case .early: return Phrase(en: "\(owed.en) too early", zh: "\(owed.zh)过早")
        default: return Phrase(en: "\(owed.en) overdue", zh: "\(owed.zh)逾期未办")
        }
    }

    private func title(_ type: String) -> Phrase {
        catalogue.title(ofType: type) ?? Phrase(en: type, zh: type)
    }

    private func titles(_ types: [String]) -> Phrase {
        let titles = types.map { title($0) }
        return Phrase(
            en: titles.map(\.en).joined(separator: ", "),
            zh: titles.map(\.zh).joined(separator: "、"))
    }
}
