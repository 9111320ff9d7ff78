import Catalogue
import Projections
import Rules

extension Question {
    /// Requests for information.
    static let requests: [Question] = [
        Question(
            33, .supervision, zh: "依申请公开中征求第三方意见时间是否正确扣除？",
            en: "FOI clocks: was consultation time excluded rightly?",
            answer: RequestAnswers.consultationClocks)
    ]
}

/// The reply's clock with and without the days of consulting: ogi19 33(3).
enum RequestAnswers {
    static func consultationClocks(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("started", en: "clock starts", zh: "起算日"),
            Answer.Column("excluded", en: "working days excluded", zh: "扣除工作日"),
            Answer.Column("used", en: "working days used", zh: "实用工作日"),
            Answer.Column("plain", en: "last day without exclusion", zh: "不扣除的期限"), .due,
            Answer.Column("extended", en: "extended to", zh: "延长至"),
            Answer.Column("replied", en: "replied", zh: "答复日"), .state,
            Answer.Column("sentDiffers", en: "sent on another day than entered", zh: "发出日与事件日不一致"),
            Answer.Column("verdict", en: "verdict", zh: "结论"),
        ])
        let owed = try await past.duties(Wanted(procedures: ["foi"], ids: ["D.foi.reply"]))
        let calendar = past.shelf.newest.calendar
        for standing in owed.map(\.standing) {
            guard let found = try await past.pastCase(standing.stream) else { continue }
            let asked = found.all(["foi.third-party-consulted", "foi.agency-consulted"])
            guard !asked.isEmpty else { continue }
            let received = found.entry(standing.start)
            let end = standing.endDay ?? past.today
            let spans = spans(found, asked, from: standing.startDay, through: end)
            let excluded = spans.reduce(0) { $0 + calendar.workdays(from: $1.0, to: $1.1) }
            let all = calendar.workdays(from: standing.startDay, to: end)
            let plain = plainEnd(calendar, standing)
            let extended = found.last("foi.extended")
            let differs = asked.contains { $0.day("sentOn") != $0.day }
            answer.add(
                [
                    .text(found.stream), .day(standing.startDay), Value(excluded),
                    Value(all - excluded), Value(day: plain), Value(day: standing.dueDay),
                    reader.value(extended, "newDue"), Value(day: standing.endDay),
                    Value(standing.state), .truth(differs),
                    verdict(standing, plain, end: end, isExtended: extended != nil),
                ],
                records: found.records([received].compactMap(\.self) + asked)
                    + found.records(extended) + [standing.end].compactMap(\.self))
        }
        answer.figure(
            "requests", en: "requests with a consultation", zh: "有征求意见的申请", Value(answer.rows.count)
        )
        answer.note(
            en: """
                The clock stands from the day of the consultation's entry to that of the answer or \
                of its lapse; where the day of sending differs, the exclusion must be looked at.
                """,
            zh: "自征求意见事件之日起至答复或者期满之日止不计入期限；发出日与事件日不一致的，扣除是否正确须核对。")
        return answer
    }

    private static func plainEnd(_ calendar: WorkCalendar, _ standing: DutyStanding) -> Int? {
        guard case .term(let term, _, _) = standing.duty.clock,
            case .day(let day, _)? = calendar.end(of: term, after: standing.startDay)
        else { return nil }
        return day
    }

    /// The days of consulting, each once, cut to the clock's.
    private static func spans(
        _ found: PastCase, _ asked: [CaseEntry], from first: Int, through last: Int
    ) -> [(Int, Int)] {
        var spans: [(Int, Int)] = []
        for entry in asked {
            let answers: Set =
                entry.type == "foi.third-party-consulted"
                ? ["foi.third-party-replied", "foi.consultation-lapsed"]
                : ["foi.agency-replied", "foi.consultation-lapsed"]
            let later = found.entries.drop { $0.sequence != entry.sequence }.dropFirst()
            let end = later.first { answers.contains($0.type) }?.day ?? last
            let (from, to) = (max(entry.day, first), min(end, last))
            guard from < to else { continue }
            if let newest = spans.last, from <= newest.1 {
                spans[spans.count - 1].1 = max(newest.1, to)
            } else {
                spans.append((from, to))
            }
        }
        return spans
    }

    private static func verdict(
        _ standing: DutyStanding, _ plain: Int?, end: Int, isExtended: Bool
    ) -> Value {
        switch standing.state {
        case .late: return .words(en: "late even with the exclusion", zh: "扣除后仍逾期答复")
        case .overdue: return .words(en: "overdue even with the exclusion", zh: "扣除后仍逾期未答复")
        case .lapsed: return .words(en: "nothing is owed any more", zh: "不再需要答复")
        case .paused: return .words(en: "the clock stands", zh: "征求意见中")
        default: break
        }
        if let plain, end <= plain { return .words(en: "in time without exclusion", zh: "不扣除亦未逾期") }
        return isExtended
            ? .words(en: "in time by the extension", zh: "因延长而未逾期")
            : .words(en: "in time by the exclusion alone", zh: "仅因扣除而未逾期")
    }
}
