import CanonicalJSON
import Projections
import Questions
import Testing

/// Questions about how things were entered, against loops over the lines.
@Suite struct EntryQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `15: corrections and withdrawals`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        var expected: [String] = []
        for line in asking.raw.lines {
            guard let event = line["event"], let data = event["data"],
                let target = data["corrects"] ?? data["withdraws"]
            else { continue }
            let isCorrection = event["type"]?.string == "entry.corrected"
            let place = target["seq"]?.integer ?? -1
            expected.append(
                [
                    event["subject"]?.string ?? "", "\(place)",
                    isCorrection ? "corrected" : "withdrawn",
                    data["operator"]?["person"]?.string ?? "", data["approver"]?.string ?? "",
                    (target["reason"]?.string ?? "").replacing("-", with: " "),
                ].joined(separator: "|"))
        }
        let answer = try await asking.answer(15)
        #expect(
            answer.table("stream", "target", "fate", "by", "approver", "reason")
                == expected.sorted())
        #expect(cut == .middle || !expected.isEmpty)
    }
}
