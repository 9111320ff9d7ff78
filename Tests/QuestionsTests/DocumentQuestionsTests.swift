import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about documents and versions, against loops over the lines.
@Suite struct DocumentQuestionsTests {
    /// The first day on which a published document is valid no more.
    private func end(_ entries: [RawLedger.Entry]) -> String {
        func last(_ type: String) -> RawLedger.Entry? {
            entries.last { $0.type == "normdoc." + type }
        }
        let until =
            last("extended")?.text("newExpiry") ?? last("published")?.text("expiresOn") ?? ""
        let repealed = entries.first { $0.type == "normdoc.repealed" }?.day
        let expired = entries.first { $0.type == "normdoc.expired" }?.text("expiredOn")
        return [until.isEmpty ? nil : RawLedger.after(until), repealed, expired]
            .compactMap(\.self).min() ?? ""
    }

    @Test(arguments: Scene.all)
    func `34: clean-up, and decisions that cite what has ended`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let standings = asking.judgement.standings
        var expected: [String] = []
        for (stream, entries) in raw.cases("normdoc") {
            guard entries.contains(where: { $0.type == "normdoc.published" }) else { continue }
            let end = self.end(entries)
            let names =
                [
                    stream, entries.last { $0.type == "normdoc.signed" }?.text("docNo") ?? "",
                    entries.last { $0.type == "normdoc.registered" }?.text("registerNo") ?? "",
                ].filter { !$0.isEmpty }
            let citing = raw.entries.filter { entry in
                let needs =
                    asking.catalogue.eventType(entry.type)?.needs.contains(.legalBasis) ?? false
                return !end.isEmpty && end <= raw.today && entry.day >= end
                    && !entry.stream.hasPrefix("normdoc")
                    && (needs || asking.decides(entry.type))
                    && names.contains { entry.data.canonicalText.contains($0) }
            }
            let standing = standings.last {
                $0.stream == stream && $0.duty.id == "D.nd.clean"
            }
            expected.append(
                "\(stream)|\(end)|"
                    + "\(standing?.dueDay.map { CivilDate(dayNumber: $0).text } ?? "")|"
                    + "\(words(standing?.state))|"
                    + Set(citing.map(\.stream)).sorted().joined(separator: ", "))
        }
        let answer = try await asking.answer(34)
        #expect(
            answer.table("stream", "ended", "due", "state", "cited") == expected.sorted())
        let cycles = standings.filter { $0.duty.id == "D.nc.cycle" }
        #expect(answer.figure("missed") == .integer(Int64(cycles.count(where: \.isBreach))))
        #expect(!scene.isStoryEnd || expected.contains { $0.hasSuffix("|penalty/PN-1") })
    }

    @Test(arguments: Scene.all)
    func `51: whether a document is in force`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        var count = 0
        for (_, entries) in raw.cases("normdoc") {
            let published = entries.last { $0.type == "normdoc.published" }
            let number = entries.last { $0.type == "normdoc.registered" }?.text("registerNo")
            guard let published, let number else { continue }
            let end = self.end(entries)
            let isOver = !end.isEmpty && end <= raw.today
            let repealed = entries.first { $0.type == "normdoc.repealed" }
            let state =
                isOver
                ? (repealed?.day == end ? "repealed" : "expired")
                : (published.text("effectiveOn") <= raw.today ? "in force" : "not yet in force")
            let answer = try await asking.answer(51) { $0.case = number }
            #expect(
                answer.table("registerNo", "state", "effective") == [
                    "\(number)|\(state)|\(published.text("effectiveOn"))"
                ])
            count += 1
        }
        #expect(scene.cut == .middle || count > 0)
    }

    @Test(arguments: Scene.all)
    func `44: the power list and the benchmarks on the day of each act`(
        _ scene: Scene
    ) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        var count = 0
        for (stream, entries) in raw.cases("penalty").prefix(6) {
            let person = entries.first { $0.type == "penalty.filed" }?.persons("officer").first
            guard let person else { continue }
            var expected: [String] = []
            let days = Set(
                entries.filter { entry in asking.acts(entry).contains { $0.person == person } }
                    .map(\.day))
            for day in days {
                let lists = raw.entries.filter {
                    $0.type == "power-list.published" && $0.day <= day
                }.sorted {
                    ($0.span.lowerBound, $0.sequence) < ($1.span.lowerBound, $1.sequence)
                }
                let list = lists.last?.stream ?? ""
                let adjusted = raw.entries.filter {
                    $0.type == "power-list.adjusted" && $0.stream == list && $0.day <= day
                }
                let inForce = raw.names("discretion").filter { name in
                    let own = raw.case(name)
                    return own.contains {
                        $0.type == "discretion.published" && $0.text("effectiveOn") <= day
                    }
                        && !own.contains {
                            $0.type == "discretion.repealed" && $0.text("repealedOn") <= day
                        }
                }
                let named = entries.last { $0.day <= day && !$0.text("benchmark").isEmpty }
                expected.append(
                    "\(day)|\(list)|\(list.isEmpty ? "" : "\(adjusted.count)")|"
                        + "\(inForce.joined(separator: ", "))|\(named?.text("benchmark") ?? "")")
            }
            let answer = try await asking.answer(44) { ($0.person, $0.case) = (person, stream) }
            #expect(
                answer.table("day", "list", "adjusted", "benchmarks", "named")
                    == expected.sorted(), "\(stream)")
            count += expected.count
        }
        #expect(scene.cut == .middle || count > 0)
    }
}
