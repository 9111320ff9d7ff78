package import Phrases

/// Who holds something on which days, such as a certificate: folded from events of one procedure,
/// one stream a person.
package struct Register: Hashable, Sendable {
    package let id: String
    package let title: Phrase
    /// The procedure whose streams it is folded from.
    package let procedure: String
    /// The event and its field that name the person of the stream.
    package let holderEvent: String
    package let holderField: String
    /// From these on it is held.
    package let begins: [String]
    /// The field with its first day; nil is the day of the event.
    package let fromField: String?
    /// The field with its last day; nil is without end.
    package let toField: String?
    /// With these it ends before that.
    package let ends: [String]
}

/// A figure that the plan demands, and how it is computed: Specs/catalogue.md section 10.
package struct Indicator: Hashable, Sendable {
    package enum Measure: Hashable, Sendable {
        /// Of the events chosen, those that meet a condition.
        case share(Choice, met: Condition)
        /// How many events.
        case count(Choice)
        /// A sum over the events, divided by another.
        case quotient(Choice, over: String, under: String)
        /// Of the different values of a field, those with an event that meets a condition.
        case distinct(Choice, by: String, met: Condition)
        /// Of the streams of a procedure that meet a condition at the end of the period, those that
        /// meet a further one.
        case streams(procedure: String, where: Condition?, met: Condition)
        /// Of these duties that fell due, those met in time.
        case duties([String])
        /// Of all entries, those made too late.
        case lateEntries
        /// Numerators and denominators of others, added up.
        case total([String])
    }

    /// Events of these types that meet a condition.
    package struct Choice: Hashable, Sendable {
        package let of: [String]
        package let condition: Condition?
    }

    package enum Period: String, Sendable, CaseIterable {
        case year, quarter, month, permanent
    }

    package enum Target: Hashable, Sendable {
        /// Percent for shares, a number for counts.
        case atLeast(Int64)
        case atMost(Int64)
    }

    package let id: String
    package let title: Phrase
    package let plan: [String]
    package let measure: Measure
    package let period: Period
    /// Nil: reported only.
    package let target: Target?
    /// The day by which the target must be reached, `YYYY-MM-DD`; nil: always.
    package let by: String?
    package let basis: [Clause]
    package let verified: Verification
    package let note: String?
}
