import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Rules
import Testing

/// Questions about how reports were verified, against loops over the lines.
@Suite struct ReportQuestionsTests {
    @Test(arguments: Scene.all)
    func `28: officers with a sign of a conflict`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let sealed = asking.judgement.findings.filter { $0.rule == "R264" }
        var recused: [(person: String, stream: String, type: String)] = []
        for (_, entries) in raw.cases("officer") {
            let person = entries.last { $0.type == "officer.registered" }?.text("person")
            for entry in entries
            where ["officer.recused", "officer.recusal-applied"].contains(entry.type) {
                if let person { recused.append((person, entry.text("relatedCase"), entry.type)) }
            }
        }
        var expected: [String] = []
        for (stream, entries) in raw.cases("report") {
            for verified in entries where verified.type == "report.verified" {
                let assigned = entries.last {
                    $0.type == "report.assigned" && $0.mayPrecede(verified)
                }
                for officer in verified.persons("officer") {
                    var signs: [String] = []
                    if assigned == nil { signs.append("no assignment before") }
                    if let assigned, assigned.data["conflictChecked"] != true {
                        signs.append("not checked on assignment")
                    }
                    let own = recused.filter {
                        $0.person == officer
                            && [stream, verified.text("inspection")].contains($0.stream)
                    }.map(\.type)
                    if own.contains("officer.recused") { signs.append("told to keep away") }
                    if own.contains("officer.recusal-applied") {
                        signs.append("asked to keep away")
                    }
                    let isBroken = sealed.contains { $0.entry == UInt64(verified.sequence) }
                    let keepers = entries.filter { $0.type == "report.identity-sealed" }
                        .flatMap { $0.persons("vault-keeper") }
                    if isBroken, keepers.contains(officer) {
                        signs.append("had sealed the identity")
                    }
                    if !signs.isEmpty {
                        expected.append("\(stream)|\(officer)|\(signs.joined(separator: ", "))")
                    }
                }
            }
        }
        let answer = try await asking.answer(28)
        #expect(answer.table("stream", "person", "signs") == expected.sorted())
        #expect(!scene.isStoryEnd || expected.contains { $0.contains("told to keep away") })
    }

    @Test(arguments: Scene.all)
    func `29: officers of units whose reports were all unfounded`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        var units: [String: [(stream: String, entries: [RawLedger.Entry])]] = [:]
        var founded: Set<String> = []
        for (stream, entries) in asking.raw.cases("report") {
            guard let received = entries.last(where: { $0.type == "report.received" }),
                let concluded = entries.last(where: { $0.type == "report.concluded" })
            else { continue }
            let code = received.text("objectUscc")
            let unit = code.isEmpty ? received.text("objectName") : code
            units[unit, default: []].append((stream, entries))
            let review = entries.last { $0.type == "report.review-concluded" }?.text("result")
            if concluded.text("result") != "不属实" || review == "变更" { founded.insert(unit) }
        }
        var expected: [String] = []
        for (unit, cases) in units where cases.count > 1 && !founded.contains(unit) {
            var counts: [String: Int] = [:]
            for verified in cases.flatMap(\.entries) where verified.type == "report.verified" {
                for officer in Set(verified.persons("officer")) { counts[officer, default: 0] += 1 }
            }
            expected += counts.map { "\(unit)|\(cases.count)|\($0.key)|\($0.value)" }
        }
        let answer = try await asking.answer(29)
        #expect(
            answer.table("code", "reports", "person", "verifications") == expected.sorted())
        // The third report was first recorded as partly founded.
        #expect(scene.isStoryEnd == !expected.isEmpty || scene.book == .year)
    }

    @Test(arguments: Scene.all)
    func `50: steps and days by the code`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let standings = asking.judgement.standings
        let shown = [
            "received", "accepted", "not-accepted", "forwarded", "assigned", "verified",
            "extended", "concluded", "fed-back", "review-requested", "review-concluded", "merged",
            "divided", "closed",
        ]
        var codes = raw.entries.filter { $0.type == "report.received" }
            .map { ($0.stream, $0.text("registerNo")) }
        codes = Array(codes.prefix(12))
        for (stream, code) in codes {
            let rewards = raw.cases("reward").filter { _, entries in
                entries.last { $0.type == "reward.eligibility-checked" }?.text("report") == stream
            }
            var expected = raw.case(stream).filter { entry in
                shown.contains { entry.type == "report." + $0 }
            }
            let ofReward = ["approved", "notified", "extension-granted", "claimed", "forfeited"]
            expected += rewards.flatMap(\.entries).filter { entry in
                ofReward.contains { entry.type == "reward." + $0 }
            }
            let answer = try await asking.answer(50) { $0.code = code }
            #expect(
                answer.table("step", "day")
                    == expected.map { "\(asking.title($0.type))|\($0.day)" }.sorted())
            let close = standings.last {
                $0.stream == stream && $0.duty.id == "D.rp.close"
            }
            #expect(answer.figure("due") == Value(day: close?.dueDay))
            let claim = standings.last { standing in
                standing.duty.id == "D.rw.claim"
                    && rewards.contains { $0.stream == standing.stream }
            }
            #expect(answer.figure("claimBy") == Value(day: claim?.dueDay))
        }
        #expect(!codes.isEmpty)
        await #expect(throws: ProjectionError.self) {
            _ = try await asking.answer(50) { $0.code = "JB-0000-0" }
        }
    }

    @Test func `50: a reward that waits, with the days left`() async throws {
        let asking = try await SceneAsking(Scene(book: .story, cut: .end))
        let answer = try await asking.answer(50) { $0.code = "JB-2025-1" }
        #expect(answer.figure("reward")?.text(.english) == "to be claimed")
        // From 21 January sixty days, to a Sunday that rolls; asked on 1 March.
        #expect(answer.figure("claimBy")?.text(.english) == "2026-03-23")
        #expect(answer.figure("left") == .integer(22))
    }
}
