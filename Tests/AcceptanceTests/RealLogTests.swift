import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Real event logs, which are not ours to keep: `./dev accept --shared DIR`.
@Suite(.serialized) struct AcceptanceTests {
    private let program = Program()

    private var shared: URL {
        get throws {
            let folder = ProcessInfo.processInfo.environment["HANQING_SHARED"]
            return URL(filePath: try #require(folder, "run ./dev accept --shared DIR"))
        }
    }

    private var fixtures: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures")
    }

    @Test(arguments: [("receipt", 8577, 1434), ("fines", 561_470, 150_370)])
    func `a real log is imported whole, once, and verifies`(
        name: String, events: Int64, cases: Int64
    ) throws {
        let home = try ScratchFolder()
        let ledger = try imported(name, home)
        let verified = try program.run(["verify", ledger, "--json"], home: home.url)
        #expect(verified.exitCode == 0, "\(verified.errors)")
        let report = try verified.json
        #expect(report["sound"]?.bool == true)
        #expect(report["records"]?.integer == events + 3, "and three of the ledger's own")
        let again = try run(name, ledger, home)
        #expect(again["recorded"]?.integer == 0)
        #expect(again["repeated"]?.integer == events)
        #expect(again["streams"]?.integer == cases)
        let after = try program.run(["verify", ledger, "--json", "--quick"], home: home.url).json
        #expect(after["root"]?.string == report["root"]?.string, "nothing was added")
    }

    /// Counted beside it by a script over the XES file: a fine sent more than 90 days after it was
    /// created; an appeal more than 60 days after the newest notification before it.
    @Test func `the fines' limits give the late fines and the late appeals`() throws {
        let home = try ScratchFolder()
        let ledger = try imported("fines", home)
        for (rule, count) in [
            ("send-within-90-days", 49_772), ("appeal-to-prefecture-in-time", 582),
            ("appeal-to-judge-in-time", 224),
        ] {
            let found = try program.run(
                ["findings", "--ledger", ledger, "--rule", rule, "--json"], home: home.url)
            // The last line says of which head it is.
            let lines = found.output.split(separator: "\n")
            #expect(lines.count == count + 1, "\(rule)")
            #expect(lines.last?.hasPrefix(#"{"heads":"#) ?? false)
        }
    }

    /// Kinds and places of the mutations: Specs/campaigns.md, "Tampering".
    @Test func `a thousand mutations of the receipt ledger are found where they were made`() throws
    {
        let home = try ScratchFolder()
        let campaign = Program("hanqing-campaign")
        let result = try campaign.run(
            [
                "tamper", "--shared", try shared.path, "--rounds", "1000", "--second-opinion", "20",
                "--folder", home.path,
            ], home: home.url)
        #expect(result.exitCode == 0, "\(result.errors)")
    }

    private func imported(_ name: String, _ home: ScratchFolder) throws -> String {
        let ledger = home.path + "/" + name
        let made = try program.run(
            [
                "init", ledger, "--origin", "\(name).example", "--catalogue",
                fixtures.appending(path: name).path,
            ], home: home.url)
        #expect(made.exitCode == 0, "\(made.errors)")
        let report = try run(name, ledger, home)
        #expect(report["refused"]?.integer == 0)
        return ledger
    }

    private func run(_ name: String, _ ledger: String, _ home: ScratchFolder) throws -> JSONValue {
        let result = try program.run(
            [
                "import", try shared.appending(path: "data/\(name).xes.gz").path, "--mapping",
                fixtures.appending(path: "\(name)-mapping.yaml").path, "--approver", "P-9",
                "--ledger", ledger, "--json",
            ], home: home.url)
        #expect(result.exitCode == 0, "\(result.errors)")
        return try result.json
    }
}
