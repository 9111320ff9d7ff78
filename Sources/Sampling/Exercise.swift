import Catalogue
package import Phrases
package import Records
package import Rules

/// Orders of events, made from a rule or a duty itself, that show it kept and broken.
package struct Exercise: Sendable {
    /// A case and what must be found in it.
    package struct Trial: Sendable {
        package let way: Way
        package let draft: CaseDraft
        /// The flaw that must be found; nil if none of this rule may be.
        package let aim: DraftAim?
        /// Other rules that cannot be kept where this one is broken so.
        package let company: [DraftAim]
        /// As of when it is judged; nil is the last event's moment.
        package let moment: Timestamp?
        /// How the duty stands.
        package let state: DutyStanding.State?
    }

    package enum Way: Hashable, Sendable {
        case kept
        case without(String)
        case withoutAny
        case after(String)
        case again
        case untrue
        case tooFew
        case samePerson
        case sharedPerson
        case outsider
        case onTime
        case oneLater
        case oneEarlier
        case undone
    }

    /// The rule's or the duty's id.
    package let id: String
    package let trials: [Trial]
}

/// A rule or a duty for which no exercise can be made, and why.
package struct Unexercised: Hashable, Sendable {
    package let id: String
    package let reason: Phrase
}

/// Exercises for everything in a catalogue that a machine can judge.
package struct Exercises: Sendable {
    package private(set) var all: [Exercise] = []
    package private(set) var unexercised: [Unexercised] = []

    /// The ids of rules and duties that are shown both kept and broken.
    package var exercised: Set<String> { Set(all.map(\.id)) }

    package init(_ composer: CaseComposer, seed: UInt64 = 1) {
        for procedure in composer.book.catalogue.procedures {
            for rule in procedure.rules {
                let day = Exercises.day(rule.basis, composer.book)
                take(rule.id) {
                    ExerciseMaker(composer, procedure.id, seed, from: day).exercise(rule)
                }
            }
            let published = procedure.disclosures.filter { !$0.to.isEmpty }.map(\.duty)
            for duty in procedure.duties + published {
                let day = Exercises.day(duty.basis, composer.book)
                take(duty.id) {
                    ExerciseMaker(composer, procedure.id, seed, from: day).exercise(duty)
                }
            }
            for statement in procedure.disclosures where statement.to.isEmpty {
                unexercised.append(
                    Unexercised(
                        id: statement.id,
                        reason: Phrase(
                            en: "says what must be public; nothing is judged",
                            zh: "仅说明公开要求，不作判断")))
            }
        }
    }

    /// A Monday on which one of the laws is in force, an earlier one for what only old law says;
    /// nil leaves it to the maker.
    static func day(_ basis: [Clause], _ book: RuleBook) -> Int? {
        [CivilDate(year: 2025, month: 3, day: 3), CivilDate(year: 2021, month: 1, day: 4)]
            .compactMap { $0?.dayNumber }.first { book.isInForce(basis, on: $0) }
    }

    private mutating func take(_ id: String, _ make: () -> Result<Exercise, NoExercise>) {
        switch make() {
        case .success(let exercise): all.append(exercise)
        case .failure(let no): unexercised.append(Unexercised(id: id, reason: no.reason))
        }
    }
}

/// Why there is no exercise.
struct NoExercise: Error {
    let reason: Phrase

    init(en: String, zh: String) {
        reason = Phrase(en: en, zh: zh)
    }

    static let words = NoExercise(en: "in words, for a person to judge", zh: "文字表述，须由人判断")
}
