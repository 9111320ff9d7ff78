import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Receipts and proofs of the program, judged by `Specs/verify.py receipt`.
@Suite struct SecondOpinionTests {
    private let program = Program()
    private let home: ScratchFolder
    private var ledger: String { home.path + "/ledger" }
    private let vkey: String
    private let receipts: String

    private static let project = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A ledger with the shipped sample, and full receipts for it.
    init() throws {
        home = try ScratchFolder()
        let folder = home.path + "/ledger"
        let made = try program.run(
            ["init", folder, "--origin", "demo.example", "--json"], home: home.url)
        vkey = try #require(try made.json["vkey"]?.string)
        let sample = SecondOpinionTests.project.appending(path: "Ledger/samples/sample.ndjson")
        let appended = try program.run(
            ["append", sample.path, "--ledger", folder], home: home.url)
        #expect(appended.exitCode == 0, "\(appended.errors)")
        receipts = appended.output
    }

    private func write(_ text: String, to name: String) throws -> String {
        let file = home.url.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }

    private func say(_ arguments: String...) throws -> String {
        let result = try program.run(arguments + ["--ledger", ledger], home: home.url)
        #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
        return result.output
    }

    /// The exit code, and how many were proved.
    private func judge(
        _ file: String, by key: String, record: String? = nil
    ) throws -> (code: Int32, proved: Int) {
        var arguments = ["receipt", file, "--vkey", key, "--json"]
        if let record { arguments += ["--record", record] }
        let script = SecondOpinionTests.project.appending(path: "Specs/verify.py").path
        let result = try Program(tool: "python3").run([script] + arguments, home: home.url)
        let verdicts = try result.output.split(separator: "\n")
            .map { try JSONValue(parsing: $0.utf8)["verdict"]?.string }
        return (result.exitCode, verdicts.count { $0 == "proved" })
    }

    @Test func `every receipt proves, alone and with its record`() throws {
        let file = try write(receipts, to: "receipts")
        let records = try write(say("log", "--json"), to: "records")
        #expect(try judge(file, by: vkey) == (0, 43))
        #expect(try judge(file, by: vkey, record: records) == (0, 43))
        let another = try write(receipts.replacing(#""seq":7,"#, with: #""seq":8,"#), to: "other")
        #expect(try judge(another, by: vkey) == (1, 42))
    }

    @Test func `a proof proves in both its forms, of its own record alone`() throws {
        let files = [
            try write(say("prove", "4"), to: "4.tlog-proof"),
            try write(say("prove", "4", "--json"), to: "4.json"),
        ]
        let (own, other) = (
            try write(say("show", "4"), to: "4"), try write(say("show", "5"), to: "5")
        )
        for file in files {
            #expect(try judge(file, by: vkey, record: own) == (0, 1))
            #expect(try judge(file, by: vkey, record: other) == (1, 0))
        }
    }

    @Test func `receipts prove by the key that was in force when they were given`() throws {
        let old = try write(receipts, to: "receipts")
        _ = try say(
            "key", "rotate", "--person", "P-1", "--approver", "P-2", "--reason", "更换")
        let key = try say("checkpoint", "--vkey").trimmingCharacters(in: .newlines)
        #expect(key != vkey)
        #expect(try judge(old, by: vkey) == (0, 43))
        #expect(try judge(old, by: key) == (1, 0))
        let new = try write(
            say("append", SecondOpinionTests.project.path + "/Ledger/samples/sample.ndjson"),
            to: "again")
        #expect(try judge(new, by: key) == (0, 43))
    }
}
