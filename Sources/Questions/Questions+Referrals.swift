import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Rules

extension Question {
    /// Handing over to the police and to other organs.
    static let referrals: [Question] = [
        Question(
            23, .supervision, zh: "应当移送公安而未移送、以罚代刑的疑似案件？",
            en: """
                Cases where a crime was suspected in review but a penalty was made with no referral
                """,
            parameters: [.year(.all)], answer: ReferralAnswers.penaltyInstead),
        Question(
            24, .supervision, zh: "移送公安的案件各环节是否满足3日/24小时？",
            en: "Did each referral meet 3 days / 24 hours?",
            parameters: [.year(.all)], answer: ReferralAnswers.steps),
        Question(
            25, .supervision, zh: "负有安全监管职责各部门移送数、查办数（年度考核）？",
            en: "Transfers and handled cases by department for the yearly assessment",
            parameters: [.year()], answer: TransferAnswers.byDepartment),
    ]
}

enum ReferralAnswers {
    /// Penalty cases in whose review a crime was suspected and that were not referred.
    static func penaltyInstead(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .party, Answer.Column("reviewed", en: "suspected", zh: "审核发现日"),
            .docNo, .decided, Answer.Column("kind", en: "what", zh: "情形"),
            Answer.Column("referral", en: "referral case", zh: "行刑衔接案件"), .finding,
        ])
        let breaches = try await past.findings(of: "R202", "R371")
        for stream in try await past.streams(of: "penalty") {
            guard let found = try await past.pastCase(stream) else { continue }
            let decided = found.last("penalty.decided")
            let review =
                decided.map { found.last("penalty.legality-reviewed", notAfter: $0) }
                ?? found.last("penalty.legality-reviewed")
            guard let latest = decided ?? review, arguments.period.contains(latest.day) else {
                continue
            }
            // The finding knows of reviews in cases that this one goes on with, too.
            let breach = decided.flatMap { breaches[$0.sequence] }
            let isReferred = found.all("penalty.referred-out").contains { referred in
                decided.map { referred.mayPrecede($0) } ?? true
            }
            let isSuspected = review?.flag("crimeSuspected") == true
            guard breach != nil || isSuspected && !isReferred else { continue }
            let referrals = try await past.streams(naming: .reference(stream)).filter {
                $0.hasPrefix("criminal-referral/")
            }
            answer.add(
                [
                    .text(stream),
                    reader.value(found.last("penalty.clue-registered"), "partyName"),
                    Value(day: review?.day), reader.value(decided, "docNo"),
                    Value(day: decided?.day),
                    .phrase(kind(isDecided: decided != nil)),
                    referrals.isEmpty ? .none : .list(referrals.map { .text($0) }),
                    Value(breach),
                ], records: found.records(review, decided))
        }
        answer.figure(
            "instead", en: "penalty in place of referral", zh: "以罚代刑（疑似）",
            Value(answer.rows.count { answer.value($0, "decided") != Value.none }))
        answer.figure("count", en: "not referred in all", zh: "应移送未移送合计", Value(answer.rows.count))
        answer.note(
            en: """
                Suspected is what the last review before the decision says. A referral case that \
                names the penalty is listed beside it: whether it came in time is question 24.
                """,
            zh: """
                以决定前最近一次法制审核的记载为准。指向该处罚案件的行刑衔接案件列于其后，各环节是否及时见第 24 问。
                """)
        return answer
    }

    private static func kind(isDecided: Bool) -> Phrase {
        isDecided
            ? Phrase(en: "penalty with no referral before", zh: "未移送即处罚")
            : Phrase(en: "not referred so far", zh: "至今未移送")
    }

    /// The limits of each referral: three days to decide, twenty-four hours to hand over.
    static func steps(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("relatedCase", en: "case", zh: "关联案件"),
            Answer.Column("submitted", en: "report", zh: "书面报告日"),
            Answer.Column("approved", en: "approved", zh: "批准时间"),
            Answer.Column("approval", en: "3 days", zh: "3 日内决定"),
            Answer.Column("transferred", en: "handed over", zh: "移送时间"),
            Answer.Column("transfer", en: "24 hours", zh: "24 小时内移送"),
            Answer.Column("police", en: "police, 3 days", zh: "公安 3 日内审查"),
        ])
        let ids = ["D.rf.approve", "D.rf.transfer", "D.rf.police"]
        let standings = try await past.duties(Wanted(ids: Set(ids))).map(\.standing)
        let byStream = Dictionary(grouping: standings, by: \.stream)
        var missed = 0
        try await past.eachCase(of: "criminal-referral") { found in
            let own = byStream[found.stream] ?? []
            let suspected = found.last("criminal-referral.suspected")
            let submitted = found.last("criminal-referral.report-submitted")
            guard !own.isEmpty, let first = suspected ?? submitted ?? found.entries.first,
                arguments.period.contains(first.day)
            else { return }
            let approved = found.last("criminal-referral.approved")
            let transferred = found.last("criminal-referral.transferred")
            missed += own.contains { $0.isBreach && $0.duty.id != "D.rf.police" } ? 1 : 0
            let states = ids.map { id -> Value in
                let some = own.filter { $0.duty.id == id }
                return some.isEmpty ? .none : .list(some.map { .phrase($0.state.title) })
            }
            answer.add(
                [
                    .text(found.stream), reader.value(suspected, "relatedCase"),
                    reader.value(submitted, "submittedOn"), reader.value(approved, "approvedAt"),
                    states[0], reader.value(transferred, "transferredAt"), states[1], states[2],
                ],
                records: own.flatMap(\.records)
                    + found.records(suspected, submitted, approved, transferred))
        }
        answer.figure(
            "missed", en: "referrals in which the bureau missed a limit", zh: "本机关超过时限的移送",
            Value(missed))
        answer.note(
            en: """
                so310 5(2): three days to decide on the written report, 24 hours to hand over once \
                approved. The police's three days are not the bureau's duty.
                """,
            zh: "移送规定第5条第2款：接到书面报告 3 日内决定，批准后 24 小时内移送；公安机关的 3 日不是本机关的义务。")
        return answer
    }
}
