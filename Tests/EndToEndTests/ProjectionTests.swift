import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Questions about the past, as users ask them; and a projection that is killed.
@Suite struct ProjectionTests {
    private let home: UserHome
    private var ledger: String { home.ledger }

    init() throws { home = try UserHome() }

    private func record(year count: Int, seed: Int) throws {
        _ = try home.expectSuccess(["init", ledger, "--origin", "asked.example"])
        let events = try home.expectSuccess([
            "sample", "--year", "2025", "--events", "\(count)", "--seed", "\(seed)",
        ])
        _ = try home.run(
            [
                "append", "-", "--ledger", ledger, "--receipts", "brief", "--keep-going",
                "--may-assert",
            ], input: events)
    }

    private func cases(_ more: [String]) throws -> [JSONValue] {
        try home.run(["cases", "--ledger", ledger, "--json"] + more).list.lines
    }

    @Test func `cases are listed as they are, as they were known and as they stood`() throws {
        _ = try home.expectSuccess(["init", ledger, "--origin", "asked.example"])
        let sample = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Ledger/samples/sample.ndjson").path
        _ = try home.expectSuccess(["append", sample, "--ledger", ledger])
        let penalty = try cases(["--procedure", "penalty"])
        let names = ["penalty/PN-2025-000012", "penalty/PN-2025-000020"]
        #expect(penalty.map { $0["stream"]?.string } == names)
        #expect(penalty.first?["ended"]?.integer == 1)
        #expect(penalty.first?["aliases"]?.string?.contains("杭应急罚〔2025〕12号") == true)
        // As it stood before its end, by what is known now; and before anything was recorded.
        let march = try cases(["--procedure", "penalty", "--occurred", "2025-03-10"])
        #expect(march.first?["stage"]?.string == "investigation")
        #expect(march.first?["ended"]?.integer == 0)
        #expect(try cases(["--as-of", "2020-01-01"]).isEmpty)
        #expect(try cases(["--procedure", "none"]).isEmpty)
        let text = try home.expectSuccess(["cases", "--ledger", ledger, "--lang", "zh"])
        #expect(text.contains("个案件"))
    }

    @Test func `killed at any moment it goes on, and deleted it is made again`() throws {
        try record(year: 6_000, seed: 8)
        let seed = UInt64.random(in: 0...999_999)
        var random = Seeded(seed: seed)
        for round in 0..<6 {
            let work = round % 2 == 0 ? "follow" : "rebuild"
            let process = home.process(["projection", work, "--ledger", ledger])
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            // The moment is chosen by what it has written, not by a clock.
            let path = ledger + "/projections.sqlite" + (work == "rebuild" ? ".new" : "") + "-wal"
            let most = UInt64.random(in: 1...4_000_000, using: &random)
            while process.isRunning, fileSize(path) < most { sched_yield() }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }
        let verified = try home.run(["projection", "verify", "--ledger", ledger])
        #expect(verified.exitCode == 0, "seed \(seed): \(verified.output)\(verified.errors)")
        let asked = ["projection", "status", "--digest", "--ledger", ledger, "--json"]
        let status = try home.run(asked)
        #expect(status.exitCode == 0)
        #expect(try status.json["behind"]?.integer == 0)
        #expect(try status.json["staleSince"] == .null)

        try FileManager.default.removeItem(atPath: ledger + "/projections.sqlite")
        _ = try home.expectSuccess(["projection", "follow", "--ledger", ledger])
        let again = try home.run(asked)
        #expect(try again.json["models"] == status.json["models"], "seed \(seed)")
        for model in try again.json["models"]?.array ?? [] {
            #expect(model["digest"]?.string?.count == 64)
        }
        #expect(try home.run(["verify", ledger]).exitCode == 0)
    }

    @Test func `it says since when it is behind, and reads all rows only when asked`() throws {
        let status = ["projection", "status", "--ledger", ledger, "--lang", "en"]
        try record(year: 60, seed: 3)
        _ = try home.expectSuccess(["projection", "follow", "--ledger", ledger])
        let before = try home.run(status + ["--json"]).json
        let next = try #require(before["next"]?.integer)
        #expect(before["models"]?.array?.allSatisfy { $0["digest"] == .null } == true)
        let event = try home.expectSuccess(["catalogue", "show", "report.accepted", "--example"])
        _ = try home.expectSuccess(["append", "-", "--ledger", ledger], input: event)
        let after = try home.run(status + ["--json"]).json
        #expect(after["behind"]?.integer == 1)
        let record = try home.run(
            ["log", "--after", "\(next - 1)", "--ledger", ledger, "--json"]).json
        #expect(after["staleSince"]?.string != nil)
        #expect(after["staleSince"] == record["chain"]?["recorded"])
        #expect(try home.expectSuccess(status).contains("stale since"))
    }

    private func fileSize(_ path: String) -> UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.size] as? UInt64 ?? 0
    }

    @Test func `a row that was altered is found`() throws {
        try record(year: 600, seed: 9)
        _ = try home.expectSuccess(["projection", "follow", "--ledger", ledger])
        let altered = Process()
        altered.executableURL = URL(filePath: "/usr/bin/env")
        altered.arguments = [
            "python3", "-c",
            "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); "
                + "c.execute('update participants_now set person=?', ('P-x',)); "
                + "c.commit()",
            ledger + "/projections.sqlite",
        ]
        try altered.run()
        altered.waitUntilExit()
        #expect(altered.terminationStatus == 0)
        let verified = try home.run(["projection", "verify", "--ledger", ledger])
        #expect(verified.exitCode == 1)
        #expect(verified.output.contains("participants"))
    }
}
