import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Records
import Rules

extension Question {
    /// Duties and time limits.
    static let supervision: [Question] = [
        Question(
            19, .inspectorate, zh: "今年第一季度应公布的目录和年度报告是否按时？",
            en: "Were the decision catalogue and annual report out in Q1?",
            parameters: [.year()], answer: DutyAnswers.firstQuarter),
        Question(
            20, .supervision, zh: "目前所有未到期、已到期、已逾期的义务清单（按责任人）？",
            en: "All open, due and overdue duties now, by responsible person",
            parameters: [
                Parameter(.person, .all, en: "only this person's", zh: "只看此人的")
            ],
            answer: DutyAnswers.owed),
        Question(
            21, .supervision, zh: "超过90日未作处罚决定的案件及中止、鉴定时间？",
            en: "Cases past 90 days with no decision, with suspended and appraisal time",
            answer: LongCaseAnswers.pastNinetyDays),
        Question(
            22, .supervision, zh: "未在7个工作日内公示的处罚决定？",
            en: "Penalties not published within 7 working days",
            parameters: [.year(.all)], answer: DutyAnswers.unpublished),
        Question(
            26, .supervision, zh: "12350举报超60日未办结、延期未经上一级批准的？",
            en: "Reports past 60 days, or extended with no approval from above",
            parameters: [.year(.all)], answer: LongCaseAnswers.lateReports),
    ]
}

