import Projections
import Rules

extension Question {
    /// Sealed identities.
    static let identities: [Question] = [
        Question(
            27, .supervision, zh: "有无举报人身份被调阅？谁、何时、为何、谁批准？",
            en: "Was any reporter identity opened: who, when, why, approved by whom?",
            answer: IdentityAnswers.openings)
    ]
}

enum IdentityAnswers {
    /// Every opening of what the vault keeps; what was asked about is never shown.
    static func openings(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("opened", en: "opened", zh: "调阅时间"),
            Answer.Column("viewers", en: "who saw it", zh: "查看人"),
            Answer.Column("fields", en: "what was opened", zh: "调阅字段"),
            Answer.Column("requesters", en: "who asked", zh: "申请人"),
            Answer.Column("purpose", en: "purpose", zh: "用途"),
            Answer.Column("ground", en: "legal ground", zh: "依据"),
            Answer.Column("about", en: "for the case", zh: "关联案件"),
            Answer.Column("approvers", en: "who approved", zh: "批准人"),
            Answer.Column("validUntil", en: "approved until", zh: "批准有效至"),
            Answer.Column("broken", en: "rules broken", zh: "违反规则"),
        ])
        let findings = try await past.findings(Wanted(procedures: ["vault"]))
        var (unapprovedCount, emergencyCount) = (0, 0)
        try await past.eachCase(of: "vault") { found in
            for opened in found.all(["vault.opened", emergency]) {
                let isEmergency = opened.type == emergency
                // Nobody approves an emergency: whatever was approved in the case, was not for it.
                let approved =
                    isEmergency ? nil : found.last("vault.access-approved", notAfter: opened)
                let requested =
                    isEmergency
                    ? nil : found.last("vault.access-requested", notAfter: approved ?? opened)
                if approved == nil { unapprovedCount += 1 }
                if isEmergency { emergencyCount += 1 }
                let judged = [opened, approved, requested].compactMap { $0?.sequence }
                let broken = findings.filter { finding in
                    finding.kind == .rule && (finding.entry.map(judged.contains) ?? false)
                }
                answer.add(
                    [
                        .text(found.stream), reader.value(opened, "openedAt"),
                        reader.persons(opened, "viewer"),
                        reader.value(opened, isEmergency ? "fieldNames" : "fieldsOpened"),
                        reader.persons(requested, "requester"),
                        isEmergency
                            ? reader.value(opened, "reason") : reader.value(requested, "purpose"),
                        reader.value(requested, "legalGround"),
                        reader.value(isEmergency ? opened : requested, "relatedCase"),
                        reader.persons(approved, "vault-approver"),
                        reader.value(approved, "validUntil"),
                        .some(broken.map { .broken($0) }),
                    ],
                    records: found.records(opened, approved, requested))
            }
        }
        answer.figure("openings", en: "openings", zh: "调阅次数", Value(answer.rows.count))
        answer.figure(
            "unapproved", en: "of these with no approval before", zh: "其中此前无批准",
            Value(unapprovedCount))
        answer.figure(
            "emergencies", en: "of these in an emergency", zh: "其中紧急调阅", Value(emergencyCount))
        return answer
    }

    static let emergency = "vault.emergency-opened"
}
