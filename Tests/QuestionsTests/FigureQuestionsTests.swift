import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about figures of the plan: computed ones against the judgement of the whole ledger and
/// against loops over the lines, reported ones against the lines.
@Suite struct FigureQuestionsTests {
    /// A figure of an annual report, as the lines say it.
    private struct Said {
        let stream: String
        let year: Int
        let id: String
        let asOf: String
        let json: JSONValue
    }

    private func said(_ raw: RawLedger) -> [Said] {
        raw.cases("annual-report").flatMap { stream, entries -> [Said] in
            guard let draft = entries.last(where: { $0.type == "annual-report.drafted" }) else {
                return []
            }
            return (draft.data["figures"]?.array ?? []).map { json in
                Said(
                    stream: stream, year: draft.integer("year"), id: json["id"]?.string ?? "",
                    asOf: json["asOf"]?.string ?? "", json: json)
            }
        }
    }

    private func mostFrequent<Key: Hashable & Comparable>(_ keys: [Key]) -> Key? {
        let counts = Dictionary(grouping: keys) { $0 }.mapValues(\.count)
        return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    private func days(_ first: String, _ last: String) -> ClosedRange<Int> {
        RawLedger.number(first)...RawLedger.number(last)
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `6: figures as of a day, beside those published as of it`(
        _ cut: AskedYear.Cut
    ) async throws {
        let asking = try await Asking(cut)
        let all = said(asking.raw)
        let day = mostFrequent(all.map(\.asOf)) ?? "2025-06-30"
        let answer = try await asking.answer(6) { $0.day = RawLedger.number(day) }
        let figures = try await asking.year.ledger.judge(
            asOf: asking.raw.moment, period: days(day.prefix(4) + "-01-01", day)
        ).figures
        #expect(
            Set(answer.table("indicator", "numerator"))
                == Set(figures.map { "\($0.indicator.id)|\($0.numerator)" }))
        let known = Set(figures.map(\.indicator.id))
        let expected = all.filter { $0.asOf == day && known.contains($0.id) }
            .map { "\($0.id)|\($0.stream)|\($0.json["numerator"]?.integer ?? -1)" }
        let table = answer.rows.filter { answer.value($0, "report") != Value.none }.map { row in
            let number = answer.value(row, "saidNumerator")?.text(.english) ?? ""
            let id = answer.value(row, "indicator")?.text(.english) ?? ""
            let report = answer.value(row, "report")?.text(.english) ?? ""
            return "\(id)|\(report)|\(number.isEmpty ? "-1" : number)"
        }
        #expect(table.sorted() == expected.sorted())
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `7: what an annual report says, and what the records come to`(
        _ cut: AskedYear.Cut
    ) async throws {
        let asking = try await Asking(cut)
        let all = said(asking.raw)
        let year = mostFrequent(all.map(\.year)) ?? 2025
        let figures = try await asking.year.ledger.judge(
            asOf: asking.raw.moment, period: days("\(year)-01-01", "\(year)-12-31")
        ).figures
        let expected = all.filter { $0.year == year }.map { said -> String in
            let figure = figures.first { $0.indicator.id == said.id }
            let number = said.json["numerator"]?.integer
            let isWrong = number.map { $0 != figure?.numerator } ?? false
            return "\(said.stream)|\(said.id)|\(figure.map { "\($0.numerator)" } ?? "")"
                + "|\(number.map { "\($0)" } ?? "")|\(isWrong)"
        }
        let answer = try await asking.answer(7) { $0.year = year }
        let table = answer.rows.map { row -> String in
            func text(_ id: String) -> String { answer.value(row, id)?.text(.english) ?? "" }
            let isWrong =
                answer.value(row, "saidNumerator") != Value.none
                && answer.value(row, "saidNumerator") != answer.value(row, "numerator")
            if isWrong, !text("numerator").isEmpty { #expect(text("agrees") == "no") }
            return "\(text("report"))|\(text("indicator"))|\(text("numerator"))"
                + "|\(text("saidNumerator"))|\(isWrong)"
        }
        #expect(table.sorted() == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
    }

    /// Officers on the roll at the end of the year, and how many of them are so.
    private func roll(
        _ raw: RawLedger, _ isMet: ([RawLedger.Entry]) -> Bool
    ) -> (met: Int, all: Int) {
        var (met, all) = (0, 0)
        for (_, entries) in raw.cases("officer") {
            let past = entries.filter { $0.day <= "2025-12-31" }
            guard let first = past.last(where: { $0.type == "officer.registered" }),
                first.flag("onActiveRoll") == true,
                !past.contains(where: { $0.type == "officer.left" })
            else { continue }
            all += 1
            if isMet(past) { met += 1 }
        }
        return (met, all)
    }

    private func expect(
        _ answer: Answer, _ id: String, _ counts: (met: Int, all: Int), _ cut: AskedYear.Cut
    ) {
        let row = answer.rows.first { answer.value($0, "indicator") == .text(id) }
        #expect(row.flatMap { answer.value($0, "numerator") } == .integer(Int64(counts.met)))
        #expect(row.flatMap { answer.value($0, "denominator") } == .integer(Int64(counts.all)))
        #expect(cut != .end || counts.all > 0)
    }

    /// The sums of two fields of the year's snapshots.
    private func snapshots(_ raw: RawLedger, _ over: String) -> (met: Int, all: Int) {
        let taken = raw.entries.filter {
            $0.type == "staffing.snapshot-taken" && $0.day.hasPrefix("2025")
        }
        return (
            taken.reduce(0) { $0 + $1.integer(over) },
            taken.reduce(0) { $0 + $1.integer("enforcementTotal") }
        )
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `16: qualified officers in two readings`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let answer = try await asking.answer(16) { $0.year = 2025 }
        func holds(_ entries: [RawLedger.Entry]) -> [Bool] {
            let newest = entries.last { $0.type == "officer.qualification-recorded" }
            return ["hasDegree", "hasLicence", "hasExperience"].map { newest?.flag($0) == true }
        }
        let raw = asking.raw
        expect(answer, "I.qualified", roll(raw) { holds($0).contains(true) }, cut)
        expect(answer, "I.qualified.all", roll(raw) { !holds($0).contains(false) }, cut)
        expect(answer, "I.qualified.reported", snapshots(raw, "qualified"), cut)
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `17: officers on the front line`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let answer = try await asking.answer(17)
        let counts = roll(asking.raw) { entries in
            let moved = entries.last { $0.type == "officer.post-moved" }
            let registered = entries.last { $0.type == "officer.registered" }
            return (moved ?? registered)?.flag("frontLine") == true
        }
        expect(answer, "I.frontline", counts, cut)
        expect(answer, "I.frontline.reported", snapshots(asking.raw, "frontLine"), cut)
    }
}
