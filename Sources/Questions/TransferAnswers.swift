import CanonicalJSON
import Projections
import Rules

/// Clues handed from department to department.
enum TransferAnswers {
    private struct Tally {
        var (sent, received, filed, concluded) = (0, 0, 0, 0)
        var saidSent: Int64?
        var saidHandled: Int64?
        var records: [UInt64] = []
    }

    /// What each department handed over and dealt with, of the clues sent in the year.
    static func byDepartment(
        _ past: any PastView, _ arguments: Arguments
    ) async throws(ProjectionError) -> Answer {
        var tallies: [String: Tally] = [:]
        try await past.eachCase(of: "clue-transfer") { found in
            for sent in found.all("clue-transfer.sent") where arguments.period.contains(sent.day) {
                let filed = found.last("clue-transfer.case-filed")
                let result = found.last("clue-transfer.result-fed-back")
                tallies[department(sent, "sender"), default: Tally()].sent += 1
                tallies[department(sent, "sender"), default: Tally()].records +=
                    found.records(sent)
                let to = department(sent, "recipient")
                tallies[to, default: Tally()].received += 1
                tallies[to, default: Tally()].filed += filed == nil ? 0 : 1
                tallies[to, default: Tally()].concluded += result == nil ? 0 : 1
                tallies[to, default: Tally()].records += found.records(sent, filed, result)
            }
            for counted in found.all("clue-transfer.counted")
            where counted.number("year") == Int64(arguments.year) {
                let name = department(counted, "department")
                tallies[name, default: Tally()].saidSent = counted.number("transferred")
                tallies[name, default: Tally()].saidHandled = counted.number("handled")
                tallies[name, default: Tally()].records += found.records(counted)
            }
        }
        return table(tallies)
    }

    private static func department(_ entry: CaseEntry, _ field: String) -> String {
        entry.data[field]?["name"]?.string ?? ""
    }

    private static func table(_ tallies: [String: Tally]) -> Answer {
        var answer = Answer([
            Answer.Column("department", en: "department", zh: "部门"),
            Answer.Column("sent", en: "handed over", zh: "移送数"),
            Answer.Column("received", en: "handed to it", zh: "接收数"),
            Answer.Column("filed", en: "of these led to a case", zh: "其中立案查办"),
            Answer.Column("concluded", en: "result fed back", zh: "反馈查处结果"),
            Answer.Column("saidSent", en: "transferred, as counted", zh: "考核所计移送数"),
            Answer.Column("saidHandled", en: "handled, as counted", zh: "考核所计查办数"),
        ])
        for (name, tally) in tallies.sorted(by: { $0.key < $1.key }) {
            answer.add(
                [
                    .text(name), Value(tally.sent), Value(tally.received), Value(tally.filed),
                    Value(tally.concluded), tally.saidSent.map { .integer($0) } ?? .none,
                    tally.saidHandled.map { .integer($0) } ?? .none,
                ], records: tally.records)
        }
        answer.figure(
            "sent", en: "clues handed over", zh: "移送合计",
            Value(tallies.values.reduce(0) { $0 + $1.sent }))
        answer.figure(
            "filed", en: "led to a case", zh: "立案查办合计",
            Value(tallies.values.reduce(0) { $0 + $1.filed }))
        answer.note(
            en: """
                Departments are told apart by name as written. A case of a receiving department is \
                known only where it fed back.
                """,
            zh: "部门按记载的名称区分；接收部门的查办情况以其反馈为限。")
        return answer
    }
}
