import Catalogue
import Phrases
import Projections
import Rules

extension Question {
    /// Legality review and public comment.
    static let legality: [Question] = [
        Question(
            1, .audit, zh: "2023年签发的重大行政决策中，哪些在提交讨论前没有合法性审查意见？",
            en: """
                Which major decisions issued in 2023 reached deliberation with no legality opinion \
                before it?
                """,
            parameters: [.year(.number(2023))], answer: LegalityAnswers.unreviewedDecisions),
        Question(
            2, .audit, zh: "合法性审查四类对象各自的覆盖率是多少，分母怎样构成？",
            en: """
                Coverage of legality review for each of the four kinds, and what makes up each \
                denominator?
                """,
            parameters: [.year()], answer: LegalityAnswers.coverage),
        Question(
            3, .audit, zh: "哪些合同的签订文本与审查文本哈希不一致？",
            en: "Which contracts were signed with a text other than the one reviewed?",
            parameters: [.year(.all)], answer: LegalityAnswers.otherText),
        Question(
            4, .audit, zh: "有多少合法性审查用时少于7个工作日？理由是什么？",
            en: "How many legality reviews took under 7 working days, and why?",
            parameters: [.year(.all)], answer: ReviewTimeAnswers.quickReviews),
        Question(
            5, .audit, zh: "公开征求意见不足30日的有哪些，是否公布缩短理由？",
            en: "Which public comment periods were under 30 days and was the reason published?",
            parameters: [.year(.all)], answer: ReviewTimeAnswers.shortComments),
    ]
}

enum LegalityAnswers {
    /// Decisions issued in the year that were put up for deliberation before any opinion.
    static func unreviewedDecisions(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("title", en: "title", zh: "名称"), .docNo,
            Answer.Column("issued", en: "issued", zh: "签发日"),
            Answer.Column("submitted", en: "put up for deliberation", zh: "提交讨论日"),
            Answer.Column("reviewed", en: "first opinion", zh: "首次审查意见日"),
        ])
        var issuedCount = 0
        try await past.eachCase(of: "decision") { found in
            let inYear = found.all("decision.issued").filter {
                arguments.period.contains($0.day)
            }
            guard let issued = inYear.last else { return }
            issuedCount += 1
            let submission =
                found.first("decision.submitted-for-deliberation")
                ?? found.first("decision.deliberated")
            let review = found.first("decision.legality-reviewed")
            guard let submission, !(review?.mayPrecede(submission) ?? false) else { return }
            answer.add(
                [
                    .text(found.stream), reader.value(found.first("decision.proposed"), "title"),
                    reader.value(issued, "docNo"), .day(issued.day), .day(submission.day),
                    Value(day: review?.day),
                ],
                records: found.records(issued, submission, review))
        }
        answer.figure("issued", en: "issued in the year", zh: "当年签发", Value(issuedCount))
        answer.figure(
            "without", en: "of these without an opinion before", zh: "其中讨论前无审查意见",
            Value(answer.rows.count))
        return answer
    }

    /// What is counted of each kind, and by which indicator.
    private static let kinds: [(id: String, en: String, zh: String)] = [
        ("I.legality.decision", "all decisions issued", "签发的全部重大行政决策"),
        (
            "I.legality.normdoc", "documents published that were proposed as important",
            "发布的、立项时认定为重要的规范性文件"
        ),
        (
            "I.legality.contract", "contracts signed that were initiated as important",
            "签订的、提出时认定为重要的合同"
        ),
        (
            "I.legality.penalty", "penalties with a ground for review, or after a hearing",
            "列有法制审核情形或者经过听证的处罚决定"
        ),
        (
            "I.legality.coercion", "coercive measures on the list of major decisions",
            "列入重大执法决定目录的强制决定"
        ),
        (
            "I.legality.permit", "licences on the list of major decisions, or after a hearing",
            "列入重大执法决定目录或者经过听证的许可决定"
        ),
        ("I.legality.enforcement", "the three before together", "以上三项合计"),
    ]

    /// The four kinds by their indicators; the fourth, enforcement, is made up of three.
    static func coverage(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let figures = try await past.figures(
            arguments.period, of: Set(kinds.map(\.id)))
        var answer = Answer([
            Answer.Column("indicator", en: "indicator", zh: "指标"),
            Answer.Column("title", en: "kind", zh: "类别"),
            Answer.Column("reviewed", en: "reviewed", zh: "已审查"),
            Answer.Column("all", en: "denominator", zh: "分母"),
            Answer.Column("percent", en: "coverage", zh: "覆盖率"),
            Answer.Column("unknown", en: "not known", zh: "无法判断"),
            Answer.Column("makeup", en: "what makes up the denominator", zh: "分母构成"),
        ])
        for kind in kinds {
            guard let figure = figures.first(where: { $0.indicator.id == kind.id }) else {
                continue
            }
            answer.add(
                [
                    .text(kind.id), .phrase(figure.indicator.title), Value(figure.numerator),
                    Value(figure.denominator ?? 0), Value(figure.percent),
                    Value(figure.unknown.count), .phrase(.init(en: kind.en, zh: kind.zh)),
                ], records: figure.all)
        }
        for (id, en, zh) in [
            ("I.normdoc.count", "normative documents published in all", "发布的规范性文件总数"),
            ("I.contract.count", "contracts signed in all", "签订的合同总数"),
        ] {
            let figure = figures.first { $0.indicator.id == id }
            answer.figure(id, en: en, zh: zh, Value(figure?.numerator ?? 0))
        }
        answer.note(
            en: "Where there is nothing to review there is no coverage, and not 100 %.",
            zh: "没有应审查的，覆盖率为空，不作 100% 计。")
        return answer
    }

    /// Signed contracts whose text is not that of the last opinion before the signing.
    static func otherText(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("title", en: "title", zh: "名称"),
            Answer.Column("contractNo", en: "contract number", zh: "合同编号"),
            Answer.Column("important", en: "important", zh: "重要合同"),
            Answer.Column("signed", en: "signed", zh: "签订日"),
            Answer.Column("reviewedFile", en: "text reviewed", zh: "审查文本"),
            Answer.Column("signedFile", en: "text signed", zh: "签订文本"), .finding,
        ])
        let breaches = try await past.findings(of: "R090")
        var (signedCount, unreviewedCount) = (0, 0)
        try await past.eachCase(of: "contract") { found in
            for signed in found.all("contract.signed")
            where arguments.period.contains(signed.day) {
                signedCount += 1
                guard let review = found.last("contract.legality-reviewed", notAfter: signed)
                else {
                    unreviewedCount += 1
                    continue
                }
                guard review.text("reviewedFile") != signed.text("signedFile") else { continue }
                let initiated = found.last("contract.initiated")
                answer.add(
                    [
                        .text(found.stream), reader.value(initiated, "title"),
                        reader.value(signed, "contractNo"),
                        reader.value(initiated, "important"), .day(signed.day),
                        reader.value(review, "reviewedFile"),
                        reader.value(signed, "signedFile"), Value(breaches[signed.sequence]),
                    ], records: found.records(review, signed))
            }
        }
        answer.figure("signed", en: "contracts signed", zh: "签订的合同", Value(signedCount))
        answer.figure(
            "unreviewed", en: "of these with no opinion before", zh: "其中签订前无审查意见",
            Value(unreviewedCount))
        answer.note(
            en: "Compared are the digests of the attachments; R090 asks it of important contracts.",
            zh: "比较的是附件的哈希；规则 R090 只约束重要合同。")
        return answer
    }
}
