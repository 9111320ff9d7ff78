import CanonicalJSON
import Phrases
import Records

/// One judgement of one event's data: what is wrong, and where.
struct EventJudge {
    /// A step from the data to a value within; only a refusal turns it into text.
    enum Step {
        case member(UnsafeRawBufferPointer)
        case word(StaticString)
        case index(Int)
    }

    let catalogue: EventCatalogue
    let type: EventType
    let day: Int?
    let base: StaticString
    let demandsOperator: Bool
    let encrypted: EncryptedFields
    /// Within a value that is not to be repeated.
    var isSecret = false
    var refusals: [Refusal] = []
    var steps: [Step] = []
    private var attachments: JSONView?
    private var operatorPerson: JSONView?

    init(
        _ catalogue: EventCatalogue, _ type: EventType, day: CivilDate?, base: StaticString,
        demandsOperator: Bool, encrypted: EncryptedFields
    ) {
        self.encrypted = encrypted
        (self.catalogue, self.type, self.base) = (catalogue, type, base)
        self.day = day?.dayNumber
        self.demandsOperator = demandsOperator
    }

    mutating func judge(_ data: JSONView) {
        guard data.kind == .object else {
            return refuse(.invalid, "must be an object", "应为对象")
        }
        attachments = data["attachments"]
        operatorPerson = data["operator"]?["person"]
        members(of: data, type.plan)
        judgeParticipants(data["participants"])
        judgeCauses(data["causes"])
        if !demandsOperator, data["operator"] != nil {
            at(.word("operator")) {
                $0.refuse(
                    .unknownMember, "the corrected data leave the operator out; remove it",
                    "更正后的内容不含经办人，请删去")
            }
        }
    }

    // MARK: - Members

    private mutating func members(of object: JSONView, _ plan: MemberPlan) {
        var seen: UInt64 = 0
        for (name, value) in object.members {
            let place = plan.place(of: name.utf8)
            guard place >= 0 else {
                refuseUnknown(name, plan)
                continue
            }
            seen |= 1 << UInt64(place)
            steps.append(.member(name.utf8))
            member(value, plan.checks[place], plan)
            steps.removeLast()
        }
        let missing = plan.required & ~seen
        if missing != 0 { refuseMissing(missing, plan) }
    }

    private mutating func member(_ value: JSONView, _ check: MemberCheck, _ plan: MemberPlan) {
        if check.isEncrypted {
            switch encrypted {
            case .refused: return refuseUnsealed()
            case .boxed: return value.isBox ? () : refuseUnsealed()
            case .clear: isSecret = true
            }
        }
        defer { if check.isEncrypted { isSecret = false } }
        guard check.isList else { return judge(value, check, plan) }
        guard value.kind == .array, 1...check.itemsMax ~= value.count else {
            return refuse(
                .invalid, "must be a list of 1 to \(check.itemsMax)",
                "应为 1 至 \(check.itemsMax) 项的列表")
        }
        var index = 0
        for element in value.elements {
            steps.append(.index(index))
            judge(element, check, plan)
            steps.removeLast()
            index += 1
        }
    }

    private mutating func judge(_ value: JSONView, _ check: MemberCheck, _ plan: MemberPlan) {
        if check.nested >= 0 {
            if check.type == .reference, value.kind == .string {
                return judgeReference(value, check, plan)
            }
            guard value.kind == .object else {
                return refuse(.invalid, expected(check, plan), value, check)
            }
            members(of: value, plan.nested[check.nested])
            if check.type == .reference, let stream = value["stream"] {
                at(.word("stream")) { $0.judgeReference(stream, check, plan) }
            }
            return
        }
        if check.type == .enum {
            let isSound = value.kind == .string && plan.words[check.words].contains(value.utf8)
            return isSound ? () : refuse(.invalid, expected(check, plan), value, check)
        }
        if check.type == .region { return judgeRegion(value, check, plan) }
        guard ValueCheck.isSound(value, check) else {
            return refuse(.invalid, expected(check, plan), value, check)
        }
        if check.type == .attachment { judgeAttachment(value) }
        if check.isNotOperator { judgeNotOperator(value) }
    }