enum DutyAnswers {
    /// What had to be public, and what sent, in the first quarter of the year.
    static func firstQuarter(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            Answer.Column("duty", en: "duty", zh: "义务"),
            Answer.Column("what", en: "what", zh: "事项"), .due,
            Answer.Column("done", en: "done", zh: "完成日"), .state,
            Answer.Column("url", en: "web address", zh: "网址"),
        ])
        let ids = ["P.dc", "P.ar", "D.ar.submit", "D.ar.submit2"]
        let owed = try await past.duties(Wanted(ids: Set(ids))).map(\.standing)
        for id in ids {
            for standing in owed where standing.duty.id == id {
                guard let due = standing.dueDay, arguments.period.contains(due) else { continue }
                var done: CaseEntry?
                if let end = standing.end { done = try await past.standingEntry(end) }
                answer.add(
                    [
                        .text(standing.id),
                        .list(standing.duty.to.map { reader.title(ofType: $0) }), .day(due),
                        Value(day: standing.endDay), Value(standing), reader.value(done, "url"),
                    ], records: standing.records)
            }
        }
        answer.figure(
            "missed", en: "not in time", zh: "未按时",
            Value(owed.count { $0.isBreach && arguments.period.contains($0.dueDay ?? .min) }))
        answer.note(
            en: """
                The annual report is about the year before. It goes up before 1 March and out \
                before 1 April (sup19 23, 24); the catalogue is out by 31 March (plan 3.1). Yearly \
                duties run from the first year that a plan recorded names.
                """,
            zh: """
                年度报告为上一年度的报告：3 月 1 日前报送、4 月 1 日前公开（督察规定第23、24条）；目录为 3 \
                月 31 日前公布（规划 3.1）。年度义务自账本所载规划的起始年度起算。
                """)
        return answer
    }

    /// What the bureau owes: runs, stands still, falls due today or is overdue.
    static func owed(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            Answer.Column("persons", en: "responsible", zh: "责任人"),
            Answer.Column("unit", en: "unit", zh: "处室"), .due, .state,
            Answer.Column("duty", en: "duty", zh: "义务"), .stream,
            Answer.Column("what", en: "to be done", zh: "应办事项"),
        ])
        let today = past.shelf.newest.day(of: past.moment)
        var others = 0
        var found: PastCase?
        for owed in try await past.duties(Wanted()) {
            let standing = owed.standing
            guard [.running, .paused, .overdue].contains(standing.state) else { continue }
            guard past.shelf.newest.isOfBureau(standing.duty) else {
                others += 1
                continue
            }
            if standing.start != nil, found?.stream != standing.stream {
                found = try await past.pastCase(standing.stream)
            }
            let entry = standing.start.flatMap { found?.entry($0) }
            let responsible = persons(entry, reader)
            // Asked of whom the answer shows: a reporter is not found by his identifier either.
            if let person = arguments.person, !responsible.contains(.text(person)) { continue }
            answer.add(
                [
                    responsible, Value(entry.flatMap { found?.unit(of: $0) }),
                    Value(day: standing.dueDay),
                    .phrase(state(standing, today)), .text(standing.duty.id),
                    .text(standing.stream),
                    .list(standing.duty.to.map { reader.title(ofType: $0) }),
                ], records: standing.records)
        }
        sortByPerson(&answer)
        for (state, title) in [
            (State.open, State.open.phrase), (.today, State.today.phrase),
            (.overdue, State.overdue.phrase), (.paused, State.paused.phrase),
        ] {
            answer.figure(
                state.rawValue, en: title.en, zh: title.zh,
                Value(answer.rows.count { answer.value($0, "state") == .phrase(title) }))
        }
        answer.figure("others", en: "owed by others, not listed", zh: "他方义务（未列）", Value(others))
        answer.note(
            en: """
                Responsible is who entered and took part in what started the duty; of a yearly \
                duty nobody is named. A case that was handed on stays with them until its records \
                say otherwise.
                """,
            zh: """
                责任人为引起该义务的记录的登记人和参与人；年度义务不对应个人。案件移交他人而无记录的，仍列原责任人。
                """)
        return answer
    }

    private enum State: String {
        case open, today, overdue, paused

        var phrase: Phrase {
            switch self {
            case .open: Phrase(en: "not yet due", zh: "未到期")
            case .today: Phrase(en: "due today", zh: "当日到期")
            case .overdue: Phrase(en: "overdue", zh: "已逾期")
            case .paused: Phrase(en: "clock stopped", zh: "中止计时")
            }
        }
    }

    private static func state(_ standing: DutyStanding, _ today: Int) -> Phrase {
        switch standing.state {
        case .overdue: State.overdue.phrase
        case .paused: State.paused.phrase
        default: (standing.dueDay == today ? State.today : State.open).phrase
        }
    }

    /// The operator first, then who took part, each once.
    private static func persons(_ entry: CaseEntry?, _ reader: FieldReader) -> Value {
        var all: [Value] = []
        let enterer = reader.enterer(entry)
        if enterer != .none { all.append(enterer) }
        if case .list(let others) = reader.persons(entry) {
            for other in others where !all.contains(other) { all.append(other) }
        }
        return all.isEmpty ? .none : .list(all)
    }

    private static func sortByPerson(_ answer: inout Answer) {
        answer.sort { left, right in
            (left.values[0].text(.english), left.values[2].text(.english))
                < (right.values[0].text(.english), right.values[2].text(.english))
        }
    }

    /// Decisions that were not published, or too late.
    static func unpublished(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .party, .docNo, .decided, .due,
            Answer.Column("published", en: "published", zh: "公示日"), .state, .finding,
        ])
        let findings = try await past.findings(of: "P.pn")
        var count = 0
        for standing in try await past.standings("P.pn") {
            guard let start = standing.start, arguments.period.contains(standing.startDay) else {
                continue
            }
            count += 1
            guard standing.isBreach, let found = try await past.pastCase(standing.stream)
            else { continue }
            let decided = found.entry(start)
            answer.add(
                [
                    .text(standing.stream),
                    reader.value(found.last("penalty.clue-registered"), "partyName"),
                    reader.value(decided, "docNo"), Value(day: decided?.day),
                    Value(day: standing.dueDay), Value(day: standing.endDay), Value(standing),
                    Value(findings[start]),
                ], records: standing.records)
        }
        answer.figure("decided", en: "decisions to be published", zh: "应公示的处罚决定", Value(count))
        answer.figure("missed", en: "not in time", zh: "未按期公示", Value(answer.rows.count))
        return answer
    }
}

extension PastView {
    /// An entry as corrected, if it stands.
    func standingEntry(_ sequence: UInt64) async throws(ProjectionError) -> CaseEntry? {
        guard let record = try await record(sequence) else { return nil }
        return try await pastCase(record.stream)?.entry(sequence)
    }
}
