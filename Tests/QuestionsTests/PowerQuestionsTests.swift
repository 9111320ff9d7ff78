import CanonicalJSON
import Catalogue
import Digests
import LedgerHome
import Phrases
import Projections
import Questions
import Records
import Rules
import Testing

/// Questions about draws, certificates, oaths and lent powers, against loops over the lines.
@Suite struct PowerQuestionsTests {
    @Test(arguments: Scene.all)
    func `30: draws made again`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        var expected: [String] = []
        for (stream, entries) in raw.cases("inspection-plan") {
            for drawn in entries where drawn.type == "inspection-plan.drawn" {
                let frozen = entries.last {
                    $0.type == "inspection-plan.pool-frozen" && $0.mayPrecede(drawn)
                }
                let seed = drawn.text("seed")
                let isSeed =
                    SHA256.digest(of: seed.utf8).hex == drawn.text("seedCommitment")
                let isNamed = drawn.text("algorithm") == "hanqing-draw-1"
                let pools = frozen.map { self.pools(raw, before: $0) }
                let isObjects =
                    pools.map { StoryScript.digest(of: $0.objects) } == frozen?.text("objectPool")
                let isOfficers =
                    pools.map { StoryScript.digest(of: $0.officers) }
                    == frozen?.text("officerPool")
                var outcome = ["", ""]
                if let pools, isNamed, isObjects {
                    let all = pools.objects
                    let count = (all.count * drawn.integer("ratio") + 99) / 100
                    let due = StoryScript.smallest(
                        count, all, "object", drawn.text("taskNo"), seed)
                    let taken = (drawn.data["objects"]?.array ?? []).map {
                        $0["uscc"]?.string ?? ""
                    }
                    outcome[0] = taken.sorted() == due.sorted() ? "yes" : "no"
                }
                if let pools, isNamed, isOfficers {
                    let taken = drawn.persons("officer")
                    let due = StoryScript.smallest(
                        taken.count, pools.officers, "officer", drawn.text("taskNo"), seed)
                    outcome[1] = taken.sorted() == due.sorted() ? "yes" : "no"
                }
                expected.append("\(stream)|\(isSeed ? "yes" : "no")|\(outcome[0])|\(outcome[1])")
            }
        }
        let answer = try await asking.answer(30)
        #expect(answer.table("stream", "seed", "objects", "officers") == expected.sorted())
        guard scene.isStoryEnd else { return }
        #expect(
            answer.table("stream", "verdict") == [
                "inspection-plan/IP-1|reproduced", "inspection-plan/IP-2|comes out differently",
                "inspection-plan/IP-3|another seed than committed to",
            ])
    }

    private func pools(
        _ raw: RawLedger, before frozen: RawLedger.Entry
    ) -> (objects: [String], officers: [String]) {
        let graded = raw.entries.filter {
            $0.type == "jurisdiction.object-graded" && $0.mayPrecede(frozen)
        }.map { $0.text("objectUscc") }
        let officers = raw.cases("officer").compactMap { _, entries -> String? in
            let person = entries.last { $0.type == "officer.registered" }?.text("person") ?? ""
            let hasLeft = entries.contains { $0.type == "officer.left" && $0.mayPrecede(frozen) }
            return raw.isCertified(person, on: frozen.day) && !hasLeft ? person : nil
        }
        return (Set(graded).sorted(), Set(officers).sorted())
    }

    @Test func `30: a share is rounded up, in ten-thousandths of a per cent`() {
        #expect(RepeatableDraw.count(of: 5, percent: 40) == 2)
        #expect(RepeatableDraw.count(of: 5, percent: 41) == 3)
        #expect(RepeatableDraw.count(of: 1_000, percent: 0.1) == 1)
        #expect(RepeatableDraw.count(of: 3, percent: 33.3333) == 1)
        #expect(RepeatableDraw.count(of: 3, percent: 33.3334) == 2)
        #expect(RepeatableDraw.count(of: 7, percent: 100) == 7)
        #expect(RepeatableDraw.count(of: 0, percent: 50) == 0)
    }

    @Test(arguments: Scene.all)
    func `31: acts without a certificate`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let rules = ["R163", "R211", "R347", "R434", "R444", "R471", "R486"]
        let findings = asking.judgement.findings.filter { rules.contains($0.rule) }
        var expected: [String] = []
        for finding in findings {
            let entry = asking.raw.entries.first { UInt64($0.sequence) == finding.entry }!
            for officer in entry.persons("officer")
            where !asking.raw.isCertified(officer, on: entry.day) {
                expected.append("\(finding.stream)|\(entry.day)|\(officer)|\(finding.state)")
            }
        }
        let answer = try await asking.answer(31)
        #expect(answer.table("stream", "day", "person", "state") == expected.sorted())
        // As a reminder that each finding names somebody.
        #expect(
            Set(expected.map { $0.prefix { $0 != "|" } }).count == Set(findings.map(\.stream)).count
        )
        #expect(!scene.isStoryEnd || expected.contains { $0.contains("P-2003") })
    }

    @Test(arguments: Scene.all)
    func `35: appointees without an oath`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        var expected: [String] = []
        for standing in asking.judgement.standings
        where standing.duty.id == "D.oa" && standing.end == nil {
            let arose = asking.raw.entries.first { UInt64($0.sequence) == standing.start }!
            let person = arose.text("person")
            let isSworn = asking.raw.entries.contains { held in
                held.type == "oath.held" && held.day >= arose.text("appointedOn")
                    && held.persons("swearer").contains(person)
            }
            let due = CivilDate(dayNumber: standing.dueDay!).text
            if !isSworn {
                expected.append("\(arose.stream)|\(person)|\(due)|\(words(standing.state))")
            }
        }
        let answer = try await asking.answer(35)
        #expect(answer.table("stream", "person", "due", "state") == expected.sorted())
        #expect(!scene.isStoryEnd || expected == ["oath/OA-1|P-2011|2025-07-30|overdue"])
    }

    @Test(arguments: Scene.all)
    func `36: acts after a power ended`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let expected = actsOfUnitsWithoutPower(asking) + actsOfPersonsWithoutPower(asking)
        let answer = try await asking.answer(36)
        #expect(answer.table("holder", "stream", "day", "person") == expected.sorted())
        guard scene.isStoryEnd else { return }
        #expect(
            Set(answer.column("holder")) == ["P-2010", "某镇综合执法队", "某街道办事处"])
        #expect(!answer.column("stream").contains("inspection/IN-4"), "still empowered then")
    }

    /// The days on which a power held, by the name of the unit that had it.
    private func powers(_ raw: RawLedger) -> [String: [(first: String, end: String)]] {
        var powers: [String: [(first: String, end: String)]] = [:]
        for (_, entries) in raw.cases("jurisdiction") {
            for (place, entry) in entries.enumerated() {
                let first = entry.text("startsOn").isEmpty ? entry.day : entry.text("startsOn")
                let (unit, end): (String, String)
                if entry.type == "jurisdiction.delegated" {
                    (unit, end) = ("delegatee", RawLedger.after(entry.text("endsOn")))
                } else if entry.type == "jurisdiction.empowered" {
                    let over = entries[(place + 1)...].first {
                        $0.type == "jurisdiction.item-withdrawn"
                            || $0.type == "jurisdiction.empowerment-assessed"
                                && $0.text("result") == "收回"
                    }
                    let named = over?.text("withdrawnOn") ?? ""
                    (unit, end) = ("township", named.isEmpty ? over?.day ?? "9999-12-31" : named)
                } else {
                    continue
                }
                guard first < end else { continue }
                powers[entry.data[unit]?["name"]?.string ?? "", default: []].append((first, end))
            }
        }
        return powers
    }

    private func actsOfUnitsWithoutPower(_ asking: SceneAsking) -> [String] {
        let powers = powers(asking.raw)
        var found: [String] = []
        for procedure in ["inspection", "penalty", "coercion"] {
            for entry in asking.raw.cases(procedure).flatMap(\.entries) {
                for act in asking.acts(entry) {
                    let own = powers[act.unit] ?? []
                    let isCovered = own.contains { $0.first <= entry.day && entry.day < $0.end }
                    guard !isCovered, own.contains(where: { $0.end <= entry.day }) else { continue }
                    found.append("\(act.unit)|\(entry.stream)|\(entry.day)|\(act.person)")
                }
            }
        }
        return found
    }

    private func actsOfPersonsWithoutPower(_ asking: SceneAsking) -> [String] {
        let raw = asking.raw
        let roles = ["授权签发": "signatory", "授权审批": "approver", "委托办理": "handler"]
        let registered = raw.entries.filter { $0.type == "person.registered" }
        var found: [String] = []
        for person in Set(registered.map { $0.text("person") }) {
            let held = raw.held(person).filter { $0.kind == "delegation" }
            for (kind, role) in roles {
                let own = held.filter { $0.entry.text("kind") == kind }
                for entry in raw.entries {
                    let isCovered = own.contains { $0.first <= entry.day && entry.day < $0.end }
                    let last = own.filter { $0.end <= entry.day }.max { $0.end < $1.end }
                    guard !isCovered, let last else { continue }
                    for act in asking.acts(entry) where act.person == person && act.role == role {
                        let posts = raw.posts(person, on: entry.day)
                        guard !posts.contains(act.post),
                            !posts.contains(last.entry.text("post"))
                        else { continue }
                        found.append("\(person)|\(entry.stream)|\(entry.day)|\(person)")
                    }
                }
            }
        }
        return found
    }
}
