import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Rules

/// Cases that take longer than they may.
enum LongCaseAnswers {
    /// Penalty cases more than ninety days old, or decided after more, with the time that does not
    /// count.
    static func pastNinetyDays(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        let today = past.shelf.newest.day(of: past.moment)
        var answer = Answer([
            .stream, .party, Answer.Column("filed", en: "filed", zh: "立案日"),
            Answer.Column("ended", en: "decided", zh: "作出决定日"),
            Answer.Column("days", en: "days", zh: "历时"),
            Answer.Column("suspended", en: "suspended", zh: "中止日数"),
            Answer.Column("appraised", en: "appraisal", zh: "鉴定日数"),
            Answer.Column("hearing", en: "hearing", zh: "听证日数"), .due, .state,
        ])
        for standing in try await past.standings("D.pn.decide") where standing.state != .lapsed {
            guard let start = standing.start,
                let found = try await past.pastCase(standing.stream),
                let filed = found.entry(start)
            else { continue }
            let from = filed.day("filedOn") ?? filed.day
            let to = standing.endDay ?? today
            guard to - from > 90 else { continue }
            let pauses = Pauses(found, from...to)
            answer.add(
                [
                    .text(found.stream),
                    reader.value(found.last("penalty.clue-registered"), "partyName"),
                    .day(from), Value(day: standing.endDay), Value(to - from),
                    Value(pauses.suspended), Value(pauses.appraised), Value(pauses.hearing),
                    Value(day: standing.dueDay), Value(standing),
                ], records: standing.records + found.records(pauses.entries))
        }
        answer.figure(
            "open", en: "still without a decision", zh: "仍未作出决定",
            Value(answer.rows.count { answer.value($0, "ended") == Value.none }))
        answer.figure(
            "overdue", en: "of these overdue", zh: "其中已逾期",
            Value(
                answer.rows.count {
                    answer.value($0, "state") == .phrase(DutyStanding.State.overdue.title)
                }))
        answer.note(
            en: """
                Listed is every case with more than ninety days from filing to its decision, or to \
                now. Whether the limit was passed is the state: it leaves out suspension, \
                appraisal and hearing and knows extensions (apl21 60). Days that fall under \
                several heads stand under each.
                """,
            zh: """
                列出自立案至决定（未决定的至今）超过九十日的案件；是否超过法定期限见“状态”，已扣除中止、\
                鉴定、听证时间并计入延长（处罚法第60条）。\
                同一日属于几种情形的，在各项中分别计算。
                """)
        return answer
    }

    /// Days of a case on which its clock stood.
    private struct Pauses {
        private(set) var (suspended, appraised, hearing) = (0, 0, 0)
        private(set) var entries: [CaseEntry] = []

        init(_ found: PastCase, _ days: ClosedRange<Int>) {
            for appraisal in found.all("penalty.appraised") {
                guard let from = appraisal.day("startedOn"), let to = appraisal.day("finishedOn")
                else { continue }
                appraised += Pauses.length(from, to, days)
                entries.append(appraisal)
            }
            suspended = spans(found, "penalty.suspended", ["penalty.resumed"], days)
            hearing = spans(
                found, "penalty.hearing-requested",
                ["penalty.hearing-held", "penalty.hearing-terminated"], days)
        }

        private mutating func spans(
            _ found: PastCase, _ begin: String, _ ends: Set<String>, _ days: ClosedRange<Int>
        ) -> Int {
            var sum = 0
            var open: CaseEntry?
            for entry in found.entries {
                if entry.type == begin, open == nil { open = entry }
                if ends.contains(entry.type), let start = open {
                    sum += Pauses.length(start.day, entry.day, days)
                    entries += [start, entry]
                    open = nil
                }
            }
            if let open {
                sum += Pauses.length(open.day, days.upperBound, days)
                entries.append(open)
            }
            return sum
        }

        private static func length(_ from: Int, _ to: Int, _ days: ClosedRange<Int>) -> Int {
            max(0, min(to, days.upperBound) - max(from, days.lowerBound))
        }
    }

    /// Reports not concluded in time, and those extended without the word of the level above.
    static func lateReports(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        let today = past.shelf.newest.day(of: past.moment)
        var answer = Answer([
            .stream, Answer.Column("object", en: "unit reported", zh: "被举报单位"),
            Answer.Column("accepted", en: "accepted", zh: "受理日"),
            Answer.Column("concluded", en: "concluded", zh: "办结日"),
            Answer.Column("days", en: "days", zh: "历时"), .due, .state,
            Answer.Column("approvedBy", en: "extension approved by", zh: "延期批准机关"),
            Answer.Column("level", en: "level", zh: "批准层级"),
            Answer.Column("problem", en: "problem", zh: "问题"),
        ])
        var (late, unapproved, unknown) = (0, 0, 0)
        for standing in try await past.standings("D.rp.close") {
            guard let start = standing.start,
                let found = try await past.pastCase(standing.stream),
                let accepted = found.entry(start)
            else { continue }
            let from = accepted.day("acceptedOn") ?? accepted.day
            guard arguments.period.contains(from) else { continue }
            let extensions = found.all("report.extended")
            let extended =
                extensions.last { $0.text("approvedLevel") == "本级" }
                ?? extensions.last { $0.text("approvedLevel") == nil }
            guard standing.isBreach || extended != nil else { continue }
            late += standing.isBreach ? 1 : 0
            switch extended.map({ $0.text("approvedLevel") != nil }) {
            case true?: unapproved += 1
            case false?: unknown += 1
            case nil: break
            }
            let shown = extended ?? extensions.last
            answer.add(
                [
                    .text(found.stream),
                    reader.value(found.last("report.received"), "objectName"), .day(from),
                    Value(day: standing.endDay), Value((standing.endDay ?? today) - from),
                    Value(day: standing.dueDay), Value(standing),
                    reader.value(shown, "approvedBy"), reader.value(shown, "approvedLevel"),
                    .list(problems(standing.isBreach, extended)),
                ], records: standing.records + found.records(shown))
        }
        answer.figure("late", en: "not concluded in time", zh: "超期未办结或者逾期办结", Value(late))
        answer.figure(
            "unapproved", en: "extended with no approval from above", zh: "延期未经上一级批准",
            Value(unapproved))
        answer.figure(
            "unknown", en: "extended, level of approval not recorded", zh: "延期而未记载批准层级",
            Value(unknown))
        return answer
    }

    private static func problems(_ isLate: Bool, _ extended: CaseEntry?) -> [Value] {
        var problems: [Value] = []
        if isLate { problems.append(.phrase(Phrase(en: "past the limit", zh: "超过期限"))) }
        guard let extended else { return problems }
        let isKnown = extended.text("approvedLevel") != nil
        problems.append(
            .phrase(
                isKnown
                    ? Phrase(en: "extended by its own level", zh: "延期系本级批准")
                    : Phrase(en: "level of approval not recorded", zh: "未记载批准层级")))
        return problems
    }
}
