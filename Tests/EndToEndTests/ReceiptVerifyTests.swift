import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing receipt verify`, as somebody runs it who has a receipt and a key, and no ledger.
@Suite struct ReceiptVerifyTests {
    private let home: UserHome
    private let key: String
    private let receipts: [String]

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        let sample = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Ledger/samples/sample.ndjson")
        let output = try home.expectSuccess(
            ["append", "-", "--ledger", home.ledger],
            input: String(contentsOf: sample, encoding: .utf8))
        receipts = output.split(separator: "\n").map(String.init)
        key = try home.expectSuccess(["checkpoint", "--vkey", "--ledger", home.ledger])
            .trimmingCharacters(in: .newlines)
    }

    private func verify(
        _ arguments: [String], input: String = ""
    ) throws -> Program.Result {
        try home.run(["receipt", "verify"] + arguments + ["--key", key], input: input)
    }

    @Test func `a receipt proves offline, and says what it does not prove`() throws {
        #expect(receipts.count == 43)
        let record = try home.expectSuccess(["show", "2", "--ledger", home.ledger])
        try FileManager.default.removeItem(atPath: home.ledger)
        let file = home.path + "/record"
        try Data(record.utf8).write(to: URL(filePath: file))
        let alone = try verify(["-"], input: receipts[0])
        #expect(alone.exitCode == 0, "\(alone.errors)")
        #expect(alone.output.hasPrefix("PROVED  2  demo.example\nIt proves:\n"))
        #expect(alone.output.contains("give its exact bytes with --record"))
        #expect(alone.output.contains("was true when it was entered"))
        let whole = try verify(["-", "--record", file, "--json"], input: receipts[0])
        let json = try whole.json
        #expect(json["verdict"]?.string == "proved")
        #expect(json["record"]?.string == "whole")
        #expect(json["proves"]?.array?.count == 2)
        let chinese = try verify(["-", "--lang", "zh"], input: receipts[0])
        #expect(chinese.output.contains("不能证明：\n"))
        // All at once.
        let all = try verify(["-", "--json"], input: receipts.joined(separator: "\n"))
        let verdicts = try JSONValue.lines(of: all.output).map { $0["verdict"]?.string }
        #expect(verdicts == [String?](repeating: "proved", count: 43))
    }

    @Test func `a proof file needs the record, and proves no other`() throws {
        let proof = home.path + "/5.tlog-proof"
        try Data(home.expectSuccess(["prove", "5", "--ledger", home.ledger]).utf8)
            .write(to: URL(filePath: proof))
        var files: [String] = []
        for number in ["5", "6"] {
            files.append(home.path + "/record-" + number)
            try Data(home.expectSuccess(["show", number, "--ledger", home.ledger]).utf8)
                .write(to: URL(filePath: files.last ?? ""))
        }
        #expect(try verify([proof]).exitCode == 2)
        #expect(try verify([proof, "--record", files[0]]).exitCode == 0)
        let other = try verify([proof, "--record", files[1], "--json"])
        #expect(other.exitCode == 1)
        #expect(try other.json["verdict"]?.string == "proof-refused")
    }

    @Test func `what proves nothing is told so`() throws {
        let brief = #"{"seq":2,"leafHash":"00","stream":"a/b"}"#
        let judged = try verify(["-", "--json"], input: brief)
        #expect(judged.exitCode == 1)
        #expect(try judged.json["verdict"]?.string == "not-a-receipt")
        #expect(try verify(["-"], input: "no JSON").exitCode == 2)
        let moved = receipts[0].replacing(#""seq":2"#, with: #""seq":3"#)
        #expect(
            try verify(["-", "--json"], input: moved).json["verdict"]?.string == "proof-refused")
        let keyless = try home.run(["receipt", "verify", "-"], input: receipts[0])
        #expect(keyless.exitCode == 2)
        #expect(keyless.errors.contains("--key"))
    }
}
