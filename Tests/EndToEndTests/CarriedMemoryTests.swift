import CanonicalJSON
import Foundation
import TestKit
import Testing

/// The auditor's memory as a file, and the verdict on one line.
@Suite struct CarriedMemoryTests {
    private let home: UserHome
    private let keeper: LedgerKeeper
    private var memory: String { home.path + "/carried.json" }

    init() throws {
        home = try UserHome()
        keeper = try LedgerKeeper(home)
    }

    private func line(_ place: String, _ arguments: [String] = []) throws -> Program.Result {
        try home.run(["verify", place, "--memory", memory, "--line", "--lang", "en"] + arguments)
    }

    @Test func `the file remembers what was seen, on whatever machine it is`() throws {
        let first = try line(home.ledger)
        #expect(first.exitCode == 0)
        #expect(
            first.output == "SOUND  drill.example  records: 22  memory: first time here; kept from "
                + "now on\n")
        let kept = try JSONValue(parsing: Data(contentsOf: URL(filePath: memory)))
        #expect(kept["origin"]?.string == "drill.example")
        #expect(kept["kept"]?.integer ?? 0 > 1_700_000_000)
        let note = kept["note"]?.string
        #expect(note == (try home.expectSuccess(["checkpoint", "--ledger", home.ledger])))
        #expect(
            !FileManager.default.fileExists(atPath: home.path + "/memory"),
            "this machine's memory is left alone")
        #expect(
            try line(home.ledger).output.contains("the same 22 records as seen before"))
        let copy = home.path + "/copy"
        try FileManager.default.copyItem(atPath: home.ledger, toPath: copy)
        try keeper.append(5)
        let second = try line(home.ledger)
        #expect(second.output.contains("records: 27  memory: grew from the 22 records seen before"))
        let older = try line(copy)
        #expect(older.exitCode == 1)
        #expect(older.output == "NOT SOUND  drill.example  rolled-back\n")
        let quiet = try home.run(["verify", copy, "--no-memory", "--line", "--lang", "zh"])
        #expect(quiet.output == "完好  drill.example  记录：22  记忆：未查询\n")
    }

    @Test func `a memory of another ledger, or a damaged one, gives no verdict`() throws {
        #expect(try line(home.ledger).exitCode == 0)
        let other = home.path + "/other"
        _ = try home.expectSuccess(["init", other, "--origin", "other.example"])
        let answer = try line(other)
        #expect(answer.exitCode != 0)
        #expect((answer.output + answer.errors).contains("memory-unreadable"))
        try Data("{}".utf8).write(to: URL(filePath: memory))
        #expect(try line(home.ledger).exitCode != 0)
        #expect(try Data(contentsOf: URL(filePath: memory)) == Data("{}".utf8))
        #expect(try line(home.ledger, ["--no-memory"]).exitCode == 64)
        #expect(try line(home.ledger, ["--json"]).exitCode == 64)
    }
}
