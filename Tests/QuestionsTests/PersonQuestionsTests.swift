import CanonicalJSON
import Catalogue
import Digests
import LedgerHome
import Phrases
import Projections
import Questions
import Rules
import Testing

/// Questions about persons and records, against loops over the lines.
@Suite struct PersonQuestionsTests {
    /// Those who are in most entries, and those of the story.
    private func persons(_ asking: SceneAsking) -> [String] {
        var counts: [String: Int] = [:]
        for entry in asking.raw.entries {
            for act in asking.acts(entry) { counts[act.person, default: 0] += 1 }
        }
        let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map(\.key)
        return Set(most + ["P-2001", "P-2010", "P-2020"].filter { counts[$0] != nil }).sorted()
    }

    @Test(arguments: Scene.all)
    func `40: decisions that a person took part in`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        var count = 0
        for person in persons(asking) {
            var expected: [String] = []
            for stream in raw.streams.keys {
                let entries = raw.case(stream)
                let acts = entries.flatMap(asking.acts).filter { $0.person == person }
                for entry in entries
                where asking.decides(entry.type) && ("2021"..."2025").contains(entry.day.prefix(4))
                {
                    let own = acts.filter { $0.entry.sequence == entry.sequence }
                    let before = acts.filter {
                        $0.entry.sequence != entry.sequence && $0.entry.mayPrecede(entry)
                    }
                    if own.isEmpty, before.isEmpty { continue }
                    expected.append(
                        [
                            entry.day, stream, asking.title(entry.type), roles(own, asking),
                            roles(before, asking),
                        ].joined(separator: "|"))
                }
            }
            let answer = try await asking.answer(40) { $0.person = person }
            #expect(
                answer.table("day", "stream", "type", "decided", "before") == expected.sorted(),
                "\(person)")
            count += expected.count
        }
        #expect(count > 0)
        let none = try await asking.answer(40) {
            ($0.person, $0.year, $0.years) = (persons(asking)[0], 2020, 1)
        }
        #expect(none.rows.isEmpty)
    }

    private func roles(_ acts: [RawAct], _ asking: SceneAsking) -> String {
        var roles: [String] = []
        for act in acts {
            let role = act.shownRole(asking.catalogue)
            if !roles.contains(role) { roles.append(role) }
        }
        return roles.joined(separator: ", ")
    }

    @Test(arguments: Scene.all)
    func `42: what a person did in a case, and by what right`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        var count = 0
        for (stream, entries) in raw.cases("penalty").sorted(by: { $0.stream < $1.stream })
            .prefix(4)
        {
            for person in Set(entries.flatMap(asking.acts).map(\.person)).sorted().prefix(8) {
                let acts = entries.flatMap(asking.acts).filter { $0.person == person }
                let expected = acts.map { act in
                    let day = act.entry.day
                    let held = raw.held(person).filter { $0.first <= day && day < $0.end }
                    let dissents = ["disagree", "reserve"].contains(act.text("opinion"))
                    let note = act.role.isEmpty ? "" : act.text("note")
                    return [
                        day, asking.title(act.entry.type), act.shownRole(asking.catalogue),
                        act.shownPost(raw),
                        held.map { held in
                            ["kind", "post", "scope", "docNo"].map { held.entry.text($0) }
                                .filter { !$0.isEmpty }.joined(separator: " ")
                        }.joined(separator: ", "),
                        act.role == "officer"
                            ? (raw.isCertified(person, on: day) ? "yes" : "no") : "",
                        !note.isEmpty ? note : dissents ? "dissented" : "",
                    ].joined(separator: "|")
                }
                let answer = try await asking.answer(42) {
                    ($0.person, $0.case) = (person, stream)
                }
                #expect(
                    answer.table(
                        "day", "type", "role", "post", "authority", "certificate", "warning")
                        == expected.sorted(), "\(stream) \(person)")
                count += expected.count
            }
        }
        #expect(scene.cut == .middle || count > 0)
        guard scene.isStoryEnd else { return }
        let answer = try await asking.answer(42) {
            ($0.person, $0.case) = ("P-2020", "penalty/PN-1")
        }
        // His own confirmation is an act, too.
        #expect(answer.column("warning") == ["建议先核实整改风险。", ""])
    }

    // MARK: - Records

    @Test(arguments: Scene.all)
    func `41: the head when a record was entered`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let mended = raw.lines.compactMap { line -> Int? in
            let data = line["event"]?["data"]
            return (data?["corrects"] ?? data?["withdraws"])?["seq"]?.integer.map(Int.init)
        }
        let numbers = Set([0, 1, raw.lines.count - 1] + mended.prefix(3)).sorted()
        for number in numbers {
            let leaves = raw.lines[...number].map {
                SHA256.digest(of: [0] + $0.canonicalBytes)
            }
            let later = raw.lines.filter { line in
                let data = line["event"]?["data"]
                let target = (data?["corrects"] ?? data?["withdraws"])?["seq"]?.integer
                return target == Int64(number)
            }
            let answer = try await asking.answer(41) { $0.record = UInt64(number) }
            #expect(answer.figure("size") == .integer(Int64(number + 1)))
            #expect(answer.figure("leaf") == .text(leaves[number].hex))
            #expect(answer.figure("root")?.text(.english) == base64(root(leaves[...])))
            #expect(
                answer.table("record", "by", "approver")
                    == later.map { line in
                        let data = line["event"]?["data"]
                        return [
                            "\(line["chain"]?["seq"]?.integer ?? -1)",
                            data?["operator"]?["person"]?.string ?? "",
                            data?["approver"]?.string ?? "",
                        ].joined(separator: "|")
                    }.sorted(), "\(number)")
        }
        #expect(scene.cut != .end || !mended.isEmpty)
        await #expect(throws: ProjectionError.self) {
            _ = try await asking.answer(41) { $0.record = UInt64(raw.lines.count) }
        }
    }

    /// RFC 6962 section 2.1, as it is written there.
    private func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves[leaves.startIndex] }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        let middle = leaves.startIndex + split
        return SHA256.digest(
            of: [1] + root(leaves[..<middle]).bytes + root(leaves[middle...]).bytes)
    }

    private func base64(_ digest: Digest) -> String { Base64.encode(digest.bytes) }

    @Test(arguments: Scene.all)
    func `47: evidence entered when the case had broken`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let late = asking.judgement.findings.filter { $0.rule == "late-entry" }
        let clues = raw.entries.filter { $0.type == "accountability.clue-received" }
        var streams = clues.map { $0.text("relatedCase") }.filter { raw.streams[$0] != nil }
        streams += raw.names("penalty").prefix(3)
        var count = 0
        for stream in Set(streams).sorted().prefix(8) {
            let entries = raw.case(stream)
            guard let person = entries.first?.person else { continue }
            var broke = clues.filter { $0.text("relatedCase") == stream }
                .map { RawLedger.microseconds($0.time) }
            for accident in raw.names("accident") {
                let names = entries.contains { entry in
                    (entry.data.members ?? []).contains { $0.value.string == accident }
                }
                let isNamed = raw.names(holding: stream, of: ["accident"]).contains(accident)
                guard names || isNamed,
                    let reported = raw.case(accident).first(where: {
                        $0.type == "accident.reported"
                    })
                else { continue }
                broke.append(RawLedger.microseconds(reported.text("occurredAt")))
            }
            var expected: [String] = []
            for entry in entries where !(entry.data["attachments"]?.array ?? []).isEmpty {
                let (from, entered) = (
                    entry.span.lowerBound, RawLedger.microseconds(entry.recorded)
                )
                let isAfter = broke.min().map { from < $0 && entered >= $0 }
                let isLate = late.contains { $0.entry == UInt64(entry.sequence) }
                expected.append(
                    [
                        "\(entry.sequence)", "\((entered - from) / 60_000_000)",
                        isLate ? "yes" : "no", isAfter.map { $0 ? "yes" : "no" } ?? "",
                        asking.acts(entry).contains { $0.person == person } ? "yes" : "no",
                    ].joined(separator: "|"))
            }
            let answer = try await asking.answer(47) { ($0.person, $0.case) = (person, stream) }
            #expect(
                answer.table("record", "gap", "late", "after", "mine") == expected.sorted(),
                "\(stream)")
            count += expected.count
        }
        #expect(scene.cut == .middle || count > 0)
        guard scene.isStoryEnd else { return }
        let answer = try await asking.answer(47) {
            ($0.person, $0.case) = ("P-2002", "penalty/PN-1")
        }
        #expect(answer.figure("after") == .integer(1))
    }
}
