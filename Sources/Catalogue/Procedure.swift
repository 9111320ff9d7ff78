package import Phrases

/// Which events one kind of stream may have, and what is owed and forbidden in it.
package struct Procedure: Hashable, Sendable {
    package let id: String
    package let title: Phrase
    /// Measures of the plan, such as `5.1`.
    package let plan: [String]
    /// What the producers' case ids look like, for people: `PN-{year}-{n}`.
    package let caseIDPattern: String
    package let owner: String
    package let stages: [Stage]
    /// Full names of its event types, in the order of the file.
    package let events: [String]
    package let rules: [Rule]
    package let duties: [Duty]
    package let disclosures: [Disclosure]
    /// Years after the last entry of a case for which its sealed values are kept.
    package let keepYears: Int?
    /// Whether a right for all procedures does not cover it: Specs/access.md section 3.
    package let isApart: Bool
}

package struct Stage: Hashable, Sendable {
    package let id: String
    package let title: Phrase
    /// Ids that the stage had in earlier catalogues.
    package let formerly: [String]
}

/// How far a legal fact has been checked against its text.
package enum Verification: String, Sendable, CaseIterable {
    case full, partial, memory, design
}

/// A clause: `apl21 64(1)` is article 64, paragraph 1.
package struct Clause: Hashable, Sendable {
    package let law: String
    package let article: String?
    package let paragraph: String?
    package let item: String?
}

/// A condition: an expression, or words where it is for a person to judge.
package enum Condition: Hashable, Sendable {
    case expression(String)
    case words(String)
}

/// What an order of events or a way of acting must satisfy; the module Rules judges by it.
package struct Rule: Hashable, Sendable {
    package enum Demand: Hashable, Sendable {
        case requires([String])
        case requiresAny([String])
        case forbids([String])
        case atMostOnce
        /// Nothing of this procedure follows, except these.
        case terminal(except: [String])
        case check(Condition)
        case participants(role: String, Persons)
    }

    /// What is demanded of the participants in a role.
    package enum Persons: Hashable, Sendable {
        /// So many different persons.
        case minimum(Int)
        /// None of them in that role of that event.
        case apartFrom(ApartFrom)
        /// Each stands in that register on the day of the event.
        case holds(String)
    }

    /// Whose participants those of the rule must not be.
    package struct ApartFrom: Hashable, Sendable {
        package let event: String
        package let role: String
    }

    /// What happens when it is broken.
    package enum Level: String, Sendable, CaseIterable {
        case refuse, flag
    }

    package let id: String
    package let event: String
    package let demand: Demand
    package let when: Condition?
    package let level: Level
    /// The sentence of the law with its 不得: without one nothing is refused.
    package let quote: String?
    package let basis: [Clause]
    package let verified: Verification
    package let note: String?
}

package enum TimeUnit: String, Sendable, CaseIterable {
    case hour, workday, natural, month, year
}

/// A length of time and whether it is a ceiling or a floor.
package struct Term: Hashable, Sendable {
    package enum Bound: String, Sendable {
        case atMost, atLeast
    }

    package let bound: Bound
    package let amount: Int
    package let unit: TimeUnit

    package init(bound: Bound, amount: Int, unit: TimeUnit) {
        (self.bound, self.amount, self.unit) = (bound, amount, unit)
    }
}

