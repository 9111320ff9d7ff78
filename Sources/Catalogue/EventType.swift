package import Phrases
import Synchronization

/// A kind of event: what it is called, what it does to its case and what its data hold.
package final class EventType: Sendable {
    /// The CloudEvents type: `penalty.decided`.
    package let name: String
    let nameBytes: [UInt8]
    package let title: Phrase
    /// Nil for a common type, which stands in any stream.
    package let procedure: String?
    let procedureBytes: [UInt8]
    /// Roles that submit it.
    package let by: [String]
    /// The stage that the case is in afterwards; nil leaves it where it was.
    package let stage: String?
    /// The case ends with it.
    package let ends: Bool
    /// The act of another organ or of a party, which no rule of ours refuses.
    package let isReceived: Bool
    /// The uniform members of `data` that must be there.
    package let needs: [UniformMember]
    /// The fields whose values, side by side, are the title of the case.
    package let caseTitle: [String]
    package let fields: [Field]
    /// Those of ``fields`` whose values name persons, organisations, documents or other cases.
    package let namingFields: [Field]
    /// The names of those that name the case.
    package let aliasFields: [String]
    package let participants: [RequiredParticipants]
    /// The field with the year from which yearly duties run.
    package let startsYearly: String?
    /// The field that names the cases in which this one goes on.
    package let continuedIn: String?
    /// The field that names the cases with which this one goes on.
    package let continues: String?
    /// Full names that the type had in earlier catalogues.
    package let formerly: [String]
    package let note: String?
    /// Those of ``fields`` that are recorded only encrypted.
    package let encryptedFields: [Field]
    package let sealing: SealingRule?
    /// The fields that whoever has the reporter's code is told; nil if he is not told of it at all.
    package let tells: [String]?
    private let uniform: UniformMembers
    /// Made when it is first asked for: most commands judge few types or none.
    private let madePlan = Mutex<MemberPlan?>(nil)

    init(_ definition: Definition, uniform: UniformMembers) {
        name = definition.name
        nameBytes = Array(definition.name.utf8)
        title = definition.title
        procedure = definition.procedure
        procedureBytes = Array((definition.procedure ?? "").utf8)
        by = definition.by
        stage = definition.stage
        ends = definition.ends
        isReceived = definition.isReceived
        needs = definition.needs
        caseTitle = definition.caseTitle
        fields = definition.fields
        namingFields = fields.filter(\.isNaming)
        aliasFields = fields.filter(\.isAlias).map(\.name)
        participants = definition.participants
        (startsYearly, note) = (definition.startsYearly, definition.note)
        (continuedIn, continues) = (definition.continuedIn, definition.continues)
        formerly = definition.formerly
        encryptedFields = fields.filter(\.readingClass.isEncrypted)
        (sealing, tells) = (definition.sealing, definition.tells)
        self.uniform = uniform
    }

    /// How the type's data are judged.
    var plan: MemberPlan {
        madePlan.withLock { made in
            if let made { return made }
            let plan = MemberPlan(fields, uniform: uniform, needs: Set(needs))
            made = plan
            return plan
        }
    }

    package var isCommon: Bool { procedure == nil }

    package func field(_ name: String) -> Field? {
        fields.first { $0.name == name }
    }

    struct Definition {
        var name: String
        var title: Phrase
        var procedure: String?
        var by: [String] = []
        var stage: String?
        var ends = false
        var isReceived = false
        var needs: [UniformMember] = []
        var caseTitle: [String] = []
        var fields: [Field] = []
        var participants: [RequiredParticipants] = []
        var startsYearly: String?
        var continuedIn: String?
        var continues: String?
        var formerly: [String] = []
        var sealing: SealingRule?
        var tells: [String]?
        var note: String?
    }
}

extension EventType: Equatable {
    package static func == (left: EventType, right: EventType) -> Bool {
        left.name == right.name && left.title == right.title && left.procedure == right.procedure
            && left.by == right.by && left.stage == right.stage && left.ends == right.ends
            && left.isReceived == right.isReceived && left.needs == right.needs
            && left.caseTitle == right.caseTitle && left.fields == right.fields
            && left.participants == right.participants && left.note == right.note
            && left.startsYearly == right.startsYearly && left.continuedIn == right.continuedIn
            && left.continues == right.continues && left.formerly == right.formerly
            && left.sealing == right.sealing && left.tells == right.tells
    }
}

/// That an event names at least so many persons in a role.
package struct RequiredParticipants: Hashable, Sendable {
    package let role: String
    let roleBytes: [UInt8]
    /// None makes the role customary, not required.
    package let minimum: Int
    /// Different persons, not one person named several times.
    package let isDistinct: Bool
    /// Each must say what opinion was given, if only that none was.
    package let needsOpinion: Bool

    init(role: String, minimum: Int, isDistinct: Bool, needsOpinion: Bool) {
        (self.role, self.minimum, self.isDistinct) = (role, minimum, isDistinct)
        self.needsOpinion = needsOpinion
        roleBytes = Array(role.utf8)
    }
}

/// A member of `data` that all types share: Specs/record.md section 3.
package enum UniformMember: String, Sendable, CaseIterable {
    case assertion, attachments, causes, corrects, legalBasis, `operator`, participants, withdraws
}
