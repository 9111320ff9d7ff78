package import CanonicalJSON
package import Catalogue
package import Phrases
import Rules

/// Plays an order of events through gates and findings, without recording anything.
///
/// Everybody stands in every register, days and fields are plausible, and what was not yet done at
/// the end is told apart: it may still come.
package struct Rehearsal: Sendable {
    package struct Step: Sendable {
        package let event: JSONValue
        package let type: EventType
        /// Rules by which the event could not be recorded.
        package let refusals: [Remark]
        /// Rules that it breaks if it happened all the same, and duties met too late or too early.
        package let findings: [Remark]
    }

    /// A rule or a duty, and what is wrong.
    package struct Remark: Sendable {
        package let rule: String
        package let level: Rule.Level
        package let basis: [Clause]
        package let what: Phrase
    }

    package let steps: [Step]
    /// Cases of other procedures that the order takes for given.
    package let companions: [String]
    /// What is owed and past its day when the last event happens.
    package let owed: [Remark]

    package var isSound: Bool {
        steps.allSatisfy { $0.refusals.isEmpty && $0.findings.isEmpty }
    }

    package init(
        _ composer: CaseComposer, _ procedure: String, _ types: [EventType], from day: Int,
        seed: UInt64
    ) {
        let composed = composer.compose(procedure, types, from: day, seed: seed)
        let draft = composed.draft
        let writer = DraftWriter(composer.shared, draft, numbers: [], seed: seed)
        let words = FindingWords(catalogue: composer.book.catalogue)
        let flaws = composer.judge.flaws(of: draft)
        let gates = composer.judge.refusals(
            of: draft, in: Array(draft.events.indices), records: true)
        steps = draft.places(of: 0).map { place in
            Step(
                event: writer.event(place), type: draft.events[place].type,
                refusals: (gates[place] ?? []).map { Remark($0, words) },
                findings: flaws.filter { !$0.isOmission && $0.place == place }.map {
                    Remark($0, words)
                })
        }
        companions = Array(writer.streams.dropFirst())
        owed = flaws.filter { $0.isOmission && draft.events[$0.event].stream == 0 }.map {
            Remark($0, words)
        }
    }
}

extension Rehearsal.Remark {
    init(_ breach: Breach, _ words: FindingWords) {
        self.init(
            rule: breach.rule.id, level: breach.rule.level, basis: breach.rule.basis,
            what: words.words(breach))
    }

    init(_ flaw: DraftFlaw, _ words: FindingWords) {
        switch flaw.kind {
        case .breach(let breach): self.init(breach, words)
        case .duty(let standing):
            self.init(
                rule: standing.duty.id, level: .flag, basis: standing.duty.basis,
                what: words.words(standing))
        }
    }
}

extension DraftFlaw {
    /// The event at which it is told: of a duty, the one with which it was fulfilled.
    fileprivate var place: Int {
        if case .duty(let standing) = kind, let end = standing.end { Int(end) } else { event }
    }
}
