import Catalogue
import Projections
import Rules

extension Question {
    /// What a reporter may see of his report.
    static let progress: [Question] = [
        Question(
            50, .reporter, zh: "凭查询码查看办理进度，不暴露身份；是否已领奖、是否到期？",
            en: "Progress by query code with no identity; reward state and time left",
            parameters: [
                Parameter(
                    .code, .needed, en: "the register number as he was told it", zh: "告知举报人的举报编号")
            ],
            answer: ProgressAnswers.progress)
    ]
}

/// Steps and days alone: whoever has the code learns nothing of who reported, of what was said or
/// of who deals with it.
enum ProgressAnswers {
    /// Steps of a report and of a reward that a reporter may see.
    private static let steps: Set = [
        "report.received", "report.accepted", "report.not-accepted", "report.forwarded",
        "report.assigned", "report.verified", "report.extended", "report.concluded",
        "report.fed-back", "report.review-requested", "report.review-concluded", "report.merged",
        "report.divided", "report.closed", "reward.approved", "reward.notified",
        "reward.extension-granted", "reward.claimed", "reward.forfeited",
    ]

    static func progress(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        let found = try await report(past, arguments)
        var answer = Answer([
            Answer.Column("step", en: "step", zh: "步骤"), .day,
            Answer.Column("result", en: "result", zh: "结果"),
        ])
        let rewards = try await past.cases(
            naming: .reference(found.stream), of: ["reward"]
        ).filter { reward in
            reward.last("reward.eligibility-checked")?.text("report") == found.stream
        }
        for one in [found] + rewards {
            for entry in one.entries where steps.contains(entry.type) {
                // The conclusion is told to the reporter anyway; nothing else of the fields is.
                let result = entry.type == "report.concluded" ? entry.text("result") : nil
                answer.add(
                    [reader.title(ofType: entry.type), .day(entry.day), Value(result)],
                    records: one.records(entry))
            }
        }
        let catalogue = past.shelf.newest.catalogue
        answer.figure("stage", en: "stage", zh: "阶段", PartyAnswers.stage(found, catalogue))
        let closing = try await past.duties(
            Wanted(streams: [found.stream], ids: ["D.rp.close"])
        ).last?.standing
        answer.figure("due", en: "to be concluded by", zh: "办结期限", Value(day: closing?.dueDay))
        answer.figure(
            "state", en: "time limit", zh: "期限状态", closing.map { Value($0.state) } ?? .none)
        try await addReward(past, rewards, &answer)
        return answer
    }

    /// Only by the exact number: no list can be had, and no other name of a case.
    private static func report(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> PastCase {
        let code = DocumentNumber.normalised(arguments.code ?? "")
        for found in try await past.cases(naming: .alias(code), of: ["report"]) {
            let own = found.last("report.received")?.text("registerNo")
            if own.map(DocumentNumber.normalised) == code { return found }
        }
        throw ProjectionError(
            en: "no report has this code", zh: "查询码不存在", kind: .unknownName)
    }

    private static func addReward(
        _ past: any PastView, _ rewards: [PastCase], _ answer: inout Answer
    ) async throws(ProjectionError) {
        let wanted = Wanted(streams: Set(rewards.map(\.stream)), ids: ["D.rw.claim"])
        let claim = rewards.isEmpty ? nil : try await past.duties(wanted).last?.standing
        let entries = rewards.flatMap(\.entries)
        func has(_ type: String) -> Bool { entries.contains { $0.type == type } }
        let state: Value
        if has("reward.claimed") {
            state = .words(en: "claimed", zh: "已领取")
        } else if has("reward.forfeited") || claim?.state == .deemed {
            state = .words(en: "time is over, given up", zh: "逾期视为放弃")
        } else if has("reward.notified") {
            state = .words(en: "to be claimed", zh: "待领取")
        } else if has("reward.approved") {
            state = .words(en: "approved", zh: "已审批")
        } else {
            state =
                rewards.isEmpty
                ? .words(en: "none", zh: "无") : .words(en: "being looked at", zh: "审查中")
        }
        answer.figure("reward", en: "reward", zh: "奖励", state)
        answer.figure("claimBy", en: "to be claimed by", zh: "领取期限", Value(day: claim?.dueDay))
        let isOpen = claim.map { $0.state == .running } ?? false
        let left = claim?.dueDay.map { $0 - past.today }
        answer.figure(
            "left", en: "days left", zh: "剩余天数",
            isOpen ? left.map { Value($0) } ?? .none : .none)
    }
}
