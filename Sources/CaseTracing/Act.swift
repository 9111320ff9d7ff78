import CanonicalJSON
package import Phrases
package import Records
package import Rules

/// An entry of a case as it is told: who did what, in which post, on what authority, and what
/// became of the entry.
package struct Act: Sendable {
    /// What a later record did to an entry.
    package enum Fate: String, Sendable {
        case corrected, withdrawn, withheld
    }

    /// Where an entry stands on the line of occurrence, seen from an outcome.
    package enum Phase: String, Sendable {
        case before, outcome, after
    }

    package let record: UInt64
    package let stream: String
    package let type: String
    package let title: Phrase
    /// As the producer wrote it; empty of a withheld line.
    package let time: String
    package let isDayOnly: Bool
    package let moment: Timestamp
    /// Days since 1970-01-01.
    package let day: Int
    package let recorded: Timestamp
    package let isAsserted: Bool
    /// The operator as submitted: a correction gives none.
    let submitted: JSONValue?

    package var persons: [ActPerson] = []
    /// Persons that the data name, who neither entered it nor took part.
    package var named: [NamedPerson] = []
    /// How many were left out because they are protected.
    package var protectedCount = 0
    package var authority: [Authority] = []
    package var versions: [Version] = []
    package var values: [FieldValue] = []
    package var attachments: [Attachment] = []

    package var fate: Fate?
    /// In the order of record.
    package var changes: [Change] = []
    /// The entry that this record corrects or withdraws, or that it speaks of.
    package var target: UInt64?
    package var words: [Word] = []
    package var findings: [Finding] = []
    package var phase = Phase.before
    /// It happened before the outcome, and was recorded after it.
    package var isEnteredAfterOutcome = false

    /// The finding that it was entered too late.
    package var lateness: Finding? { findings.first { $0.kind == .lateEntry } }
    package var isWithdrawn: Bool { fate == .withdrawn }
    package var dissents: [ActPerson] { persons.filter(\.isDissent) }
}

/// Somebody who entered an entry or took part in it.
package struct ActPerson: Hashable, Sendable {
    package let person: String
    /// `operator`, or the role of a participant.
    package let role: String
    package let unit: String?
    /// As the act gives it.
    package let post: String?
    /// What the registers say of that day.
    package var held: [HeldPost] = []
    package var opinion: String?
    /// The order of speaking.
    package var order: Int64?
    /// The grade of evidence; nil of an operator.
    package var evidence: String?

    package static let operatorRole = "operator"
    package var isOperator: Bool { role == ActPerson.operatorRole }
    package var isDissent: Bool { opinion == "disagree" || opinion == "reserve" }
}

/// Somebody whom the data of an entry name.
package struct NamedPerson: Hashable, Sendable {
    package let person: String
    package let field: Phrase
}

/// A legal basis as the act gives it.
package struct Authority: Hashable, Sendable {
    package let law: String
    package let article: String
    package let edition: String?
}

/// A case that an act rests on or names, as it stood on the day of the act.
package struct Version: Hashable, Sendable {
    package let field: Phrase
    package let stream: String
    /// Its newest record that had happened by then; nil if it had none.
    package let record: UInt64?
}

package struct FieldValue: Hashable, Sendable {
    package let field: Phrase
    package let text: Phrase
}

package struct Attachment: Hashable, Sendable {
    package let name: String
    package let digest: String
}

/// What a correction or withdrawal did.
package struct Change: Hashable, Sendable {
    package let by: UInt64
    package let person: String
    /// The second person, who answers for it too.
    package let approver: String?
    package let reason: String
    /// What differs; empty of a withdrawal.
    package let fields: [FieldChange]
    /// Who took part by what was said before, and does not by what is said now.
    package let removed: [String]
}

package struct FieldChange: Hashable, Sendable {
    package let field: Phrase
    /// Nil: it was not there.
    package let was: Phrase?
    package let now: Phrase?
}

/// What somebody said of an entry that names him.
package struct Word: Hashable, Sendable {
    package let record: UInt64
    package let person: String
    package let isDispute: Bool
}
