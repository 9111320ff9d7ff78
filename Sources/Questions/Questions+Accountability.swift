import Catalogue
import Projections
import Rules

extension Question {
    /// Cases of accountability, as the person in them asks.
    static let accountability: [Question] = [
        Question(
            46, .investigated, zh: "追责程序是否超过6个月/12个月，我何时被告知、申辩是否复核？",
            en: """
                Did the case exceed 6/12 months; when was I told; was my defence checked?
                """,
            parameters: [
                .person,
                Parameter(
                    .case, .needed, en: "the accountability case, or the case that it is about",
                    zh: "追责案件，或者所追责的案件"),
            ],
            answer: AccountabilityAnswers.terms)
    ]
}

enum AccountabilityAnswers {
    private static let personFields = [
        "accountability.fact-notified": "personInvestigated",
        "accountability.defence-heard": "personInvestigated",
        "accountability.responsibility-determined": "personResponsible",
        "accountability.decided": "personResponsible",
        "accountability.served": "personResponsible",
    ]

    static func terms(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let person = try arguments.neededPerson()
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("kind", en: "kind", zh: "类型"),
            Answer.Column("opened", en: "opened", zh: "立案日"),
            Answer.Column("decided", en: "decided", zh: "决定日"),
            Answer.Column("over6", en: "over 6 months", zh: "超过6个月"),
            Answer.Column("over12", en: "over 12 months", zh: "超过12个月"),
            Answer.Column("extended", en: "extended to", zh: "延长至"),
            Answer.Column("by", en: "extension approved by", zh: "延长批准机关"),
            Answer.Column("state", en: "time limit", zh: "办案期限"),
            Answer.Column("told", en: "told of the case", zh: "告知立案日"),
            Answer.Column("facts", en: "told the facts", zh: "告知事实日"),
            Answer.Column("heard", en: "defence heard", zh: "陈述申辩日"),
            Answer.Column("checked", en: "how it was checked", zh: "复核情况"),
            Answer.Column(
                "before", en: "checked before responsibility was determined", zh: "先复核后认定"),
            Answer.Column("served", en: "decision served", zh: "送达日"),
        ])
        for found in try await cases(past, arguments) where concerns(found, person) {
            let opened = found.first("accountability.case-opened")
            let decided = own("accountability.decided", found, person)
            let extended = found.last("accountability.extended")
            let facts = own("accountability.fact-notified", found, person)
            let heard = own("accountability.defence-heard", found, person)
            let determined = own("accountability.responsibility-determined", found, person)
            let served = own("accountability.served", found, person)
            let end =
                decided.map { $0.day("decidedOn") ?? $0.day }
                ?? found.last("accountability.closed")?.day ?? past.today
            let state = try await past.duties(
                Wanted(streams: [found.stream], ids: ["D.ac.decide"])
            ).last?.standing.state
            answer.add(
                [
                    .text(found.stream), reader.value(opened, "kind"), Value(day: opened?.day),
                    Value(day: decided.map { $0.day("decidedOn") ?? $0.day }),
                    isOver(6, opened, end), isOver(12, opened, end),
                    reader.value(extended, "newDue"), reader.value(extended, "approvedBy"),
                    state.map { Value($0) } ?? .none, reader.value(opened, "notifiedOn"),
                    reader.value(facts, "notifiedOn"), Value(day: heard?.day),
                    reader.value(heard, "checked"), isBefore(heard, determined),
                    reader.value(served, "servedOn"),
                ],
                records: found.records(
                    opened, decided, extended, facts, heard, determined, served))
        }
        answer.note(
            en: """
                Months run from the day the case was opened to the decision about the person, to \
                the case's closing, or to the moment asked. The limit of 6 months, 12 with an \
                extension, is that of a case of 处分 (D.ac.decide); other kinds have others.
                """,
            zh: "自立案之日起，至对本人作出决定、结案或者所问时点。6个月（经延长不超过12个月）为处分案件的办案期限（D.ac.decide），其他类型另有规定。")
        return answer
    }

    /// The case itself, or the accountability cases that are about it.
    private static func cases(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> [PastCase] {
        let named = try await arguments.needed(past)
        if named.stream.hasPrefix("accountability/") { return [named] }
        return try await past.cases(
            naming: .reference(named.stream), of: ["accountability"]
        ).filter { found in
            found.all("accountability.clue-received").contains {
                $0.text("relatedCase") == named.stream
            }
        }
    }

    private static func concerns(_ found: PastCase, _ person: String) -> Bool {
        let isInvestigated = found.all("accountability.case-opened").contains {
            $0.words("personsInvestigated").contains(person)
        }
        return isInvestigated || personFields.keys.contains { own($0, found, person) != nil }
    }

    /// The last entry of the type about the person.
    private static func own(_ type: String, _ found: PastCase, _ person: String) -> CaseEntry? {
        found.all(type).last { entry in
            personFields[type].map { entry.text($0) == person } ?? false
        }
    }

    private static func isOver(_ months: Int, _ opened: CaseEntry?, _ end: Int) -> Value {
        opened.map { .truth(end > WorkCalendar.day($0.day, months: months)) } ?? .none
    }

    private static func isBefore(_ heard: CaseEntry?, _ determined: CaseEntry?) -> Value {
        guard let determined else { return .none }
        return .truth(heard?.mayPrecede(determined) ?? false)
    }
}
