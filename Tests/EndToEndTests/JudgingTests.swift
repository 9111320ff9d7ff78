import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Rules that refuse, findings, duties and adoption, as users meet them.
@Suite struct JudgingTests {
    private let program = Program()

    private func ledger(catalogue: String? = nil) throws -> (home: ScratchFolder, ledger: String) {
        let home = try ScratchFolder()
        let ledger = home.path + "/ledger"
        let chosen = catalogue.map { ["--catalogue", $0] } ?? []
        let made = try program.run(
            ["init", ledger, "--origin", "judging.example"] + chosen, home: home.url)
        #expect(made.exitCode == 0, "\(made.errors)")
        return (home, ledger)
    }

    /// The example of a type, with another id.
    private func example(_ type: String, id: String, _ home: ScratchFolder) throws -> String {
        let shown = try program.run(
            ["catalogue", "show", type, "--example"], home: home.url)
        return shown.output.replacing("example-\(type)-1", with: id)
    }

    private func append(
        _ text: String, _ ledger: String, _ home: ScratchFolder, _ more: [String] = []
    ) throws -> Program.Result {
        try program.run(
            ["append", "-", "--ledger", ledger, "--receipts", "brief"] + more, home: home.url,
            input: Array(text.utf8))
    }

    private func log(_ type: String, _ ledger: String, _ home: ScratchFolder) throws -> [JSONValue]
    {
        let shown = try program.run(
            ["log", "--ledger", ledger, "--type", type, "--json", "--limit", "1000"],
            home: home.url)
        return try shown.output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    private func expectSound(_ ledger: String, _ home: ScratchFolder) throws {
        let verified = try program.run(["verify", ledger], home: home.url)
        #expect(verified.exitCode == 0, "\(verified.output)\(verified.errors)")
    }

    @Test func `a forbidden act is refused, the attempt recorded, and the id not used up`() throws {
        let (home, ledger) = try ledger()
        let decided = try example("penalty.decided", id: "D-1", home)
        let refused = try append(decided, ledger, home)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("rule R173"))
        #expect(refused.errors.contains("不得作出行政处罚决定"), "the law is quoted")
        let attempts = try log("ledger.attempt-refused", ledger, home)
        let data = try #require(attempts.first?["event"]?["data"])
        #expect(attempts.count == 1)
        #expect(data["rules"]?.array == ["R173"])
        #expect(data["id"]?.string == "D-1")
        #expect(data["type"]?.string == "penalty.decided")
        #expect(data["operator"]?["person"]?.string == "P-0101")
        try expectSound(ledger, home)
        let notified = try example("penalty.notified", id: "N-1", home)
        let reviewed = notified + decided
        let accepted = try append(reviewed, ledger, home)
        #expect(accepted.exitCode == 0, "\(accepted.errors)")
        #expect(try log("penalty.decided", ledger, home).count == 1)
        try expectSound(ledger, home)
    }

    @Test func `a batch with a forbidden act is refused whole, earlier members count`() throws {
        let (home, ledger) = try ledger()
        let decided = try example("penalty.decided", id: "D-1", home)
        let notified = try example("penalty.notified", id: "N-1", home)
        let wrong = try append("[\(decided),\(notified)]", ledger, home)
        #expect(wrong.exitCode == 1)
        #expect(try log("penalty.notified", ledger, home).isEmpty)
        #expect(try log("ledger.attempt-refused", ledger, home).count == 1)
        let right = try append("[\(notified),\(decided)]", ledger, home)
        #expect(right.exitCode == 0, "\(right.errors)")
        try expectSound(ledger, home)
    }

    @Test func `over sixty attempts an hour are counted, not recorded`() throws {
        let (home, ledger) = try ledger()
        let decided = try example("penalty.decided", id: "D-0", home)
        let lines = (0..<80).map { decided.replacing("\"D-0\"", with: "\"D-\($0)\"") }
        let refused = try append(lines.joined(), ledger, home, ["--keep-going"])
        #expect(refused.exitCode == 1)
        // The hour may end meanwhile; then both hours are below the bound.
        let recorded = try log("ledger.attempt-refused", ledger, home).count
        #expect((60...80).contains(recorded))
        #expect(try log("penalty.decided", ledger, home).isEmpty)
        try expectSound(ledger, home)
    }

