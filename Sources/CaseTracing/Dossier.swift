package import Projections
package import Rules

/// What one ledger says of a person over a lifetime of posts: Specs/tracing.md section 5.
package struct Dossier: Sendable {
    /// Something that speaks for a person, or against.
    package struct Point: Hashable, Sendable {
        package enum Kind: String, Sendable {
            case dissent, confirmed, dutyMet, findingAnswered
            case dutyMissed, finding, lateEntry, disputed
        }

        package let kind: Kind
        package let record: UInt64
        package let stream: String
        /// The finding or duty; the opinion of a dissent.
        package let what: String

        package var isFor: Bool {
            switch kind {
            case .dissent, .confirmed, .dutyMet, .findingAnswered: true
            case .dutyMissed, .finding, .lateEntry, .disputed: false
            }
        }
    }

    /// A look at what is kept about a person, or a step towards one.
    package struct Look: Sendable {
        /// The request; the act itself if it is one.
        package let request: UInt64
        package let act: Act
    }

    /// How much of what there is about the person the dossier tells.
    package struct Extent: Hashable, Sendable {
        /// So many of the newest entries are told of: the other parts are about these.
        package let shown: Int
        /// So many there are at least.
        package let known: Int
        /// Whether there are no more than these.
        package let isCounted: Bool

        package var isCut: Bool { shown < known }

        package init(shown: Int, known: Int, isCounted: Bool) {
            (self.shown, self.known, self.isCounted) = (shown, known, isCounted)
        }
    }

    package let head: AnswerHead
    package let extent: Extent
    /// Whether anything in the ledger names the person.
    package var isKnown: Bool { extent.known > 0 }
    package let posts: [HeldPost]
    /// What he entered or took part in, in the order in which it happened.
    package let acts: [Act]
    /// What names him.
    package let named: [Act]
    package let duties: [OwedDuty]
    package let findings: [Finding]
    package let points: [Point]
    package let looks: [Look]
}
