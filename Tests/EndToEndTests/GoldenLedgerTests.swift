import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A ledger of each released format is read by all later versions: Specs/record.md section 10.
@Suite struct GoldenLedgerTests {
    private let program = Program()

    /// What `Specs/vectors/records/README.md` says of a ledger.
    struct Golden: Sendable, CustomTestStringConvertible {
        let name: String
        let vkey: String
        let root: String
        let records: Int64
        let own: Int64
        let withheld: Int64
        let notes: [JSONValue]

        var testDescription: String { name }
    }

    static let all = [
        Golden(
            name: "ledger-v1",
            vkey: "vectors.example/v1+f10b6509+AQZk8sbqb2EphAkOmfByJlyfM/tWXVb+UG7f82tEG3vZ",
            root: "f37ebe6ec8ba49e35ed28df0542c41be79b3efe52bfe6663c81d4e5153b007ae",
            records: 30, own: 2, withheld: 0, notes: ["index-missing"]),
        Golden(
            name: "ledger-v1-every",
            vkey: "vectors.example/v1-every+74ac5c8f+AVJKTHOng9VpfYCEobeLmfoUtgHCSHSI85FO99QDAczl",
            root: "a62d60f4e5761f730a4c0758494a436df0569e91c15578b685d06cc3924d7e55",
            records: 61, own: 7, withheld: 1, notes: ["restored", "index-missing"]),
    ]

    private var project: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// A copy, because a reader makes the index that the vector leaves out.
    private func copy(_ golden: Golden, _ home: ScratchFolder) throws -> String {
        let ledger = home.path + "/ledger"
        try FileManager.default.copyItem(
            at: project.appending(path: "Specs/vectors/records/\(golden.name)"),
            to: URL(filePath: ledger))
        return ledger
    }

    @Test(arguments: GoldenLedgerTests.all)
    func `format 1 is read and verified`(golden: Golden) throws {
        let home = try ScratchFolder()
        let ledger = try copy(golden, home)
        let report = try program.run(
            ["verify", ledger, "--json", "--vkey", golden.vkey], home: home.url
        ).json
        #expect(report["sound"]?.bool == true, "\(report.canonicalText)")
        #expect(report["root"]?.string == golden.root)
        #expect(report["records"]?.integer == golden.records)
        #expect(report["ledgerRecords"]?.integer == golden.own)
        #expect(report["withheld"]?.integer == golden.withheld)
        #expect(report["keySource"]?.string == "given")
        let notes = report["notes"]?.array?.compactMap { $0["code"] }
        #expect(notes == golden.notes)
        let log = try program.run(
            ["log", "--ledger", ledger, "--json", "--limit", "1000"], home: home.url)
        #expect(log.output.split(separator: "\n").count == Int(golden.records))
    }

    @Test func `corrections and withdrawals are folded, and shown`() throws {
        let home = try ScratchFolder()
        let ledger = try copy(GoldenLedgerTests.all[0], home)
        func fates(_ stream: String) throws -> [JSONValue] {
            let shown = try program.run(
                ["case", stream, "--ledger", ledger, "--json"], home: home.url)
            return (try shown.json["timeline"]?.array ?? []).compactMap { $0["fate"] }
                .filter { $0 != .null }
        }
        #expect(try fates("report/RP-2025-000031") == ["corrected"])
        #expect(try fates("penalty/PN-2025-000020") == ["withdrawn"])
    }

    @Test func `a ledger of a newer format is refused in words`() throws {
        let home = try ScratchFolder()
        let ledger = try copy(GoldenLedgerTests.all[0], home)
        try replace("format: 1", with: "format: 2", in: ledger + "/ledger.yaml")
        let refused = try program.run(["log", "--ledger", ledger], home: home.url)
        #expect(refused.exitCode == 2 && refused.errors.contains("newer version"))
    }

    @Test(arguments: [(#""format":1"#, #""format":2"#), (#""v":1}"#, #""v":2}"#)])
    func `verify has no verdict on a newer record format`(old: String, new: String) throws {
        let home = try ScratchFolder()
        let ledger = try copy(GoldenLedgerTests.all[0], home)
        try replace(old, with: new, in: ledger + "/records/000000000000.ndjson")
        let refused = try program.run(["verify", ledger], home: home.url)
        #expect(refused.exitCode == 2 && refused.errors.contains("newer version"))
    }

    @Test func `a memory of a newer version is not written over`() throws {
        let home = try ScratchFolder()
        let ledger = try copy(GoldenLedgerTests.all[0], home)
        #expect(try program.run(["verify", ledger], home: home.url).exitCode == 0)
        let folder = home.path + "/memory"
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: folder).first)
        try replace(#""format":1"#, with: #""format":2"#, in: "\(folder)/\(name)")
        let before = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
        let refused = try program.run(["verify", ledger], home: home.url)
        #expect(refused.exitCode == 1 && refused.output.contains("newer version"))
        #expect(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")) == before)
    }

    @Test func `an index of another format is made anew`() throws {
        let home = try ScratchFolder()
        let ledger = try copy(GoldenLedgerTests.all[0], home)
        #expect(try program.run(["log", "--ledger", ledger], home: home.url).exitCode == 0)
        try replace(#""format":1"#, with: #""format":2"#, in: ledger + "/index/state.json")
        let log = try program.run(["log", "--ledger", ledger], home: home.url)
        #expect(log.exitCode == 0)
        let state = try String(contentsOfFile: ledger + "/index/state.json", encoding: .utf8)
        #expect(state.contains(#""format":1"#))
    }

    @Test func `a backup of a newer version is left alone`() throws {
        let home = try ScratchFolder()
        let ledger = try copy(GoldenLedgerTests.all[0], home)
        let backup = home.path + "/backup"
        #expect(
            try program.run(["backup", backup, "--ledger", ledger], home: home.url).exitCode == 0)
        try replace(#""format":1"#, with: #""format":2"#, in: backup + "/backup.json")
        let refused = try program.run(["backup", backup, "--ledger", ledger], home: home.url)
        #expect(refused.exitCode == 2 && refused.errors.contains("newer version"))
    }

    private func replace(_ old: String, with new: String, in path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains(old))
        try text.replacing(old, with: new, maxReplacements: 1)
            .write(toFile: path, atomically: false, encoding: .utf8)
    }

    @Test(arguments: GoldenLedgerTests.all)
    func `the second opinion agrees`(golden: Golden) throws {
        let home = try ScratchFolder()
        let result = try Program(tool: "python3").run(
            [
                project.appending(path: "Specs/verify.py").path, "--json", "--vkey", golden.vkey,
                try copy(golden, home),
            ], home: home.url)
        let report = try result.json
        #expect(result.exitCode == 0, "\(report.canonicalText)")
        #expect(report["root"]?.string == golden.root)
    }
}
