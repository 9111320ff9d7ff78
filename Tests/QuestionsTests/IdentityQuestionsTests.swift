import CanonicalJSON
import Catalogue
import LedgerHome
import Phrases
import Projections
import Questions
import Rules
import Testing

/// Questions about sealed identities and looks at data, against loops over the lines.
@Suite struct IdentityQuestionsTests {
    @Test(arguments: Scene.all)
    func `27: every opening, who asked, who approved, and what was wrong`(
        _ scene: Scene
    ) async throws {
        let asking = try await SceneAsking(scene)
        let findings = asking.judgement.findings
        var expected: [String] = []
        for (stream, entries) in asking.raw.cases("vault") {
            for opened in entries
            where ["vault.opened", "vault.emergency-opened"].contains(opened.type) {
                // An emergency was neither asked for nor approved.
                let isAsked = opened.type == "vault.opened"
                let approved = entries.last {
                    isAsked && $0.type == "vault.access-approved" && $0.mayPrecede(opened)
                }
                let requested = entries.last {
                    isAsked && $0.type == "vault.access-requested"
                        && $0.mayPrecede(approved ?? opened)
                }
                let numbers = [opened, approved, requested].compactMap { $0?.sequence }
                let rules = findings.filter { finding in
                    finding.rule.hasPrefix("R")
                        && numbers.contains(finding.entry.map(Int.init) ?? -1)
                }.map(\.rule).sorted()
                expected.append(
                    [
                        stream, opened.persons("viewer").joined(separator: ", "),
                        requested?.persons("requester").joined(separator: ", ") ?? "",
                        (isAsked ? requested?.text("purpose") : opened.text("reason")) ?? "",
                        approved?.persons("vault-approver").joined(separator: ", ") ?? "",
                        rules.joined(separator: ","),
                    ].joined(separator: "|"))
            }
        }
        let answer = try await asking.answer(27)
        let found = answer.rows.map { row in
            let shown = ["stream", "viewers", "requesters", "purpose", "approvers"].map {
                answer.value(row, $0)?.text(.english) ?? "?"
            }
            return (shown + [answer.rules(row, "broken").joined(separator: ",")])
                .joined(separator: "|")
        }
        #expect(found.sorted() == expected.sorted())
        #expect(scene.cut == .middle || !expected.isEmpty)
    }

    @Test(arguments: Scene.all)
    func `45: traces, openings and queries about a person`(_ scene: Scene) async throws {
        let asking = try await SceneAsking(scene)
        let raw = asking.raw
        let found = raw.entries.flatMap { $0.texts("personsFound") }
        var count = 0
        for person in Set(found).union(["P-2001", "P-2002", "P-2003"]).sorted() {
            var expected: [String] = []
            for entry in raw.entries {
                let own = raw.case(entry.stream)
                switch entry.type {
                case "accountability.trace-run" where entry.texts("personsFound").contains(person):
                    expected.append("\(entry.stream)|Retrospective trace run|\(entry.person)|no|")
                case "vault.opened":
                    let approved = own.last {
                        $0.type == "vault.access-approved" && $0.mayPrecede(entry)
                    }
                    let requested = own.last {
                        $0.type == "vault.access-requested" && $0.mayPrecede(approved ?? entry)
                    }
                    guard requested?.text("subject") == person else { continue }
                    let by = approved?.persons("vault-approver").joined(separator: ", ") ?? ""
                    expected.append(
                        "\(entry.stream)|Opened|\(entry.persons("viewer")[0])|"
                            + "\(by.isEmpty ? "no" : "yes")|\(by)")
                case "ledger-audit.queried":
                    let causes = (entry.data["causes"]?.array ?? []).compactMap {
                        $0["seq"]?.integer.map(Int.init)
                    }
                    let isAbout = causes.contains { number in
                        RawLedger.holds(person, raw.lines[number]["event"]?["data"] ?? .null)
                    }
                    guard isAbout else { continue }
                    let by = entry.persons("approver").joined(separator: ", ")
                    expected.append(
                        "\(entry.stream)|Sensitive query made|\(entry.persons("requester")[0])|"
                            + "\(by.isEmpty ? "no" : "yes")|\(by)")
                default: continue
                }
            }
            let answer = try await asking.answer(45) { $0.person = person }
            #expect(
                answer.table("stream", "type", "who", "isApproved", "approvers")
                    == expected.sorted(), "\(person)")
            count += expected.count
        }
        #expect(scene.cut == .middle || count > 0)
    }

    @Test func `45: for one case alone`() async throws {
        let asking = try await SceneAsking(Scene(book: .story, cut: .end))
        let answer = try await asking.answer(45) {
            ($0.person, $0.case) = ("P-2001", "penalty/PN-1")
        }
        #expect(answer.column("stream").sorted() == ["accountability/AC-1", "vault/VA-1"])
    }

    @Test func `no answer tells who reported`() async throws {
        let asking = try await SceneAsking(Scene(book: .story, cut: .end))
        let record = asking.raw.entries.first { $0.type == "report.review-requested" }
        for question in Question.all where question.number >= 27 {
            for stream in ["report/RP-1", "penalty/PN-1", "hazard/HZ-1", "normdoc/ND-1"] {
                var given = GivenArguments()
                let kinds = Set(question.parameters.map(\.kind))
                if kinds.contains(.case) { given.case = stream }
                if kinds.contains(.person) { given.person = "P-2001" }
                if kinds.contains(.enterprise) { given.enterprise = StoryScript.accidentUnit }
                if kinds.contains(.record) {
                    given.record = record.flatMap { UInt64(exactly: $0.sequence) }
                }
                if kinds.contains(.code) { given.code = "JB-2025-1" }
                guard let answered = try? await question.ask([asking.past], given) else { continue }
                let text = answered.json.canonicalText
                for secret in [
                    StoryScript.reporter, StoryScript.otherReporter, StoryScript.pseudonym,
                ] {
                    #expect(!text.contains(secret), "\(question.number) \(stream)")
                }
            }
        }
    }
}