    @Test func `what has taken place is asserted, by right, and is a finding`() throws {
        let (home, ledger) = try ledger()
        let plain = try example("penalty.decided", id: "D-1", home)
        let asserted = plain.replacing(
            #""specversion":"1.0""#, with: #""specversion":"1.0","asserted":true"#)
        let without = try append(asserted, ledger, home)
        #expect(without.errors.contains("/asserted"))
        let unexplained = try append(asserted, ledger, home, ["--may-assert"])
        #expect(unexplained.errors.contains("/data/assertion"))
        let explained = asserted.replacing(
            #""data":{"#,
            with: #""data":{"assertion":{"person":"P-0103","reason":"决定已送达"},"#)
        let accepted = try append(explained, ledger, home, ["--may-assert"])
        #expect(accepted.exitCode == 0, "\(accepted.errors)")
        let found = try program.run(
            ["findings", "--ledger", ledger, "--rule", "R173", "--json"], home: home.url
        ).list.lines[0]
        #expect(found["asserted"]?.bool == true)
        #expect(found["severity"]?.string == "refuse")
        #expect(found["what"]?["zh"]?.string?.contains("处罚告知") == true)
        try expectSound(ledger, home)
    }

    @Test func `a case divided off is judged with what its origin holds`() throws {
        let (home, ledger) = try ledger()
        let notified = try example("penalty.notified", id: "N-1", home)
        _ = try append(notified, ledger, home)
        let origin = try #require(try JSONValue(parsing: notified.utf8)["subject"]?.string)
        let part = "penalty/PN-2025-777777"
        let decided = try example("penalty.decided", id: "D-1", home)
            .replacing("\"subject\":\"\(origin)\"", with: "\"subject\":\"\(part)\"")
        let alone = try append(decided, ledger, home)
        #expect(alone.exitCode == 1 && alone.errors.contains("rule R173"), "\(alone.errors)")

        let example = try example("penalty.divided-off", id: "O-1", home)
        let named = try #require(try JSONValue(parsing: example.utf8)["data"]?["from"]?.string)
        let off = example.replacing("\"from\":\"\(named)\"", with: "\"from\":\"\(origin)\"")
            .replacing("\"subject\":\"\(origin)\"", with: "\"subject\":\"\(part)\"")
        let other = off.replacing(part, with: part + "8").replacing("O-1", with: "O-2")
            .replacing("\"from\":\"\(origin)\"", with: "\"from\":\"penalty/PN-1999-000000\"")
        let wrong = decided.replacing(part, with: part + "8")
            .replacing("D-1", with: "D-2")
        let refused = try append("[\(other),\(wrong)]", ledger, home)
        #expect(refused.exitCode == 1 && refused.errors.contains("rule R173"))
        let together = try append("[\(off),\(decided)]", ledger, home)
        #expect(together.exitCode == 0, "\(together.errors)")
        let shown = try program.run(["case", part, "--ledger", ledger, "--json"], home: home.url)
        #expect(try shown.json["continues"]?.array == [.string(origin)])
        let found = try program.run(
            ["findings", "--ledger", ledger, "--rule", "R173", "--json"], home: home.url)
        #expect(try found.list.lines.isEmpty && found.list.heads.count == 1, "\(found.output)")
        try expectSound(ledger, home)
    }

    @Test func `duties and findings are those of the moment that is asked for`() throws {
        let (home, ledger) = try ledger()
        _ = try append(try example("penalty.filed", id: "F-1", home), ledger, home)
        func duties(_ more: [String]) throws -> [JSONValue] {
            let shown = try program.run(
                ["duties", "--ledger", ledger, "--json"] + more, home: home.url)
            #expect(shown.exitCode == 0, "\(shown.errors)")
            return try shown.list.lines
        }
        let now = try duties(["--duty", "D.pn.decide"])
        #expect(now.map { $0["state"]?.string } == ["overdue"])
        #expect(now.first?["due"]?.string == "2025-06-03", "2 June is a holiday")
        #expect(try duties(["--as-of", "2020-01-01"]).isEmpty)
        #expect(try duties(["--person", "P-0101", "--overdue"]).count >= 1)
        #expect(try duties(["--person", "P-0999"]).isEmpty)
    }

    @Test func `a catalogue is adopted only if no open case is stranded`() throws {
        let (home, ledger) = try ledger()
        _ = try append(try example("penalty.filed", id: "F-1", home), ledger, home)
        _ = try append(try example("penalty.review-addressed", id: "A-1", home), ledger, home)
        let fixtures = Checkout.folder.appending(path: "Tests/Fixtures/fines").path
        let refused = try program.run(
            ["catalogue", "adopt", fixtures, "--person", "P-1", "--ledger", ledger],
            home: home.url)
        #expect(refused.exitCode != 0)
        let copy = try Checkout.copyCatalogue(to: home.path + "/catalogue").path
        let roles = URL(filePath: copy + "/roles.yaml")
        let text = try String(contentsOf: roles, encoding: .utf8)
        try (text + "  - {id: new-role, kind: office, zh: 新角色, en: New role}\n")
            .write(to: roles, atomically: true, encoding: .utf8)
        let adopted = try program.run(
            ["catalogue", "adopt", copy, "--person", "P-1", "--ledger", ledger, "--json"],
            home: home.url)
        #expect(adopted.exitCode == 0, "\(adopted.errors)")
        #expect(try adopted.json["adopted"]?.bool == true)
        func rename(to event: String) throws -> Program.Result {
            for name in ["procedures/penalty.yaml", "plan.yaml"] {
                let file = URL(filePath: copy + "/" + name)
                let text = try String(contentsOf: file, encoding: .utf8)
                #expect(text.contains("review-a"))
                try text.replacing("penalty.review-addressed", with: "penalty.review-answered")
                    .replacing("- event: review-addressed\n", with: "- event: \(event)\n")
                    .replacing(
                        "- event: review-answered\n    zh", with: "- event: \(event)\n    zh"
                    )
                    .write(to: file, atomically: true, encoding: .utf8)
            }
            return try program.run(
                ["catalogue", "adopt", copy, "--person", "P-1", "--ledger", ledger],
                home: home.url)
        }
        let renamed = try rename(to: "review-answered")
        #expect(renamed.exitCode == 1)
        #expect(renamed.output.contains("it has an event penalty.review-addressed"))
        let mapped = try rename(to: "review-answered\n    formerly: [review-addressed]")
        #expect(mapped.exitCode == 0, "\(mapped.output)\(mapped.errors)")
        try FileManager.default.removeItem(atPath: copy + "/procedures/penalty.yaml")
        let stranding = try program.run(
            ["catalogue", "adopt", copy, "--person", "P-1", "--ledger", ledger], home: home.url)
        #expect(stranding.exitCode != 0)
        try expectSound(ledger, home)
        let difference = try program.run(
            ["catalogue", "diff", "--ledger", ledger], home: home.url)
        #expect(difference.exitCode == 1)
        #expect(difference.output.contains("role new-role"))
    }
}
