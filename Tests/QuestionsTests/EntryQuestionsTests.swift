import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about how things were entered, against loops over the lines.
@Suite struct EntryQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `14: entries more than one workday late, by unit`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let calendar = asking.past.shelf.newest.calendar
        var late: [String: [Int]] = [:]
        for entry in asking.raw.entries where !entry.stream.hasPrefix("ledger/") {
            let recorded = RawLedger.beijingDay(entry.recorded)
            if RawLedger.workdays(entry.day, recorded, calendar) > 1 {
                late[entry.unit, default: []].append(entry.sequence)
            }
        }
        let answer = try await asking.answer(14)
        #expect(answer.table("unit", "late") == late.map { "\($0)|\($1.count)" }.sorted())
        for row in answer.rows {
            let unit = answer.value(row, "unit")?.text(.english) ?? ""
            #expect(row.records.map { Int($0) } == (late[unit] ?? []).sorted())
        }
        #expect(cut != .end || !late.isEmpty)
    }

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
