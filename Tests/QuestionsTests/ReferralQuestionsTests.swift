import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about handing over, against loops over the lines.
@Suite struct ReferralQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `23: a crime suspected and no referral`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        for (stream, entries) in asking.raw.cases("penalty") {
            let decided = entries.last { $0.type == "penalty.decided" }
            let review = entries.last { entry in
                entry.type == "penalty.legality-reviewed"
                    && (decided.map { entry.mayPrecede($0) } ?? true)
            }
            guard review?.flag("crimeSuspected") == true else { continue }
            let isReferred = entries.contains { entry in
                entry.type == "penalty.referred-out"
                    && (decided.map { entry.mayPrecede($0) } ?? true)
            }
            if !isReferred { expected.append("\(stream)|\(decided?.text("docNo") ?? "")") }
        }
        let answer = try await asking.answer(23)
        #expect(answer.table("stream", "docNo") == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
        let judged = asking.judgement.findings.filter {
            ["R202", "R371"].contains($0.rule)
        }
        let marked = answer.rows.filter { answer.value($0, "finding") != Value.none }
        #expect(
            marked.compactMap { answer.value($0, "stream")?.text(.english) }.sorted()
                == judged.map(\.stream).sorted())
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `24: the limits of each referral`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let answer = try await asking.answer(24)
        let judged = asking.judgement.standings.filter {
            ["D.rf.approve", "D.rf.transfer", "D.rf.police"].contains($0.duty.id)
        }
        #expect(Set(answer.column("stream")) == Set(judged.map(\.stream)))
        let late = judged.filter { $0.isBreach && $0.duty.id != "D.rf.police" }
        #expect(
            answer.figure("missed") == .integer(Int64(Set(late.map(\.stream)).count)))
        #expect(cut != .end || !late.isEmpty)
        // Twenty-four hours by the clock, from the times of the lines alone.
        for (stream, entries) in asking.raw.cases("criminal-referral") {
            let approved = entries.filter { $0.type == "criminal-referral.approved" }
            let handed = entries.filter { $0.type == "criminal-referral.transferred" }
            guard let first = approved.first, let last = handed.first, approved.count == 1,
                handed.count == 1, !first.isDayOnly, !last.isDayOnly,
                last.span.lowerBound >= first.span.lowerBound
            else { continue }
            let hours = (last.span.lowerBound - first.span.lowerBound) / 3_600_000_000
            let row = answer.rows.first { answer.value($0, "stream") == .text(stream) }
            let state = row.flatMap { answer.value($0, "transfer")?.text(.english) }
            if hours >= 24 * 8 { #expect(state == "late", "\(stream)") }
            if hours < 24 { #expect(state == "met", "\(stream)") }
        }
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `25: clues by department`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var counts: [String: [Int]] = [:]
        for (_, entries) in asking.raw.cases("clue-transfer") {
            for sent in entries
            where sent.type == "clue-transfer.sent" && sent.day.hasPrefix("2025") {
                let from = sent.data["sender"]?["name"]?.string ?? ""
                let to = sent.data["recipient"]?["name"]?.string ?? ""
                let isFiled = entries.contains { $0.type == "clue-transfer.case-filed" }
                let isDone = entries.contains { $0.type == "clue-transfer.result-fed-back" }
                counts[from, default: [0, 0, 0, 0]][0] += 1
                counts[to, default: [0, 0, 0, 0]][1] += 1
                counts[to, default: [0, 0, 0, 0]][2] += isFiled ? 1 : 0
                counts[to, default: [0, 0, 0, 0]][3] += isDone ? 1 : 0
            }
        }
        let answer = try await asking.answer(25) { $0.year = 2025 }
        let table = answer.table("department", "sent", "received", "filed", "concluded")
            .filter { !$0.hasSuffix("|0|0|0|0") }
        let expected = counts.map { name, numbers in
            name + "|" + numbers.map { "\($0)" }.joined(separator: "|")
        }
        #expect(table == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
        let said = asking.raw.entries.filter {
            $0.type == "clue-transfer.counted" && $0.integer("year") == 2025
        }
        let names = Set(said.map { $0.data["department"]?["name"]?.string ?? "" })
        let shown = answer.rows.filter { answer.value($0, "saidSent") != Value.none }
        #expect(Set(shown.map { answer.value($0, "department")?.text(.english) ?? "" }) == names)
    }
}
