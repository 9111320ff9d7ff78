import CanonicalJSON
import Projections
import Questions
import Testing

/// Questions about legality review, against loops over the lines.
@Suite struct LegalityQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `1: decisions put up for deliberation without an opinion`(
        _ cut: AskedYear.Cut
    ) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        var issuedCount = 0
        for (stream, entries) in asking.raw.cases("decision") {
            let issued = entries.filter {
                $0.type == "decision.issued" && $0.day.hasPrefix("2025")
            }
            guard !issued.isEmpty else { continue }
            issuedCount += 1
            let submitted =
                entries.first { $0.type == "decision.submitted-for-deliberation" }
                ?? entries.first { $0.type == "decision.deliberated" }
            guard let submitted else { continue }
            let hasOpinion = entries.contains {
                $0.type == "decision.legality-reviewed" && $0.mayPrecede(submitted)
            }
            if !hasOpinion { expected.append(stream) }
        }
        let answer = try await asking.answer(1) { $0.year = 2025 }
        #expect(answer.table("stream") == expected.sorted())
        #expect(answer.figure("issued") == .integer(Int64(issuedCount)))
        #expect(cut != .end || !expected.isEmpty)
    }
}
