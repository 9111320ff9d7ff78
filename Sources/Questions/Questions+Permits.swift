import Projections
import Rules

extension Question {
    /// Licences.
    static let permits: [Question] = [
        Question(
            18, .audit, zh: "许可决定前未调取信用状况的办件？",
            en: "Licence decisions with no credit query before them?",
            parameters: [.year(.all)], answer: PermitAnswers.withoutCredit)
    ]
}

enum PermitAnswers {
    /// Licences granted or refused before which the credit status was not retrieved.
    static func withoutCredit(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("item", en: "item", zh: "事项"),
            Answer.Column("decision", en: "decision", zh: "决定"), .docNo, .decided,
            Answer.Column("queried", en: "credit queried", zh: "调取日"), .finding,
        ])
        let breaches = try await past.findings(of: "R291")
        var count = 0
        try await past.eachCase(of: "permit") { found in
            for decided in found.all(["permit.granted", "permit.refused"])
            where arguments.period.contains(decided.day) {
                count += 1
                let queries = found.all("permit.credit-queried")
                guard !queries.contains(where: { $0.mayPrecede(decided) }) else { continue }
                let applied = found.last("permit.applied")
                answer.add(
                    [
                        .text(found.stream), reader.value(applied, "itemCode"),
                        reader.title(ofType: decided.type), reader.value(decided, "docNo"),
                        .day(decided.day), Value(day: queries.first?.day),
                        Value(breaches[decided.sequence]),
                    ], records: found.records(applied, decided, queries.first))
            }
        }
        answer.figure("decided", en: "licences decided", zh: "许可决定", Value(count))
        answer.figure("without", en: "without a query before", zh: "未调取", Value(answer.rows.count))
        return answer
    }
}
