import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing receipt challenge` and `evidence`, as somebody runs them who has a receipt and a key.
@Suite struct ReceiptChallengeTests {
    private let world: TwoHistories

    init() throws { world = try TwoHistories() }

    private func challenge(
        _ receipt: String, _ place: String, _ more: [String] = []
    ) throws -> (code: Int32, json: JSONValue) {
        let result = try world.home.run(
            ["receipt", "challenge", "-", place, "--key", world.key, "--json"] + more,
            input: receipt)
        return (result.exitCode, try result.json)
    }

    @Test func `a running server, a folder and the ledger show the record`() async throws {
        let receipt = world.receipts[3]
        let server = try await ServingProgram(world.home.ledger, home: world.home.folder.url)
        let asked = try challenge(receipt, server.url)
        #expect(asked.code == 0)
        #expect(asked.json["verdict"]?.string == "present")
        #expect(asked.json["shown"]?.string == "hash")
        #expect(try await server.end(SIGTERM) == 0)
        let silent = try challenge(receipt, server.url)
        #expect(silent.code == 2, "nobody is there")
        #expect(silent.json["verdict"]?.string == "unavailable")
        let own = try challenge(receipt, world.home.ledger)
        #expect(own.code == 0)
        #expect(own.json["shown"]?.string == "record")
        let tiles = world.home.path + "/tiles"
        _ = try world.home.expectSuccess(["publish", tiles, "--ledger", world.home.ledger])
        #expect(try challenge(receipt, "file://" + tiles).json["shown"]?.string == "hash")
        let chinese = try world.home.run(
            ["receipt", "challenge", "-", tiles, "--key", world.key, "--lang", "zh"],
            input: receipt)
        #expect(chinese.output.hasPrefix("在账  "))
    }

    @Test func `a denial leaves evidence that anybody can judge`() throws {
        let file = world.home.path + "/evidence"
        let denied = try challenge(world.receipts[25], world.other, ["--evidence", file])
        #expect(denied.code == 1)
        #expect(denied.json["verdict"]?.string == "denied")
        #expect(denied.json["evidence"]?["kind"]?.string == "two-roots")
        // Without any ledger.
        for ledger in [world.home.ledger, world.other] {
            try FileManager.default.removeItem(atPath: ledger)
        }
        let judged = try world.home.run(["evidence", file, "--key", world.key, "--json"])
        #expect(judged.exitCode == 0, "\(judged.errors)")
        #expect(try judged.json["verdict"]?.string == "forked")
        let stranger = world.key.replacing("demo.example", with: "else.example")
        #expect(try world.home.run(["evidence", file, "--key", stranger]).exitCode != 0)
        // A byte of the signed notes, or another root, and it proves nothing.
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let edited = text.replacing("\"first\":\"demo.example", with: "\"first\":\"demo.examplf")
        #expect(edited != text)
        #expect(
            try world.home.run(["evidence", "-", "--key", world.key], input: edited).exitCode == 1)
        #expect(
            try world.home.run(["evidence", "-", "--key", world.key], input: "{}").exitCode == 2)
    }

    @Test func `fewer records than were signed are denied, and nobody is convicted`() throws {
        let denied = try challenge(world.receipts[25], world.earlier)
        #expect(denied.code == 1)
        #expect(denied.json["evidence"]?["kind"]?.string == "shorter")
        let evidence = denied.json["evidence"]?.canonicalText ?? ""
        let judged = try world.home.run(
            ["evidence", "-", "--key", world.key, "--json"], input: evidence)
        #expect(judged.exitCode == 2)
        #expect(try judged.json["verdict"]?.string == "open")
    }

    @Test func `a text is withheld by a record, or is denied`() throws {
        let number = "5"
        for (name, more, verdict, code) in [
            ("ordered", ["--with-order"], "withheld", Int32(0)),
            ("silent", [], "withheld-unbacked", 1),
        ] {
            let ledger = "\(world.home.path)/\(name)"
            try FileManager.default.copyItem(atPath: world.home.ledger, toPath: ledger)
            try forge([ledger, "--withhold", number] + more, world.home)
            let answer = try challenge(world.receipts[3], ledger)
            #expect(answer.json["verdict"]?.string == verdict)
            #expect(answer.code == code)
        }
        let ordered = try challenge(world.receipts[3], world.home.path + "/ordered")
        #expect(ordered.json["by"]?.integer == 42)
    }

    @Test func `what proves nothing is not asked for`() throws {
        let brief = try challenge(#"{"seq":2}"#, world.home.ledger)
        #expect(brief.code == 1)
        #expect(brief.json["verdict"]?.string == "not-a-receipt")
        let keyless = try world.home.run(
            ["receipt", "challenge", "-", world.home.ledger], input: world.receipts[0])
        #expect(keyless.exitCode == 2)
        #expect(keyless.errors.contains("--key"))
    }
}

/// A ledger of 42 records with its receipts, as it was at 22, and another that went on from there.
struct TwoHistories {
    let home: UserHome
    let key: String
    let receipts: [String]
    var earlier: String { home.path + "/earlier" }
    var other: String { home.path + "/other" }

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        key = try home.expectSuccess(["checkpoint", "--vkey", "--ledger", home.ledger])
            .trimmingCharacters(in: .newlines)
        var receipts = try appendReports(0..<20, to: home.ledger, home)
        for copy in ["earlier", "other"] {
            try FileManager.default.copyItem(
                atPath: home.ledger, toPath: "\(home.path)/\(copy)")
        }
        receipts += try appendReports(20..<40, to: home.ledger, home)
        self.receipts = receipts
        _ = try appendReports(100..<130, to: other, home)
    }
}

/// Appends invented reports of one event each, and gives their receipts.
@discardableResult
func appendReports(
    _ numbers: Range<Int>, to ledger: String, _ home: UserHome
) throws -> [String] {
    let events = numbers.map { number in
        EventMaker.json(
            id: "E-\(number)", stream: "report/RP-2025-\(number)", type: "report.accepted",
            source: "urn:attacks",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
    }
    return try home.expectSuccess(
        ["append", "-", "--ledger", ledger],
        input: events.map { $0.canonicalText + "\n" }.joined()
    ).split(separator: "\n").map(String.init)
}

/// Rewrites a ledger as who holds its key can, with the tool of the campaigns.
func forge(_ arguments: [String], _ home: UserHome) throws {
    let result = try Program("hanqing-campaign").run(["forge"] + arguments, home: home.folder.url)
    #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
}
