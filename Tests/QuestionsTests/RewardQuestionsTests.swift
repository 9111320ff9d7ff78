import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about rewards and licences, against loops over the lines.
@Suite struct RewardQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `12: rewards and their rule`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        var paid = 0
        for (stream, entries) in asking.raw.cases("reward") {
            guard let computed = entries.last(where: { $0.type == "reward.amount-computed" })
            else { continue }
            let approved = entries.last { $0.type == "reward.approved" }
            if entries.contains(where: { $0.type == "reward.claimed" }) {
                paid += approved?.integer("amount") ?? 0
            }
            var due: Int?
            if computed.text("rule") == "处罚金额15%", computed.data["fine"] != nil {
                due = min(30_000_000, max(300_000, computed.integer("fine") * 15 / 100))
            } else if computed.text("rule") == "瞒报按人数",
                let grade = ["一般", "较大", "重大", "特别重大"].firstIndex(
                    of: computed.text("accidentGrade")), computed.data["deathsConcealed"] != nil
            {
                due = min(
                    30_000_000, computed.integer("deathsConcealed") * (grade + 3) * 1_000_000)
            }
            let said =
                [computed.integer("amount")] + (approved.map { [$0.integer("amount")] } ?? [])
            let agrees = due.map { due in said.allSatisfy { $0 == due } ? "yes" : "no" } ?? ""
            expected.append("\(stream)|\(agrees)")
        }
        let answer = try await asking.answer(12)
        #expect(answer.table("stream", "agrees") == expected.sorted())
        #expect(answer.figure("paid") == .fen(Int64(paid)))
        #expect(cut != .end || (expected.contains { $0.hasSuffix("|no") } && paid > 0))
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `13: rewards claimed by staff or kin`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        var claims = 0
        for (stream, entries) in asking.raw.cases("reward") {
            guard entries.contains(where: { $0.type == "reward.claimed" }) else { continue }
            claims += 1
            let check = entries.last { $0.type == "reward.eligibility-checked" }
            if check?.flag("excludedStaff") != false { expected.append(stream) }
        }
        let answer = try await asking.answer(13)
        #expect(answer.table("stream") == expected.sorted())
        #expect(answer.figure("claims") == .integer(Int64(claims)))
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `18: licences decided without a credit query`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        for (stream, entries) in asking.raw.cases("permit") {
            for decided in entries
            where ["permit.granted", "permit.refused"].contains(decided.type) {
                let isQueried = entries.contains {
                    $0.type == "permit.credit-queried" && $0.mayPrecede(decided)
                }
                if !isQueried { expected.append("\(stream)|\(decided.text("docNo"))") }
            }
        }
        let answer = try await asking.answer(18)
        #expect(answer.table("stream", "docNo") == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
        let judged = asking.judgement.findings.filter { $0.rule == "R291" }
        let marked = answer.rows.filter { answer.value($0, "finding") != Value.none }
        #expect(
            marked.compactMap { answer.value($0, "stream")?.text(.english) }.sorted()
                == judged.map(\.stream).sorted())
    }
}
