import CanonicalJSON
import Phrases
import Projections
import Rules

extension Question {
    /// Rewards of reporters.
    static let rewards: [Question] = [
        Question(
            12, .audit, zh: "举报奖励发放总额、依据与罚款额的15%是否一致？",
            en: "Total rewards paid, and does each equal 15% of its fine within the limits?",
            parameters: [.year(.all)], answer: RewardAnswers.amounts),
        Question(
            13, .audit, zh: "奖励是否有已知人员或监管人员近亲属领取？（不揭示身份）",
            en: "Was any reward claimed by staff or kin? (answer without identities)",
            parameters: [.year(.all)], answer: RewardAnswers.claimedByStaff),
    ]
}

enum RewardAnswers {
    /// Every reward that was computed, beside what its rule comes to.
    static func amounts(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("rule", en: "rule", zh: "计算规则"),
            Answer.Column("fine", en: "fine", zh: "罚款"),
            Answer.Column("expected", en: "by the rule", zh: "应为"),
            Answer.Column("computed", en: "computed", zh: "核定"),
            Answer.Column("approved", en: "approved", zh: "批准"),
            Answer.Column("claimed", en: "claimed", zh: "领取日"),
            Answer.Column("agrees", en: "agrees", zh: "一致"),
        ])
        var (paid, approvedSum, differing) = (Int64(0), Int64(0), 0)
        try await past.eachCase(of: "reward") { found in
            guard let computed = found.last("reward.amount-computed"),
                arguments.period.contains(computed.day)
            else { return }
            let approved = found.last("reward.approved")
            let claimed = found.last("reward.claimed")
            let amount = approved?.number("amount") ?? 0
            approvedSum += amount
            if claimed != nil { paid += amount }
            let expected = expectedAmount(computed)
            let amounts = [computed.number("amount"), approved?.number("amount")]
            let agrees = expected.map { expected in
                amounts.compactMap(\.self).allSatisfy { $0 == expected }
            }
            if agrees == false { differing += 1 }
            answer.add(
                [
                    .text(found.stream), reader.value(computed, "rule"),
                    reader.value(computed, "fine"), expected.map { .fen($0) } ?? .none,
                    reader.value(computed, "amount"), reader.value(approved, "amount"),
                    Value(day: claimed?.day), agrees.map { .truth($0) } ?? .none,
                ], records: found.records(computed, approved, claimed))
        }
        answer.figure("paid", en: "paid in all", zh: "发放总额", .fen(paid))
        answer.figure("approved", en: "approved in all", zh: "批准总额", .fen(approvedSum))
        answer.figure("differing", en: "not as the rule says", zh: "与规则不一致", Value(differing))
        answer.note(
            en: """
                15 % of the fine, at least CNY 3,000 and at most CNY 300,000; for concealed deaths \
                CNY 30,000 to 60,000 each by the grade of the accident, at most CNY 300,000 (arr18 \
                11). Local standards are not in the catalogue, and their amounts not checked. Paid \
                is what was claimed.
                """,
            zh: """
                按罚款的 15%，不低于 3000 元、不高于 30 万元；瞒报按事故等级每人 3 万至 6 万元，最高 30 \
                万元（举报奖励办法第11条）。地方标准不在目录中，其数额不核对。发放以领取为准。
                """)
        return answer
    }

    private static let (lowest, highest) = (Int64(300_000), Int64(30_000_000))

    /// What the named rule comes to, in fen; nil of a local standard, and without its numbers.
    private static func expectedAmount(_ computed: CaseEntry) -> Int64? {
        switch computed.text("rule") {
        case "处罚金额15%":
            return computed.number("fine").map { min(max($0 * 15 / 100, lowest), highest) }
        case "瞒报按人数":
            let each: [String: Int64] = [
                "一般": 3_000_000, "较大": 4_000_000, "重大": 5_000_000, "特别重大": 6_000_000,
            ]
            guard let grade = computed.text("accidentGrade"), let amount = each[grade],
                let deaths = computed.number("deathsConcealed")
            else { return nil }
            return min(deaths * amount, highest)
        default: return nil
        }
    }

    /// Claimed rewards whose claimant the check of eligibility found to be staff or kin, or that
    /// nobody checked.
    static func claimedByStaff(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("checked", en: "checked", zh: "审查日"),
            Answer.Column("excluded", en: "staff or kin", zh: "监管人员及近亲属"),
            Answer.Column("result", en: "result of the check", zh: "审查结论"),
            Answer.Column("claimed", en: "claimed", zh: "领取日"),
            Answer.Column("approver", en: "approved by", zh: "审批人"),
        ])
        var (claims, unchecked) = (0, 0)
        try await past.eachCase(of: "reward") { found in
            guard let claimed = found.last("reward.claimed"),
                arguments.period.contains(claimed.day)
            else { return }
            claims += 1
            let check = found.last("reward.eligibility-checked")
            if check == nil { unchecked += 1 }
            guard check?.flag("excludedStaff") != false else { return }
            let approved = found.last("reward.approved")
            answer.add(
                [
                    .text(found.stream), Value(day: check?.day),
                    reader.value(check, "excludedStaff"), reader.value(check, "result"),
                    .day(claimed.day), reader.persons(approved, "approver"),
                ], records: found.records(check, approved, claimed))
        }
        answer.figure("claims", en: "rewards claimed", zh: "领取的奖励", Value(claims))
        answer.figure(
            "excluded", en: "by staff or kin, by the check", zh: "审查认定为监管人员及近亲属",
            Value(answer.rows.count { answer.value($0, "excluded") == .truth(true) }))
        answer.figure("unchecked", en: "never checked", zh: "未经资格审查", Value(unchecked))
        answer.note(
            en: """
                The ledger holds what the check of eligibility found, not who claimed: the payee \
                is sealed. Whether the check was right can be seen only by comparing names in the \
                vault, with approval.
                """,
            zh: """
                账本只载资格审查的结论；领取人身份密封，不在答复之列。结论是否属实，须经批准在身份保管库\
                中比对，账本本身无从得知。
                """)
        return answer
    }
}
