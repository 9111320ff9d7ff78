import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about time limits, against the judgement of the whole ledger.
@Suite struct ClockQuestionsTests {
    @Test(arguments: Scene.all)
    func `32: revoked penalties that stayed public`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let owed = asking.judgement.standings.filter {
            $0.duty.id == "P.pn.removal"
        }
        let expected = owed.filter(\.isBreach).map { standing in
            let changed = asking.raw.entries.first { UInt64($0.sequence) == standing.start }!
            return [
                standing.stream, changed.text("result"), changed.text("changedOn"),
                CivilDate(dayNumber: standing.dueDay!).text,
                standing.endDay.map { CivilDate(dayNumber: $0).text } ?? "",
                standing.state == .late ? "late" : "overdue",
            ].joined(separator: "|")
        }
        let answer = try await asking.answer(32)
        #expect(
            answer.table("stream", "result", "changed", "due", "withdrawn", "state")
                == expected.sorted())
        #expect(answer.figure("owed") == .integer(Int64(owed.count)))
        #expect(
            !scene.isStoryEnd
                || expected == ["penalty/PN-1|撤销|2025-09-01|2025-09-04|2025-09-10|late"])
    }

    @Test(arguments: Scene.all)
    func `33: reply clocks with and without the consultation`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let calendar = try Ledger.calendar()
        var expected: [String] = []
        for standing in asking.judgement.standings
        where standing.duty.id == "D.foi.reply" {
            let entries = raw.case(standing.stream)
            let asked = entries.indices.filter {
                ["foi.third-party-consulted", "foi.agency-consulted"].contains(entries[$0].type)
            }
            guard !asked.isEmpty else { continue }
            let end = standing.endDay ?? RawLedger.number(raw.today)
            // Day by day: is it a working day, and does somebody owe an opinion on it?
            var (excluded, used) = (0, 0)
            for day in (standing.startDay + 1)..<max(standing.startDay + 1, end + 1)
            where calendar.isWorkday(day) {
                let isStanding = asked.contains { place in
                    let kind = entries[place].type.contains("third") ? "third-party" : "agency"
                    let over = entries[(place + 1)...].first {
                        ["foi.\(kind)-replied", "foi.consultation-lapsed"].contains($0.type)
                    }
                    return day > RawLedger.number(entries[place].day)
                        && day <= over.map { RawLedger.number($0.day) } ?? end
                }
                if isStanding { excluded += 1 } else { used += 1 }
            }
            let differs = asked.contains { entries[$0].text("sentOn") != entries[$0].day }
            expected.append(
                "\(standing.stream)|\(excluded)|\(used)|"
                    + "\(standing.dueDay.map { CivilDate(dayNumber: $0).text } ?? "")|"
                    + "\(differs ? "yes" : "no")")
        }
        let answer = try await asking.answer(33)
        #expect(
            answer.table("stream", "excluded", "used", "due", "sentDiffers") == expected.sorted())
        #expect(scene.cut == .middle || !expected.isEmpty)
        guard scene.isStoryEnd else { return }
        #expect(answer.column("verdict") == ["in time by the exclusion alone"])
    }

    @Test(arguments: Scene.all)
    func `46: how long, when told, whether checked`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let standings = asking.judgement.standings
        var count = 0
        for (stream, entries) in raw.cases("accountability") {
            let opened = entries.first { $0.type == "accountability.case-opened" }
            let last = { (type: String, field: String, person: String) in
                entries.last {
                    $0.type == "accountability." + type && $0.text(field) == person
                }
            }
            for person in Set(opened?.texts("personsInvestigated") ?? []) {
                let decided = last("decided", "personResponsible", person)
                let told = last("fact-notified", "personInvestigated", person)
                let heard = last("defence-heard", "personInvestigated", person)
                let determined = last("responsibility-determined", "personResponsible", person)
                let closed = entries.last { $0.type == "accountability.closed" }
                let end = decided?.text("decidedOn") ?? closed?.day ?? raw.today
                let state = standings.last {
                    $0.stream == stream && $0.duty.id == "D.ac.decide"
                }?.state
                let isBefore = determined.map { heard?.mayPrecede($0) ?? false }
                let expected = [
                    stream, decided?.text("decidedOn") ?? "",
                    end > months(6, after: opened!.day) ? "yes" : "no",
                    end > months(12, after: opened!.day) ? "yes" : "no",
                    words(state), opened?.text("notifiedOn") ?? "",
                    told?.text("notifiedOn") ?? "", heard?.text("checked") ?? "",
                    isBefore.map { $0 ? "yes" : "no" } ?? "",
                ].joined(separator: "|")
                let answer = try await asking.answer(46) {
                    ($0.person, $0.case) = (person, stream)
                }
                #expect(
                    answer.table(
                        "stream", "decided", "over6", "over12", "state", "told", "facts",
                        "checked", "before") == [expected])
                count += 1
            }
        }
        #expect(scene.cut == .middle || count > 0)
        guard scene.isStoryEnd else { return }
        let answer = try await asking.answer(46) {
            ($0.person, $0.case) = ("P-2001", "penalty/PN-1")
        }
        #expect(answer.table("stream", "over6", "over12") == ["accountability/AC-1|yes|no"])
    }

    /// The day of the same number, or the last of the month.
    private func months(_ count: Int, after day: String) -> String {
        let parts = day.split(separator: "-").compactMap { Int($0) }
        let month = parts[1] - 1 + count
        let dates = (0..<4).compactMap { fewer in
            CivilDate(
                year: parts[0] + month / 12, month: month % 12 + 1, day: parts[2] - fewer)
        }
        return dates[0].text
    }
}
