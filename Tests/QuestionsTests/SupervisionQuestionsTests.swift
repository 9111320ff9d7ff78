import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about duties and time limits: against the judgement of the whole ledger, and where
/// fields say it against loops over the lines.
@Suite struct SupervisionQuestionsTests {
    @Test(arguments: AskedYear.Cut.allCases)
    func `19: the catalogue and the annual report in the first quarter`(
        _ cut: AskedYear.Cut
    ) async throws {
        let asking = try await Asking(cut)
        for year in [2025, 2026] {
            let answer = try await asking.answer(19) { $0.year = year }
            let judged = asking.judgement.standings.filter {
                ["P.dc", "P.ar", "D.ar.submit", "D.ar.submit2"].contains($0.duty.id)
                    && $0.dueDay.map { RawLedger.day(number: $0).hasPrefix("\(year)") } ?? false
            }
            let expected = judged.map { "\($0.id)|\($0.state.rawValue)" }
            #expect(answer.table("duty", "state") == expected.sorted())
            let days = answer.rows.compactMap { answer.value($0, "due")?.text(.english) }
            #expect(days.allSatisfy { $0 <= "\(year)-03-31" })
        }
        let answer = try await asking.answer(19) { $0.year = 2025 }
        // Published by a line of the first quarter, or not in time.
        let first = asking.raw.entries.filter {
            $0.type == "decision-catalogue.published" && $0.day.hasPrefix("2025")
        }.map(\.day).min()
        let row = answer.rows.first { answer.value($0, "duty") == .text("P.dc@2025") }
        if let row, let first {
            #expect(
                (answer.value(row, "state")?.text(.english) == "met") == (first <= "2025-03-31"))
        }
        #expect(cut != .end || row != nil)
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `20: what is owed, by the person responsible`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let judgement = asking.judgement
        let today = RawLedger.number(asking.raw.today)
        func state(_ standing: DutyStanding) -> String {
            switch standing.state {
            case .overdue: "overdue"
            case .paused: "clock stopped"
            default: standing.dueDay == today ? "due today" : "not yet due"
            }
        }
        let owed = judgement.standings.filter {
            [.running, .paused, .overdue].contains($0.state)
                && judgement.book.isOfBureau($0.duty)
        }
        let answer = try await asking.answer(20)
        let expected = owed.map {
            "\($0.stream)|\($0.duty.id)|\($0.dueDay.map { RawLedger.day(number: $0) } ?? "")"
                + "|\(state($0))"
        }
        #expect(answer.table("stream", "duty", "due", "state") == expected.sorted())
        #expect(!expected.isEmpty)
        // Persons as the line that started it names them.
        for row in answer.rows.prefix(200) {
            guard let start = row.records.first,
                let entry = asking.raw.entries.first(where: { $0.sequence == Int(start) })
            else { continue }
            let others = (entry.data["participants"]?.array ?? []).filter {
                $0["role"]?.string != "reporter"
            }.map { $0["person"]?.string ?? "" }
            let shown = Set(
                (answer.value(row, "persons")?.json.array ?? []).map { $0.string ?? "" })
            #expect(Set(others).isSubset(of: shown))
            #expect(shown.isSubset(of: Set(others + [entry.person])))
            #expect(answer.value(row, "unit")?.text(.english) == entry.unit)
        }
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `20: of one person`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let all = try await asking.answer(20)
        let persons = all.rows.compactMap { all.value($0, "persons")?.json.array?.last?.string }
        let person = try #require(persons.first)
        let own = try await asking.answer(20) { $0.person = person }
        let expected = all.rows.filter {
            all.value($0, "persons")?.json.array?.contains(.string(person)) ?? false
        }
        #expect(own.rows == expected)
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `21: penalty cases of more than ninety days`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let today = RawLedger.number(asking.raw.today)
        let judged = asking.judgement.standings.filter {
            $0.duty.id == "D.pn.decide" && $0.state != .lapsed
        }
        let cases = Dictionary(uniqueKeysWithValues: asking.raw.cases("penalty"))
        var expected: [String] = []
        for standing in judged {
            let entries = cases[standing.stream] ?? []
            guard let filed = entries.first(where: { $0.sequence == Int(standing.start ?? 0) })
            else { continue }
            let from = RawLedger.number(filed.text("filedOn"))
            let to = standing.endDay ?? today
            guard to - from > 90 else { continue }
            let appraised = entries.filter { $0.type == "penalty.appraised" }.reduce(0) {
                let first = max(from, RawLedger.number($1.text("startedOn")))
                let last = min(to, RawLedger.number($1.text("finishedOn")))
                return $0 + max(0, last - first)
            }
            expected.append(
                "\(standing.stream)|\(to - from)|\(appraised)|\(standing.state.rawValue)"
            )
        }
        let answer = try await asking.answer(21)
        #expect(answer.table("stream", "days", "appraised", "state") == expected.sorted())
        #expect(cut != .end || !expected.isEmpty)
        // Who was never decided is open in the lines as well.
        let ends = [
            "penalty.decided", "penalty.no-penalty-decided", "penalty.case-withdrawn",
            "penalty.referred-out",
        ]
        for row in answer.rows where answer.value(row, "ended") == Value.none {
            let stream = answer.value(row, "stream")?.text(.english) ?? ""
            let entries = cases[stream] ?? []
            let isMoved = entries.contains {
                ["penalty.joined", "penalty.divided"].contains($0.type)
            }
            #expect(isMoved || !entries.contains { ends.contains($0.type) }, "\(stream)")
        }
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `22: penalties not published in time`(_ cut: AskedYear.Cut) async throws {
        let asking = try await Asking(cut)
        let answer = try await asking.answer(22)
        let judged = asking.judgement.findings.filter { $0.rule == "P.pn" }
        #expect(
            answer.table("stream", "finding")
                == judged.map { "\($0.stream)|\($0.state.rawValue)" }.sorted())
        #expect(cut != .end || !judged.isEmpty)
        let published = Set(
            asking.raw.entries.filter { $0.type == "penalty.published" }.map(\.stream))
        for row in answer.rows where answer.value(row, "published") != Value.none {
            #expect(published.contains(answer.value(row, "stream")?.text(.english) ?? ""))
        }
    }

    @Test(arguments: AskedYear.Cut.allCases)
    func `26: reports past their limit, and extensions by the same level`(
        _ cut: AskedYear.Cut
    ) async throws {
        let asking = try await Asking(cut)
        let late = asking.judgement.standings.filter {
            $0.duty.id == "D.rp.close" && $0.isBreach
        }.map(\.stream)
        var unapproved: [String] = []
        for (stream, entries) in asking.raw.cases("report")
        where entries.contains(where: { $0.type == "report.accepted" }) {
            let isOwn = entries.contains {
                $0.type == "report.extended" && $0.text("approvedLevel") != "上一级部门"
            }
            if isOwn { unapproved.append(stream) }
        }
        let answer = try await asking.answer(26)
        #expect(Set(answer.column("stream")) == Set(late + unapproved))
        #expect(answer.figure("late") == .integer(Int64(late.count)))
        let own = asking.raw.entries.filter {
            $0.type == "report.extended" && $0.text("approvedLevel") == "本级"
        }
        #expect(answer.figure("unapproved") == .integer(Int64(Set(own.map(\.stream)).count)))
        #expect(cut != .end || (!late.isEmpty && !unapproved.isEmpty))
    }
}