/// Something owed by a date; the module Rules runs its clock.
package struct Duty: Hashable, Sendable {
    package enum Clock: Hashable, Sendable {
        /// So long after an event, counted from its field if one is named.
        case term(Term, from: String, field: String?)
        /// On the day that a field of an event names, moved by `offset`.
        case dueField(String, from: String, offset: Term?)
        case annual(Annual)
        /// By this day, `YYYY-MM-DD`, and never again.
        case once(by: String)
        /// Not yet in a form that can be counted.
        case words(String)
    }

    /// Owed every so many years.
    package struct Annual: Hashable, Sendable {
        /// From this month and day, `MM-DD`; nil is the first day of the year.
        package let from: String?
        /// By this month and day, `MM-DD`.
        package let by: String
        /// What is about a year is owed in the next.
        package let isOfNextYear: Bool
        package let everyYears: Int
        /// How many events fulfil it.
        package let count: Int
    }

    /// What stops the clock, and what lets it go on.
    package enum Pause: Hashable, Sendable {
        /// From this event to the next of the procedure that is no pause.
        case from(String)
        case between(from: String, to: [String])
        /// The days that two fields of the event name.
        case fields(String, from: String, to: String)
        /// As many days as a field of the event says.
        case days(String, field: String)

        /// The event that stops the clock.
        package var event: String {
            switch self {
            case .from(let event), .between(let event, _), .fields(let event, _, _),
                .days(let event, _):
                event
            }
        }
    }

    /// A field of the start and one of the end that name the same thing.
    package struct Match: Hashable, Sendable {
        package let from: String
        package let to: String
    }

    package struct Extension: Hashable, Sendable {
        package let by: [String]
        package let untilField: String?
        package let term: Term?
        package let words: String?
    }

    package let id: String
    package let clock: Clock
    package let to: [String]
    package let when: Condition?
    /// Which of the events ``to`` fulfil it: a condition on them.
    package let fulfilledWhen: Condition?
    /// What an end must have in common with the start.
    package let matches: Match?
    package let pauses: [Pause]
    /// Events with which the clock starts anew.
    package let restarts: [String]
    /// Events with which it falls away, fulfilled or not.
    package let lapses: [String]
    package let extend: Extension?
    /// What is taken for done when the term has run out.
    package let deemed: Phrase?
    /// Whose duty it is, if not the bureau's.
    package let dutyOf: String?
    package let basis: [Clause]
    package let verified: Verification
    package let note: String?
}

/// What must be made public after an event.
package struct Disclosure: Hashable, Sendable {
    package let id: String
    package let event: String
    package let term: Term?
    package let annual: Duty.Annual?
    /// The events with which it is public.
    package let to: [String]
    package let removal: Removal?
    package let channel: String
    package let publish: String
    package let exempt: String?
    package let basis: [Clause]
    package let verified: Verification
    package let note: String?
}

extension Disclosure {
    /// When what was published must be taken down again.
    package struct Removal: Hashable, Sendable {
        package let from: [String]
        package let to: [String]
        package let term: Term
    }
}

extension Disclosure {
    /// The same as a duty: its clock starts with its event.
    package var duty: Duty {
        Duty(
            id: id,
            clock: term.map { .term($0, from: event, field: nil) }
                ?? annual.map { .annual($0) } ?? .words(publish),
            to: to, when: nil, fulfilledWhen: nil, matches: nil, pauses: [], restarts: [],
            lapses: [],
            extend: nil,
            deemed: nil, dutyOf: nil, basis: basis, verified: verified, note: note)
    }

    /// What was published must be taken down again: one duty for each event with which that begins.
    package var removalDuties: [Duty] {
        guard let removal, !to.isEmpty else { return [] }
        let isPublished = to.map { "exists(\($0))" }.joined(separator: " or ")
        return removal.from.map { event in
            Duty(
                id: "\(id).removal", clock: .term(removal.term, from: event, field: nil),
                to: removal.to, when: .expression(isPublished), fulfilledWhen: nil, matches: nil,
                pauses: [],
                restarts: [], lapses: [], extend: nil, deemed: nil, dutyOf: nil, basis: basis,
                verified: verified, note: note)
        }
    }
}

/// A source of law, or of the rules that stand beside it.
package struct Law: Hashable, Sendable {
    package let id: String
    package let title: Phrase
    package let number: String?
    /// First and last day in force, `YYYY-MM-DD`.
    package let from: String?
    package let to: String?
    package let verified: Verification
    package let note: String?
}

package struct Role: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case office, outside, act
    }

    package let id: String
    package let title: Phrase
    package let kind: Kind
}

/// A measure of the plan.
package struct Measure: Hashable, Sendable {
    package let id: String
    package let label: String
    package let title: Phrase
    package let demands: [Demand]
}

/// What a measure of the plan demands, and what of the catalogue serves it.
package struct Demand: Hashable, Sendable {
    /// Nil where only words are given.
    package let id: String?
    package let text: String
    package let procedures: [String]
    /// Full names of event types.
    package let events: [String]
    package let rules: [String]
    /// Duties and disclosures.
    package let duties: [String]
    package let indicators: [String]
}

/// A list of words that several fields share.
package struct Enumeration: Hashable, Sendable {
    package let id: String
    package let title: Phrase
    package let values: [String]
}

/// A code of the administrative divisions (行政区划代码) and the days on which it stands.
package struct Region: Hashable, Sendable {
    package let code: String
    package let name: String
    package let from: String?
    package let to: String?
    package let note: String?
}