    private mutating func judgeReference(
        _ value: JSONView, _ check: MemberCheck, _ plan: MemberPlan
    ) {
        let text = value.utf8
        let procedure = UnsafeRawBufferPointer(rebasing: text.prefix { $0 != UInt8(ascii: "/") })
        let isSound =
            StreamName.isSound(text)
            && (check.words < 0 || plan.words[check.words].contains(procedure))
        if !isSound { refuse(.invalid, expected(check, plan), value, check) }
    }

    private mutating func judgeRegion(
        _ value: JSONView, _ check: MemberCheck, _ plan: MemberPlan
    ) {
        switch catalogue.regionTable.judge(value.utf8, on: day) {
        case .sound: return
        case .unknown: refuse(.invalid, expected(check, plan), value, check)
        case .outOfForce where isSecret: refuse(.invalid, expected(check, plan), value, check)
        case .outOfForce(let region):
            let note = region.note.map { "（\($0)）" } ?? ""
            refuse(
                .invalid,
                "\(region.code) \(region.name) did not stand on the day of the event\(note)",
                "代码 \(region.code) \(region.name) 在事件发生之日不是有效区划\(note)")
        }
    }

    private mutating func judgeAttachment(_ digest: JSONView) {
        if let attachments {
            for attachment in attachments.elements {
                if let sha256 = attachment["sha256"], areSame(sha256.utf8, digest.utf8) { return }
            }
        }
        refuse(
            .invalid, "no attachment of this event has this digest; list the file in attachments",
            "本事件的附件中没有该摘要对应的文件，请在 attachments 中列出")
    }

    private mutating func judgeNotOperator(_ person: JSONView) {
        guard let operatorPerson, areSame(operatorPerson.utf8, person.utf8) else { return }
        refuse(
            .invalid, "must be a second person, not the operator", "应为经办人以外的另一人")
    }

    // MARK: - What the members say together

    private mutating func judgeCauses(_ causes: JSONView?) {
        guard let causes else { return }
        for (index, cause) in causes.elements.enumerated() where cause.kind == .object {
            let byPlace = cause["seq"] != nil && cause["leafHash"] != nil && cause.count == 2
            let byName = cause["source"] != nil && cause["id"] != nil && cause.count == 2
            if byPlace || byName { continue }
            at(.word("causes"), .index(index)) {
                $0.refuse(
                    .invalid, "name a cause by seq and leafHash, or by source and id",
                    "前因应写明 seq 和 leafHash，或 source 和 id")
            }
        }
    }

    private mutating func judgeParticipants(_ participants: JSONView?) {
        if let participants { judgeEvidence(participants) }
        for required in type.participants {
            judge(required, among: participants)
        }
    }

    private mutating func judgeEvidence(_ participants: JSONView) {
        var index = 0
        for participant in participants.elements {
            if let evidence = participant["evidence"], evidence.equals("documented"),
                participant["attachment"] == nil
            {
                at(.word("participants"), .index(index)) {
                    $0.refuse(
                        .missing,
                        "evidence \"documented\" names the attachment that documents it",
                        "佐证等级为 documented 时，应写明附件 attachment")
                }
            }
            index += 1
        }
    }

    private mutating func judge(_ required: RequiredParticipants, among list: JSONView?) {
        var count = 0
        var index = 0
        guard let list else {
            if required.minimum > 0 { refuseTooFew(required, 0) }
            return
        }
        for participant in list.elements {
            if let role = participant["role"], areSame(role.utf8, required.roleBytes) {
                if !required.isDistinct || !isNamed(participant, before: index, role, list) {
                    count += 1
                }
                if required.needsOpinion, participant["opinion"] == nil {
                    refuseNoOpinion(index)
                }
            }
            index += 1
        }
        if count < required.minimum { refuseTooFew(required, count) }
    }

    /// Whether an earlier participant in the same role is the same person.
    private func isNamed(
        _ participant: JSONView, before end: Int, _ role: JSONView, _ list: JSONView
    ) -> Bool {
        guard let person = participant["person"] else { return false }
        for other in list.elements.prefix(end) {
            if let otherRole = other["role"], areSame(otherRole.utf8, role.utf8),
                let otherPerson = other["person"], areSame(otherPerson.utf8, person.utf8)
            {
                return true
            }
        }
        return false
    }
}
