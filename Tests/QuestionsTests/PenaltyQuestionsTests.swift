import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about penalties and fines, against loops over the lines.
@Suite struct PenaltyQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `8: penalties without the discussion that they needed`(
        _ cut: AskedYear.Cut
    ) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        for (stream, entries) in asking.raw.cases("penalty") {
            for decided in entries where decided.type == "penalty.decided" {
                let ended = entries.last {
                    $0.type == "penalty.investigation-ended" && $0.mayPrecede(decided)
                }
                let isDiscussed = entries.contains {
                    $0.type == "penalty.deliberated" && $0.mayPrecede(decided)
                }
                if ended?.flag("complexOrSerious") == true, !isDiscussed {
                    expected.append("\(stream)|\(decided.text("docNo"))")
                }
            }
        }
        let answer = try await asking.answer(8)
        #expect(answer.table("stream", "docNo") == expected.sorted())
        let judged = asking.judgement.findings.filter {
            ["R181", "R362"].contains($0.rule)
        }
        #expect(answer.column("stream").sorted() == judged.map(\.stream).sorted())
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `9: departures from the benchmark`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let expected = asking.raw.entries.filter {
            $0.type == "penalty.deliberated" && $0.flag("departsBenchmark") == true
        }.map {
            "\($0.stream)|\($0.text("meetingNo"))|\($0.text("departureReason"))|"
                + $0.text("minutesFile")
        }
        let answer = try await asking.answer(9)
        let table = answer.table("stream", "meetingNo", "reason", "minutesFile")
        #expect(table == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `10: fines of a violation by district`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var fines: [String: [String: [(fine: Int, stream: String)]]] = [:]
        for (stream, entries) in asking.raw.cases("penalty") {
            guard let decided = entries.last(where: { $0.type == "penalty.decided" }),
                let fine = decided.data["fine"]?.integer,
                let clue = entries.last(where: { $0.type == "penalty.clue-registered" })
            else { continue }
            fines[clue.text("caseType"), default: [:]][clue.text("region"), default: []]
                .append((Int(fine), stream))
        }
        var expected: [String] = []
        for (kind, byRegion) in fines {
            let all = byRegion.values.flatMap(\.self).map(\.fine).sorted()
            let middle = all[(all.count - 1) / 2]
            for some in byRegion.values {
                let amounts = some.map(\.fine)
                let light = all.count < 5 ? 0 : amounts.count { $0 * 3 < middle }
                let heavy = all.count < 5 ? 0 : amounts.count { $0 > middle * 3 }
                expected.append(
                    "\(kind)|\(some.count)|\(amounts.min() ?? 0)|\(amounts.max() ?? 0)|\(middle)"
                        + "|\(light)|\(heavy)")
            }
        }
        let answer = try await asking.answer(10)
        let table = answer.rows.map { row -> String in
            func fen(_ id: String) -> Int64 {
                if case .fen(let fen)? = answer.value(row, id) { fen } else { -1 }
            }
            func length(_ id: String) -> Int {
                if case .list(let values)? = answer.value(row, id) { values.count } else { -1 }
            }
            let kind = answer.value(row, "caseType")?.text(.chinese) ?? ""
            let count = answer.value(row, "count")?.text(.chinese) ?? ""
            return "\(kind)|\(count)|\(fen("lowest"))|\(fen("highest"))|\(fen("ofKind"))"
                + "|\(length("light"))|\(length("heavy"))"
        }
        #expect(table.sorted() == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `11: fines not paid in full, and cash that was kept`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let kept = Set(
            asking.judgement.standings.filter {
                ["D.pn.cash", "D.pn.cash.17"].contains($0.duty.id) && $0.isBreach
            }.map(\.stream))
        var expected: [String] = []
        var (fined, paid) = (0, 0)
        for (stream, entries) in asking.raw.cases("penalty") {
            let decided =
                entries.last { $0.type == "penalty.decided" }
                ?? entries.last { $0.type == "penalty.summary-decided" }
            guard let decided else { continue }
            let fine = decided.integer(decided.type == "penalty.decided" ? "fine" : "amount")
            let payments = entries.filter { $0.type == "penalty.fine-paid" }
            let sum = payments.reduce(0) { $0 + $1.integer("amount") }
            (fined, paid) = (fined + fine, paid + sum)
            if sum < fine || kept.contains(stream) {
                expected.append("\(stream)|\(fine)|\(sum)|\(kept.contains(stream))")
            }
        }
        let answer = try await asking.answer(11)
        let table = answer.rows.map { row -> String in
            func fen(_ id: String) -> Int64 {
                if case .fen(let fen)? = answer.value(row, id) { fen } else { -1 }
            }
            let stream = answer.value(row, "stream")?.text(.english) ?? ""
            let isKept = answer.value(row, "cash") != Value.none
            return "\(stream)|\(fen("fine"))|\(fen("paid"))|\(isKept)"
        }
        #expect(table.sorted() == expected.sorted())
        #expect(answer.figure("fined") == .fen(Int64(fined)))
        #expect(answer.figure("paid") == .fen(Int64(paid)))
        #expect(cut != .end || !expected.isEmpty)
    }
}
