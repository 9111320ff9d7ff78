import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Rules
import Testing

/// Questions about enterprises, meetings and persons, against loops over the lines.
@Suite struct TracingQuestionsTests {
    @Test(arguments: Scene.all)
    func `37: every step of five years before the accident`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        // Enterprises with an accident, and some that were only inspected.
        let accidents = raw.entries.filter { $0.type == "accident.reported" }
        let inspected = raw.entries.filter { $0.type == "inspection.planned" }.prefix(3)
        let codes = Set(
            accidents.map { $0.text("unitUscc") } + inspected.map { $0.text("objectUscc") })
        var count = 0
        for code in codes where !code.isEmpty {
            let last =
                accidents.filter { $0.text("unitUscc") == code }
                .map { RawLedger.beijingDay($0.text("occurredAt")) }.max() ?? raw.today
            let first = "\(Int(last.prefix(4))! - 5)" + last.dropFirst(4)
            var expected: [String] = []
            for stream in raw.names(
                holding: code, of: ["inspection", "permit", "report", "penalty"])
            {
                for entry in raw.case(stream) where first <= entry.day && entry.day <= last {
                    let acts = asking.acts(entry)
                    let head = "\(stream)|\(asking.title(entry.type))|\(entry.day)|"
                    if acts.isEmpty { expected.append(head + "||") }
                    expected += acts.map {
                        head + "\($0.person)|\($0.shownRole(asking.catalogue))|"
                            + $0.shownPost(raw)
                    }
                }
            }
            let answer = try await asking.answer(37) { $0.enterprise = code }
            #expect(
                answer.table("stream", "type", "day", "person", "role", "post")
                    == expected.sorted(), "\(code)")
            count += expected.count
        }
        #expect(scene.cut == .middle || count > 0)
    }

    @Test(arguments: Scene.all)
    func `38: who knew of a hazard, and from when on`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        var count = 0
        for (stream, entries) in raw.cases("hazard").sorted(by: { $0.stream < $1.stream }).prefix(6)
        {
            guard let reported = entries.first(where: { $0.type == "hazard.reported" }) else {
                continue
            }
            let code = reported.text("enterpriseUscc")
            let accident =
                raw.entries.filter {
                    $0.type == "accident.reported" && $0.text("unitUscc") == code
                }.map { RawLedger.beijingDay($0.text("occurredAt")) }
                .filter { $0 >= reported.day }.min() ?? raw.today
            var signs = entries
            for other in raw.streams.keys where other != stream {
                let own = raw.case(other)
                if let place = own.firstIndex(where: { entry in
                    (entry.data.members ?? []).contains { $0.value.string == stream }
                }) {
                    signs += own[place...]
                } else if let place = own.firstIndex(where: isMajor),
                    RawLedger.holds(code, .array(own.map(\.data)))
                {
                    signs += own[place...]
                }
            }
            signs.sort { ($0.span.lowerBound, $0.sequence) < ($1.span.lowerBound, $1.sequence) }
            var known: Set<String> = []
            var expected: [String] = []
            for entry in signs where entry.day <= accident {
                for act in asking.acts(entry) where known.insert(act.person).inserted {
                    expected.append("\(entry.day)|\(act.person)|\(entry.stream)")
                }
            }
            let answer = try await asking.answer(38) { $0.case = stream }
            #expect(answer.table("day", "person", "stream") == expected.sorted(), "\(stream)")
            count += expected.count
        }
        #expect(scene.cut == .middle || count > 0)
        guard scene.book == .story, scene.cut != .middle else { return }
        let answer = try await asking.answer(38) { $0.case = "hazard/HZ-1" }
        let persons = answer.column("person")
        #expect(persons.contains("P-2042") && persons.contains("P-2041"))
        #expect(persons.contains("P-2012") == (scene.cut == .beforeCorrection), "withdrawn later")
        #expect(answer.figure("found")?.text(.english) == "2025-02-20")
        #expect(answer.figure("accident")?.text(.english) == "2025-06-15")
    }

    private func isMajor(_ entry: RawLedger.Entry) -> Bool {
        entry.type == "report.received" && entry.text("reportKind") == "重大事故隐患"
            || entry.type == "inspection.record-made"
                && (entry.data["hazards"]?.array ?? []).contains { $0["level"] == "重大" }
    }

    // MARK: - Meetings

    private static let deliberations = [
        "decision.deliberated", "penalty.deliberated", "normdoc.deliberated",
        "legislation.deliberated",
    ]

    private func opinion(_ act: RawAct) -> String {
        [
            "agree": "agrees", "disagree": "disagrees", "reserve": "reserves",
            "abstain": "abstains", "not-stated": "said nothing",
        ][act.text("opinion")] ?? act.text("opinion")
    }

    /// What the person said later of the entry.
    private func word(_ act: RawAct, _ raw: RawLedger) -> String {
        let words = raw.case(act.entry.stream).filter { word in
            word.type.hasPrefix("participant.") && word.person == act.person
                && word.data["target"]?["seq"]?.integer == Int64(act.entry.sequence)
        }
        return words.last.map { String($0.type.dropFirst("participant.".count)) } ?? ""
    }

    @Test(arguments: Scene.all)
    func `39: opinions in the order of speaking`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let streams = Set(
            raw.entries.filter { TracingQuestionsTests.deliberations.contains($0.type) }
                .map(\.stream))
        var count = 0
        for stream in streams.sorted().prefix(12) {
            var expected: [String] = []
            for entry in raw.case(stream)
            where TracingQuestionsTests.deliberations.contains(entry.type) {
                for act in asking.acts(entry) where !act.role.isEmpty {
                    let dissents = ["disagree", "reserve"].contains(act.text("opinion"))
                    expected.append(
                        [
                            entry.day, act.json["order"]?.integer.map { "\($0)" } ?? "",
                            act.person, act.shownPost(raw), opinion(act),
                            dissents ? "yes" : "no", word(act, raw),
                        ].joined(separator: "|"))
                }
            }
            let answer = try await asking.answer(39) { $0.case = stream }
            #expect(
                answer.table("day", "order", "person", "post", "opinion", "dissents", "own")
                    == expected.sorted(), "\(stream)")
            count += expected.count
        }
        #expect(scene.cut == .middle || count > 0)
        guard scene.book == .story, scene.cut != .middle else { return }
        let answer = try await asking.answer(39) { $0.case = "penalty/PN-1" }
        #expect(answer.column("person") == ["P-2020", "P-2011", "P-2021"])
        let isCorrected = scene.cut == .end
        #expect(answer.figure("dissents") == .integer(isCorrected ? 2 : 1))
    }

    @Test(arguments: Scene.all)
    func `43: one's own opinions and the minutes`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        var count = 0
        let held = raw.entries.filter {
            TracingQuestionsTests.deliberations.contains($0.type)
        }
        for entry in held.suffix(6) {
            for person in Set(entry.persons("attendee")) {
                var expected: [String] = []
                for one in raw.case(entry.stream) {
                    for act in asking.acts(one)
                    where act.person == person && !act.text("opinion").isEmpty {
                        let shown = act.text("attachment")
                        let minutes = one.text("minutesFile")
                        let isSame = shown == minutes ? "yes" : "no"
                        expected.append(
                            [
                                one.day, opinion(act), shown, minutes,
                                shown.isEmpty || minutes.isEmpty ? "" : isSame, word(act, raw),
                            ].joined(separator: "|"))
                    }
                }
                let answer = try await asking.answer(43) {
                    ($0.person, $0.case) = (person, entry.stream)
                }
                #expect(
                    answer.table("day", "opinion", "document", "minutes", "isInMinutes", "own")
                        == expected.sorted(), "\(entry.stream) \(person)")
                count += expected.count
            }
        }
        #expect(scene.cut == .middle || count > 0)
        guard scene.isStoryEnd else { return }
        let answer = try await asking.answer(43) {
            ($0.person, $0.case) = ("P-2020", "penalty/PN-1")
        }
        #expect(
            answer.table("opinion", "dissents", "isInMinutes", "held", "own")
                == ["reserves|yes|yes|with the producer|confirmed"])
    }
}
