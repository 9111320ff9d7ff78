import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A ledger of each released format is read by all later versions: Specs/record.md section 10.
@Suite struct GoldenLedgerTests {
    private let program = Program()
    private let vkey = "vectors.example/v1+f10b6509+AQZk8sbqb2EphAkOmfByJlyfM/tWXVb+UG7f82tEG3vZ"
    private let root = "f37ebe6ec8ba49e35ed28df0542c41be79b3efe52bfe6663c81d4e5153b007ae"

    private var project: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// A copy, because a reader makes the index that the vector leaves out.
    private func copy(_ home: ScratchFolder) throws -> String {
        let ledger = home.path + "/ledger"
        try FileManager.default.copyItem(
            at: project.appending(path: "Specs/vectors/records/ledger-v1"),
            to: URL(filePath: ledger))
        return ledger
    }

    @Test func `format 1 is read and verified`() throws {
        let home = try ScratchFolder()
        let ledger = try copy(home)
        let report = try program.run(
            ["verify", ledger, "--json", "--vkey", vkey], home: home.url
        ).json
        #expect(report["sound"]?.bool == true, "\(report.canonicalText)")
        #expect(report["root"]?.string == root)
        #expect(report["records"]?.integer == 30)
        #expect(report["ledgerRecords"]?.integer == 2)
        #expect(report["keySource"]?.string == "given")
    }

    @Test func `corrections and withdrawals are folded, and shown`() throws {
        let home = try ScratchFolder()
        let ledger = try copy(home)
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
        let ledger = try copy(home)
        let settings = URL(filePath: ledger + "/ledger.yaml")
        let text = try String(contentsOf: settings, encoding: .utf8)
        try text.replacing("format: 1", with: "format: 2")
            .write(to: settings, atomically: true, encoding: .utf8)
        let refused = try program.run(["log", "--ledger", ledger], home: home.url)
        #expect(refused.exitCode == 2)
        #expect(refused.errors.contains("newer version"))
    }

    @Test func `the second opinion agrees`() throws {
        let home = try ScratchFolder()
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = [
            "python3", project.appending(path: "Specs/verify.py").path, "--json", "--vkey", vkey,
            try copy(home),
        ]
        let output = Pipe()
        python.standardOutput = output
        try python.run()
        let report = try JSONValue(
            parsing: output.fileHandleForReading.readDataToEndOfFile())
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
        #expect(report["root"]?.string == root)
    }
}
