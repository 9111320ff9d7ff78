import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Rules

extension Question {
    /// Penalties and fines.
    static let penalties: [Question] = [
        Question(
            8, .audit, zh: "全部处罚决定中，法定应集体讨论而未讨论的有哪些？",
            en: "Which penalties that needed collective discussion had none?",
            parameters: [.year(.all)], answer: PenaltyAnswers.undiscussed),
        Question(
            9, .audit, zh: "变通适用裁量基准的案件名单、理由和讨论记录哈希？",
            en: """
                List the cases departing from the discretion benchmark, with reasons and record \
                hashes
                """,
            parameters: [.year(.all)], answer: PenaltyAnswers.departures),
        Question(
            10, .audit, zh: "同类违法行为在不同区县的罚款分布，有无畸轻畸重？",
            en: "Fines for the same violation by district: outliers?",
            parameters: [.year(.all)], answer: FineAnswers.byDistrict),
        Question(
            11, .audit, zh: "罚款是否全额缴入国库，有无当场收缴超2日未上缴？",
            en: "Were fines paid in full; any cash kept over 2 working days?",
            parameters: [.year(.all)], answer: FineAnswers.payment),
    ]
}

enum PenaltyAnswers {
    /// Decisions on complex or serious cases before which nobody deliberated.
    static func undiscussed(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .party, .docNo, .decided,
            Answer.Column("fine", en: "fine", zh: "罚款"),
            Answer.Column("rule", en: "rule", zh: "规则"), .finding,
        ])
        let breaches = try await past.findings(of: "R181", "R362")
        var (count, unclear) = (0, [UInt64]())
        try await past.eachCase(of: "penalty") { found in
            for decided in found.all("penalty.decided")
            where arguments.period.contains(decided.day) {
                count += 1
                let ended = found.last("penalty.investigation-ended", notAfter: decided)
                if ended?.flag("complexOrSerious") == nil { unclear.append(decided.sequence) }
                guard let breach = breaches[decided.sequence] else { continue }
                answer.add(
                    [
                        .text(found.stream),
                        reader.value(found.last("penalty.clue-registered"), "partyName"),
                        reader.value(decided, "docNo"), .day(decided.day),
                        reader.value(decided, "fine"), .text(breach.rule), Value(breach),
                    ], records: found.records(ended, decided))
            }
        }
        answer.figure("decided", en: "penalties decided", zh: "处罚决定", Value(count))
        answer.figure(
            "unclear", en: "of these with no word on complexity", zh: "其中未记载情节是否复杂重大",
            Value(unclear.count))
        answer.note(
            en: """
                Discussion is needed of complex or serious cases (apl21 57(2), before 2021-07-15 \
                apl17 38(2)), as the report at the end of the investigation calls them. Where it \
                does not say, the ledger cannot know.
                """,
            zh: """
                情节复杂或者重大违法行为应当集体讨论（处罚法第57条第2款；2021-07-15 以前为旧法第38条\
                第2款），以调查终结报告的记载为准；未记载的，账本无从判断。
                """)
        return answer
    }

    /// Deliberations in which the benchmark was departed from.
    static func departures(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, .party, Answer.Column("deliberated", en: "deliberated", zh: "讨论日"),
            Answer.Column("meetingNo", en: "meeting", zh: "会议编号"),
            Answer.Column("reason", en: "reason", zh: "变通理由"),
            Answer.Column("minutesFile", en: "digest of the minutes", zh: "记录哈希"),
            .docNo, Answer.Column("fine", en: "fine", zh: "罚款"),
        ])
        var unexplained = 0
        try await past.eachCase(of: "penalty") { found in
            for meeting in found.all("penalty.deliberated")
            where meeting.flag("departsBenchmark") == true
                && arguments.period.contains(meeting.day)
            {
                let decided = found.entries.first {
                    $0.type == "penalty.decided" && meeting.mayPrecede($0)
                }
                if (meeting.text("departureReason") ?? "").isEmpty { unexplained += 1 }
                answer.add(
                    [
                        .text(found.stream),
                        reader.value(found.last("penalty.clue-registered"), "partyName"),
                        .day(meeting.day), reader.value(meeting, "meetingNo"),
                        reader.value(meeting, "departureReason"),
                        reader.value(meeting, "minutesFile"), reader.value(decided, "docNo"),
                        reader.value(decided, "fine"),
                    ], records: found.records(meeting, decided))
            }
        }
        answer.figure("count", en: "departures", zh: "变通适用次数", Value(answer.rows.count))
        answer.figure("unexplained", en: "without a reason", zh: "未说明理由", Value(unexplained))
        return answer
    }
}
