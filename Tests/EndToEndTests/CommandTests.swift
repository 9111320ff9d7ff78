import CanonicalJSON
import Foundation
import TestKit
import Testing

/// The commands as a user types them.
@Suite struct CommandTests {
    private let program = Program()

    private var sample: [UInt8] {
        get throws {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "Ledger/samples/sample.ndjson")
            return [UInt8](try Data(contentsOf: file))
        }
    }

    /// A ledger with the shipped sample.
    private func demo() throws -> (home: ScratchFolder, ledger: String) {
        let home = try ScratchFolder()
        let ledger = home.path + "/ledger"
        let made = try program.run(["init", ledger, "--origin", "demo.example"], home: home.url)
        #expect(made.exitCode == 0, "\(made.errors)")
        let appended = try program.run(
            ["append", "-", "--ledger", ledger, "--receipts", "brief"], home: home.url,
            input: sample)
        #expect(appended.exitCode == 0, "\(appended.errors)")
        return (home, ledger)
    }

    @Test func `the sample is recorded, verified and shown`() throws {
        let (home, ledger) = try demo()
        let verified = try program.run(["verify", ledger, "--json"], home: home.url)
        #expect(verified.exitCode == 0)
        #expect(try verified.json["sound"]?.bool == true)
        #expect(try verified.json["records"]?.integer == 45)
        for name in ["penalty/PN-2025-000012", "杭应急罚〔2025〕12号", "杭应急罚[2025]12号"] {
            let shown = try program.run(
                ["case", name, "--ledger", ledger, "--json"], home: home.url)
            #expect(try shown.json["stream"]?.string == "penalty/PN-2025-000012", "\(name)")
            #expect(try shown.json["stage"]?.string == "ended")
        }
        let log = try program.run(
            ["log", "--ledger", ledger, "--type", "penalty.decided", "--json"], home: home.url)
        #expect(log.output.split(separator: "\n").count == 1)
    }

    @Test func `a case is shown and reported as the ledger was at a moment`() throws {
        let home = try ScratchFolder()
        let ledger = home.path + "/ledger"
        _ = try program.run(["init", ledger, "--origin", "demo.example"], home: home.url)
        // In two parts, so that some of the case was recorded before the rest.
        let events = try sample.split(separator: 0x0A)
        for part in [events.prefix(20), events.dropFirst(20)] {
            let appended = try program.run(
                ["append", "-", "--ledger", ledger, "--receipts", "brief"], home: home.url,
                input: Array(part.joined(separator: [0x0A])))
            #expect(appended.exitCode == 0, "\(appended.errors)")
        }
        let name = "penalty/PN-2025-000012"
        func shown(_ more: [String]) throws -> Program.Result {
            try program.run(["case", name, "--ledger", ledger] + more, home: home.url)
        }
        func entries(_ more: [String]) throws -> [JSONValue] {
            try shown(["--json"] + more).json["timeline"]?.array ?? []
        }
        let all = try entries([])
        let recorded = try #require(all[4]["recorded"]?.string)
        let then = try entries(["--as-of", recorded])
        // What was recorded at one moment was recorded together.
        let expected = all.filter { ($0["recorded"]?.string ?? "") <= recorded }
        #expect(then.map { $0["seq"] } == expected.map { $0["seq"] })
        #expect(then.count < all.count)

        let file = home.path + "/case.html"
        #expect(try shown(["--html", file, "--as-of", recorded]).exitCode == 0)
        let page = try String(contentsOfFile: file, encoding: .utf8)
        for entry in all {
            let number = entry["seq"]?.integer ?? -1
            let isThere = then.contains { $0["seq"] == entry["seq"] }
            #expect(page.contains(">#\(number)<") == isThere, "\(number)")
        }
        for more in [[], ["--html", home.path + "/none.html"]] {
            let refused = try shown(["--as-of", "2020-01-01", "--lang", "en"] + more)
            #expect(refused.exitCode == 2)
            #expect(refused.errors.contains("had no records then"), "\(refused.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: home.path + "/none.html"))
    }

    @Test func `show prints the exact bytes, whose leaf hash is the next link`() throws {
        let (home, ledger) = try demo()
        let line = try program.run(["show", "4", "--ledger", ledger], home: home.url).output
        let next = try program.run(["show", "5", "--ledger", ledger], home: home.url).json
        let proof = try program.run(
            ["prove", "4", "--ledger", ledger, "--json"], home: home.url
        ).json
        #expect(next["chain"]?["prev"] == proof["leafHash"])
        #expect(!line.hasSuffix("\n"))
        #expect(try JSONValue(parsing: line.utf8).canonicalText == line)
    }

    @Test func `sending again gives receipts for the records that are there`() throws {
        let (home, ledger) = try demo()
        let again = try program.run(
            ["append", "-", "--ledger", ledger, "--receipts", "brief"], home: home.url,
            input: sample)
        let receipts = try again.output.split(separator: "\n")
            .map { try JSONValue(parsing: $0.utf8) }
        #expect(receipts.count == 43)
        #expect(receipts.allSatisfy { $0["repeat"]?.bool == true })
    }

    @Test func `full receipts prove`() throws {
        let home = try ScratchFolder()
        let ledger = home.path + "/ledger"
        let made = try program.run(
            ["init", ledger, "--origin", "demo.example", "--json"], home: home.url)
        let vkey = try #require(try made.json["vkey"]?.string)
        let appended = try program.run(
            ["append", "-", "--ledger", ledger], home: home.url, input: sample)
        let check = try ReceiptCheck(vkey: vkey, origin: "demo.example")
        let lines = try ReceiptCheck.lines(of: ledger)
        let receipts = appended.output.split(separator: "\n")
        #expect(receipts.count == 43)
        for receipt in receipts {
            try check.check(try JSONValue(parsing: receipt.utf8), against: lines)
        }
    }

    @Test func `a refused event names line, place and reason, and the rest goes on if asked`()
        throws
    {
        let (home, ledger) = try demo()
        let good = EventMaker.json(
            id: "g", stream: "report/RP-2025-9", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
        let bad = EventMaker.json(id: "b", stream: "report/RP-2025-9", type: "report.acceptd")
        let input =
            bad.canonicalBytes + [0x0A] + Array("{\"a\":".utf8) + [0x0A]
            + good.canonicalBytes + [0x0A]
        let stopped = try program.run(
            ["append", "-", "--ledger", ledger], home: home.url, input: input)
        #expect(stopped.exitCode == 1)
        #expect(stopped.output.isEmpty)
        #expect(stopped.errors.contains("-:1: /type"))
        let whole = try program.run(
            ["append", "-", "--ledger", ledger, "--keep-going", "--json"], home: home.url,
            input: input)
        #expect(whole.exitCode == 1)
        let answers = try whole.output.split(separator: "\n")
            .map { try JSONValue(parsing: $0.utf8) }
        #expect(answers.count == 3)
        #expect(answers.filter { $0["seq"] != nil }.count == 1)
        #expect(answers.compactMap { $0["line"]?.integer } == [1, 2])
    }

    @Test func `nothing of a refused batch is recorded`() throws {
        let (home, ledger) = try demo()
        let good = EventMaker.json(
            id: "g", stream: "report/RP-2025-9", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
        let bad = EventMaker.json(id: "b", stream: "report/RP-2025-9", type: "report.acceptd")
        let batch = JSONValue.array([good, bad]).canonicalBytes
        let refused = try program.run(
            ["append", "-", "--ledger", ledger], home: home.url, input: batch)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("-[1]: /type"))
        let report = try program.run(["verify", ledger, "--json"], home: home.url).json
        #expect(report["records"]?.integer == 45)
    }

    @Test(
        arguments: [
            (["log", "--ledger", "/nonexistent"], 2), (["log"], 2), (["log", "--limit", "x"], 64),
            (["frobnicate"], 64), (["init", "/proc/x", "--origin", "a.example"], 2),
            (["init", "somewhere", "--origin", "a b"], 2), (["catalogue", "show", "no.such"], 2),
            (["--version"], 0), (["--help"], 0), (["verify", "/nonexistent"], 2),
        ] as [([String], Int32)])
    func `exit codes are stable`(arguments: [String], code: Int32) throws {
        let home = try ScratchFolder()
        let result = try program.run(arguments, home: home.url)
        #expect(result.exitCode == code, "\(arguments): \(result.errors)")
        if code == 2 { #expect(result.errors.hasPrefix("hanqing: ")) }
    }

    /// CatalogueTests judges the examples of all types; here one of each procedure is recorded.
    @Test func `every procedure of the catalogue has an example that is accepted`() throws {
        let (home, ledger) = try demo()
        let list = try program.run(["catalogue", "list", "--json"], home: home.url).json
        let procedures = (list["procedures"]?.array ?? []).map {
            ($0["events"]?.array ?? []).compactMap(\.string)
        }
        #expect(procedures.count == 60)
        #expect(procedures.map(\.count).reduce(0, +) == 634)
        for name in procedures.compactMap(\.first) {
            let example = try program.run(
                ["catalogue", "show", name, "--example"], home: home.url
            ).output
            let answer = try program.run(
                ["append", "-", "--ledger", ledger, "--receipts", "brief"], home: home.url,
                input: Array(example.utf8))
            #expect(answer.exitCode == 0, "\(name): \(answer.errors)")
        }
    }
}
