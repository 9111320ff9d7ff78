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
}

package struct Stage: Hashable, Sendable {
    package let id: String
    package let title: Phrase
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

/// What an order of events or a way of acting must satisfy; kept, not evaluated.
package struct Rule: Hashable, Sendable {
    package enum Demand: Hashable, Sendable {
        case requires([String])
        case requiresAny([String])
        case forbids([String])
        case atMostOnce
        /// Nothing of this procedure follows, except these.
        case terminal(except: [String])
        case check(Condition)
        case participants(role: String, minimum: Int?, apartFrom: ApartFrom?)
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
}

/// Something owed by a date; kept, not evaluated.
package struct Duty: Hashable, Sendable {
    package enum Clock: Hashable, Sendable {
        /// So long after an event, counted from its field if one is named.
        case term(Term, from: String, field: String?)
        /// On the day that a field of an event names, moved by `offset`.
        case dueField(String, from: String, offset: Term?)
        /// Every year by this month and day, `MM-DD`, of this year or the next.
        case annual(by: String, ofNextYear: Bool)
        /// Not yet in a form that can be counted.
        case words(String)
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
    package let pauses: [String]
    package let extend: Extension?
    /// Whose duty it is, if not the bureau's.
    package let dutyOf: String?
    package let basis: [Clause]
    package let verified: Verification
    package let note: String?
}

/// What must be made public after an event; kept, not evaluated.
package struct Disclosure: Hashable, Sendable {
    package let id: String
    package let event: String
    package let term: Term?
    /// Every year by this month and day, `MM-DD`.
    package let annual: String?
    package let channel: String
    package let publish: String
    package let exempt: String?
    package let basis: [Clause]
    package let verified: Verification
    package let note: String?
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
    package let demands: [String]
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
