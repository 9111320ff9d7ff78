import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions of a party about its own case, against loops over the lines.
@Suite struct PartyQuestionsTests {
    @Test(arguments: Scene.all)
    func `48: steps, time limits and papers`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let standings = asking.judgement.standings
        var count = 0
        for stream in raw.names("penalty").suffix(8) {
            let entries = raw.case(stream)
            let steps = entries.map { entry in
                let papers = (entry.data["attachments"]?.array ?? []).map {
                    $0["name"]?.string ?? ""
                }
                return "step|\(asking.title(entry.type))|\(entry.day)||"
                    + papers.joined(separator: ", ")
            }
            let own = standings.filter { $0.stream == stream }
            let limits = own.map { standing in
                let titles = standing.duty.to.map { asking.title($0) }
                return "time limit|\(titles.joined(separator: ", "))|"
                    + "\(CivilDate(dayNumber: standing.startDay).text)|\(words(standing.state))|"
            }
            let answer = try await asking.answer(48) { $0.case = stream }
            #expect(
                answer.table("kind", "what", "day", "state", "documents")
                    == (steps + limits).sorted(), "\(stream)")
            #expect(answer.figure("passed") == .integer(Int64(own.count(where: \.isBreach))))
            count += steps.count
        }
        #expect(scene.cut == .middle || count > 0)
        guard scene.isStoryEnd else { return }
        let answer = try await asking.answer(48) { $0.case = "penalty/PN-1" }
        let access = zip(answer.column("what"), answer.column("access"))
        #expect(access.contains { $0 == ("Decided", "public") })
        #expect(access.contains { $0 == ("Collectively deliberated", "not open") })
        #expect(access.contains { $0 == ("Evidence collected", "on request") })
        #expect(access.contains { $0 == ("Served", "yours") })
        await #expect(throws: ProjectionError.self) {
            _ = try await asking.answer(48) { $0.case = "report/RP-1" }
        }
    }

    @Test(arguments: Scene.all)
    func `49: until when a penalty is public, and what repair needs`(
        _ scene: Scene
    ) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let standings = asking.judgement.standings
        let pushed = raw.entries.filter { $0.type == "credit.pushed" }.map { $0.text("penalty") }
        let streams = Set(pushed + raw.names("penalty").prefix(4)).filter {
            raw.streams[$0] != nil && $0.hasPrefix("penalty/")
        }
        for stream in streams.sorted() {
            let entries = raw.case(stream)
            func last(_ type: String) -> RawLedger.Entry? { entries.last { $0.type == type } }
            let published = last("penalty.published")
            let withdrawn = last("penalty.withdrawn-from-public")
            let executed = last("penalty.executed")
            let kept = standings.last { $0.stream == stream && $0.duty.id == "D.ci.expire" }
            let until = published?.text("publishedUntil") ?? ""
            var expected = [
                "published|\(published?.text("publishedOn") ?? "")|"
                    + (published == nil ? "no" : "yes"),
                "published until|\(until)|"
                    + (until.isEmpty ? "" : until < raw.today ? "yes" : "no"),
                "withdrawn from publication|\(withdrawn?.text("withdrawnOn") ?? "")|"
                    + (withdrawn == nil ? "no" : "yes"),
                "credit record kept until|"
                    + (kept?.dueDay.map { CivilDate(dayNumber: $0).text } ?? "") + "|"
                    + (kept.map { $0.end == nil ? "no" : "yes" } ?? ""),
                "needed: the penalty is carried out|\(executed?.text("executedOn") ?? "")|"
                    + (executed == nil ? "no" : "yes"),
            ]
            for (_, credit) in raw.cases("credit") {
                func last(_ type: String) -> RawLedger.Entry? {
                    credit.last { $0.type == "credit." + type }
                }
                let isOwn = credit.contains {
                    $0.type == "credit.pushed" && $0.text("penalty") == stream
                }
                guard isOwn else { continue }
                let (listed, removed) = (last("serious-list-entered"), last("serious-list-removed"))
                let isListed = listed.map { one in removed.map { !one.mayPrecede($0) } ?? true }
                let (applied, decided) = (last("repair-applied"), last("repair-decided"))
                expected += [
                    "pushed to a credit platform|\(last("pushed")!.text("pushedOn"))|yes",
                    "needed: not on the serious list|\((removed ?? listed)?.day ?? "")|"
                        + (isListed == true ? "no" : "yes"),
                    "needed: applied for by the party|\(applied?.text("appliedOn") ?? "")|"
                        + (applied == nil ? "no" : "yes"),
                    "repair decided|\(decided?.day ?? "")|"
                        + (decided.map { $0.text("result") == "同意" ? "yes" : "no" } ?? ""),
                ]
            }
            let answer = try await asking.answer(49) { $0.case = stream }
            #expect(answer.table("what", "day", "isSo") == expected.sorted(), "\(stream)")
        }
        #expect(scene.cut == .middle || !streams.isEmpty)
        guard scene.isStoryEnd else { return }
        let answer = try await asking.answer(49) { $0.case = "penalty/PN-1" }
        #expect(
            answer.table("what", "isSo").contains("needed: not on the serious list|yes"))
    }
}
