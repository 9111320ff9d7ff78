import CanonicalJSON
import Phrases
import Projections
import Rules

/// How long reviews and public comment took.
enum ReviewTimeAnswers {
    /// The procedures in which a review is asked for by an event of its own.
    private static let reviewed = ["decision", "normdoc", "contract"]

    /// Opinions given less than seven workdays after the papers came in.
    static func quickReviews(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        let calendar = past.shelf.newest.calendar
        var answer = Answer([
            .stream, Answer.Column("received", en: "papers received", zh: "收到材料日"),
            Answer.Column("reviewed", en: "opinion given", zh: "出具意见日"),
            Answer.Column("workdays", en: "workdays", zh: "工作日"),
            Answer.Column("result", en: "opinion", zh: "结论"), .finding,
            Answer.Column("reason", en: "reason", zh: "理由"),
        ])
        let findings = try await past.findings(of: "D.dec.legality", "D.nd.review.min")
        var reasons: [UInt64: String] = [:]
        for (start, finding) in findings {
            guard let by = finding.stateBy, let record = try await past.record(by) else {
                continue
            }
            reasons[start] = record.entry?.text("statement")
        }
        var count = 0
        for procedure in reviewed {
            try await past.eachCase(of: procedure) { found in
                for review in found.all("\(procedure).legality-reviewed")
                where arguments.period.contains(review.day) {
                    guard let request = request(for: review, procedure, found) else { continue }
                    count += 1
                    let from = request.day("receivedOn") ?? request.day
                    let workdays = calendar.workdays(from: from, to: review.day)
                    guard workdays < 7 else { continue }
                    let finding = findings[request.sequence]
                    answer.add(
                        [
                            .text(found.stream), .day(from), .day(review.day), Value(workdays),
                            reader.value(review, "result"), Value(finding),
                            Value(reasons[request.sequence]),
                        ],
                        records: found.records(request, review)
                            + [finding?.stateBy].compactMap(\.self))
                }
            }
        }
        answer.figure("reviews", en: "reviews with a request", zh: "有送审记录的审查", Value(count))
        answer.figure("quick", en: "under 7 workdays", zh: "少于 7 个工作日", Value(answer.rows.count))
        answer.note(
            en: """
                Seven workdays are asked of decisions (so713 26); of normative documents five. The \
                catalogue has no field for the reason of a quick review: shown is what was said in \
                answer to the finding.
                """,
            zh: """
                七个工作日是对重大行政决策的要求（713号令第26条）；规范性文件为五个工作日。目录没有记载\
                审查用时短的理由的字段，所列理由取自对该发现的说明。
                """)
        return answer
    }

    /// The last request before the opinion, of the same version if both name one.
    private static func request(
        for review: CaseEntry, _ procedure: String, _ found: PastCase
    ) -> CaseEntry? {
        found.all("\(procedure).legality-requested").last { request in
            guard request.mayPrecede(review) else { return false }
            let versions = (request.text("version"), review.text("version"))
            return versions.0 == nil || versions.1 == nil || versions.0 == versions.1
        }
    }

    private static let commented = ["decision", "normdoc", "legislation"]

    /// Comment periods that were announced, or closed, before thirty days had passed.
    static func shortComments(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        let reader = FieldReader(past, arguments)
        var answer = Answer([
            .stream, Answer.Column("opens", en: "from", zh: "起"),
            Answer.Column("closes", en: "to", zh: "止"),
            Answer.Column("days", en: "days announced", zh: "公布的日数"),
            Answer.Column("closedAfter", en: "closed after days", zh: "实际截止于第几日"),
            Answer.Column("reason", en: "reason for shortening", zh: "缩短理由"),
            Answer.Column("published", en: "reason published", zh: "是否公布理由"),
        ])
        var count = 0
        for procedure in commented {
            try await past.eachCase(of: procedure) { found in
                for opened in found.all("\(procedure).comment-opened")
                where arguments.period.contains(opened.day) {
                    guard let from = opened.day("opensOn"), let to = opened.day("closesOn")
                    else { continue }
                    count += 1
                    let closed = found.entries.first {
                        $0.type == "\(procedure).comment-closed" && opened.mayPrecede($0)
                    }
                    let after = closed.map { $0.day - from }
                    guard to - from < 30 || (after ?? 30) < 30 else { continue }
                    let hasReason = !(opened.text("shortenedReason") ?? "").isEmpty
                    answer.add(
                        [
                            .text(found.stream), .day(from), .day(to), Value(to - from),
                            after.map { Value($0) } ?? .none,
                            reader.value(opened, "shortenedReason"), .truth(hasReason),
                        ], records: found.records(opened, closed))
                }
            }
        }
        answer.figure("opened", en: "comment periods", zh: "公开征求意见次数", Value(count))
        answer.figure("short", en: "under 30 days", zh: "不足 30 日", Value(answer.rows.count))
        answer.note(
            en: """
                The first day is not counted. The reason is a field of the announcement, so that \
                it is public with it. Thirty days are asked of decisions (so713 15) and of drafts \
                of rules (rule02 15); for normative documents the catalogue has no such field.
                """,
            zh: """
                起始日不计入。缩短理由是公告内容的字段，随公告一并公布。三十日是对重大行政决策\
                （713号令第15条）和规章草案的要求；规范性文件没有记载缩短理由的字段。
                """)
        return answer
    }
}
