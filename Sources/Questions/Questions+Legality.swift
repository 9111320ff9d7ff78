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
            parameters: [.year(.number(2023))], answer: LegalityAnswers.unreviewedDecisions)
    ]
}

enum LegalityAnswers {
    /// Decisions issued in the year that were put up for deliberation before any opinion.
    static func unreviewedDecisions(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("title", en: "title", zh: "名称"),
            Answer.Column("docNo", en: "document number", zh: "文号"),
            Answer.Column("issued", en: "issued", zh: "签发日"),
            Answer.Column("submitted", en: "put up for deliberation", zh: "提交讨论日"),
            Answer.Column("reviewed", en: "first opinion", zh: "首次审查意见日"),
        ])
        var issuedCount = 0
        try await past.eachCase(of: "decision") { found in
            guard
                let issued = found.all("decision.issued").last(where: {
                    arguments.period.contains($0.day)
                })
            else { return }
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
}
