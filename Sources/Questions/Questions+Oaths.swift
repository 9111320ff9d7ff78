import Projections
import Rules

extension Question {
    /// Constitutional oaths.
    static let oaths: [Question] = [
        Question(
            35, .supervision, zh: "应宣誓未宣誓的任职人员？",
            en: "Appointees who have not taken the oath", answer: OathAnswers.unsworn)
    ]
}

enum OathAnswers {
    static func unsworn(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .person, Answer.Column("appointment", en: "appointment", zh: "任职"),
            Answer.Column("appointed", en: "appointed on", zh: "任命日"),
            Answer.Column("by", en: "appointed by", zh: "任命机关"), .due, .state,
        ])
        var elsewhereCount = 0
        for owed in try await past.duties(Wanted(procedures: ["oath"], ids: ["D.oa"])) {
            let standing = owed.standing
            guard standing.end == nil, let found = try await past.pastCase(standing.stream),
                let arose = found.entry(standing.start)
            else { continue }
            if try await isSworn(past, arose) {
                elsewhereCount += 1
                continue
            }
            answer.add(
                [
                    .text(found.stream), reader.value(arose, "person"),
                    reader.value(arose, "appointment"), reader.value(arose, "appointedOn"),
                    reader.value(arose, "appointedBy"), Value(day: standing.dueDay),
                    Value(standing.state),
                ],
                records: found.records(arose, found.last("oath.excused")))
        }
        answer.figure(
            "overdue", en: "of these overdue", zh: "其中逾期",
            Value(
                answer.rows.count { answer.value($0, "state") == Value(DutyStanding.State.overdue) }
            ))
        answer.figure(
            "elsewhere", en: "sworn with others, in another case", zh: "在其他案件中集体宣誓",
            Value(elsewhereCount))
        return answer
    }

    /// Whether the person swore in a ceremony that another case records.
    private static func isSworn(
        _ past: any PastView, _ arose: CaseEntry
    ) async throws(ProjectionError) -> Bool {
        guard let person = arose.text("person") else { return false }
        let first = arose.day("appointedOn") ?? arose.day
        return try await past.cases(naming: .person(person), of: ["oath"]).contains { found in
            found.all("oath.held").contains { held in
                held.day >= first
                    && held.participants.contains { $0.role == "swearer" && $0.person == person }
            }
        }
    }
}
