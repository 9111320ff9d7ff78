import Projections
import Rules

extension Question {
    /// What was published and had to go.
    static let takenDown: [Question] = [
        Question(
            32, .supervision, zh: "处罚决定被撤销后3日内未撤回公示的？",
            en: "Revoked penalties not withdrawn from publication in 3 working days",
            answer: TakenDownAnswers.stillPublic)
    ]
}

enum TakenDownAnswers {
    static func stillPublic(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .docNo, Answer.Column("result", en: "what became of it", zh: "处理结果"),
            Answer.Column("by", en: "decided by", zh: "作出机关"),
            Answer.Column("changed", en: "changed on", zh: "变更撤销日"), .due,
            Answer.Column("withdrawn", en: "withdrawn", zh: "撤回公示日"), .state,
            Answer.Column("late", en: "working days late", zh: "逾期工作日"),
        ])
        let owed = try await past.duties(
            Wanted(procedures: ["penalty"], ids: ["P.pn.removal"]))
        let calendar = past.shelf.newest.calendar
        for standing in owed.map(\.standing) where standing.isBreach {
            guard let found = try await past.pastCase(standing.stream) else { continue }
            let changed = found.entry(standing.start)
            let late = standing.dueDay.map {
                calendar.workdays(from: $0, to: standing.endDay ?? past.today)
            }
            answer.add(
                [
                    .text(found.stream), reader.value(found.last("penalty.decided"), "docNo"),
                    reader.value(changed, "result"), reader.value(changed, "decidedBy"),
                    reader.value(changed, "changedOn"), Value(day: standing.dueDay),
                    Value(day: standing.endDay), Value(standing.state),
                    late.map { Value($0) } ?? .none,
                ],
                records: found.records(changed) + [standing.end].compactMap(\.self))
        }
        answer.figure("owed", en: "had to be withdrawn", zh: "应撤回公示", Value(owed.count))
        answer.figure(
            "broken", en: "of these late or not at all", zh: "其中逾期或者未撤回", Value(answer.rows.count))
        return answer
    }
}
