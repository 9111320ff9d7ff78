package import Phrases
package import Projections
package import Rules

/// How far a trace goes: Specs/tracing.md section 2.
package struct TraceLimits: Hashable, Sendable {
    package var years = 5
    package var depth = 5
    package var caseCountMax = 200

    package init(years: Int = 5, depth: Int = 5, caseCountMax: Int = 200) {
        (self.years, self.depth, self.caseCountMax) = (years, depth, caseCountMax)
    }
}

/// Why a case is told of, or how two cases hang together.
package enum LinkKind: String, Sendable, CaseIterable {
    case joined, cause, reference, referring, enterprise
}

/// From an outcome back to every act before it: Specs/tracing.md.
package struct Trace: Sendable {
    package let head: AnswerHead
    package let limits: TraceLimits
    /// The number of the record that is the outcome.
    package let outcome: UInt64
    package let enterprises: [Enterprise]
    /// In the order of their first acts.
    package let cases: [TracedCase]
    /// In the order in which they happened.
    package let acts: [Act]
    /// In the order of the records that make them.
    package let links: [TraceLink]
    package let knowledge: [Knowledge]
    package let duties: [OwedDuty]
    package let findings: [Finding]
    package let cuts: TraceCuts
}

/// An enterprise by its code, and the names under which it was recorded.
package struct Enterprise: Hashable, Sendable {
    package struct Name: Hashable, Sendable {
        package let name: String
        /// The first record that says so.
        package let record: UInt64
        /// The first day on which it was called so.
        package let day: Int
    }

    package let code: String
    /// In the order of days.
    package internal(set) var names: [Name]
    package var newestName: String? { names.last?.name }
}

package struct TracedCase: Sendable {
    package let stream: String
    package let procedure: Phrase
    package let title: String
    package let stage: Phrase?
    package let isEnded: Bool
    /// How many links it is from the first case.
    package let depth: Int
    /// How it was found; nil of the first.
    package let way: LinkKind?
    /// The case from which it was found.
    package let from: String?
    package let recordCount: Int
}

/// What hangs together, from the one that says so to the one that it names.
package struct TraceLink: Hashable, Sendable {
    package let kind: LinkKind
    package let from: String
    /// The record that says so.
    package let record: UInt64
    package let to: String
    /// The record that is named, where one is.
    package let target: UInt64?
    /// The field; nil of a cause or an enterprise.
    package let field: Phrase?
}

/// Since when somebody knew of a case.
package struct Knowledge: Hashable, Sendable {
    package enum How: String, Sendable {
        case acted, named
    }

    package let stream: String
    package let person: String
    package let day: Int
    package let record: UInt64
    package let how: How
}

/// What was not followed.
package struct TraceCuts: Hashable, Sendable {
    /// Cases beyond the depth.
    package var deeper: [String] = []
    /// Cases beyond the number.
    package var more: [String] = []
    /// Names of which the ledger had no case.
    package var missing: [String] = []

    package var isCut: Bool { !deeper.isEmpty || !more.isEmpty }
}
