import CanonicalJSON
import Foundation
import TestKit
import Testing

/// What was handed out before a change of key, and what after it: receipts, bundles, tiles and
/// timestamps, judged by who knows the one key, the other, or both.
@Suite struct KeyChangeEvidenceTests {
    private let home: UserHome
    private let keeper: LedgerKeeper
    private let authority: TestAuthority
    private let first: String

    init() async throws {
        (home, authority) = (try UserHome(), try await TestAuthority())
        keeper = try LedgerKeeper(home)
        first = try keeper.vkey()
    }

    /// What was handed out at one time.
    private struct Evidence {
        let place: String
        var receipt: String { place + "/receipt" }
        var bundle: String { place + "/bundle.tar" }
        var tiles: String { place + "/tiles" }
        var checkpoint: String { tiles + "/checkpoint" }
    }

    private func handOut(_ name: String, of ledger: String? = nil) throws -> Evidence {
        let ledger = ledger ?? home.ledger
        let evidence = Evidence(place: home.path + "/" + name)
        try FileManager.default.createDirectory(
            atPath: evidence.place, withIntermediateDirectories: true)
        _ = try home.expectSuccess([
            "timestamp", "ask", "--tsa", authority.url(), "--ca", authority.ca, "--ledger", ledger,
        ])
        let receipt = try home.expectSuccess(["prove", "5", "--ledger", ledger, "--json"])
        try Data(receipt.utf8).write(to: URL(filePath: evidence.receipt))
        _ = try home.expectSuccess(["bundle", "5-8", "-o", evidence.bundle, "--ledger", ledger])
        _ = try home.expectSuccess(["publish", evidence.tiles, "--ledger", ledger])
        return evidence
    }

    // MARK: - Who judges

    private func receipt(_ evidence: Evidence, _ keys: String...) throws -> Int32 {
        try home.run(
            ["receipt", "verify", evidence.receipt] + keys.flatMap { ["--key", $0] }
        ).exitCode
    }

    private func bundle(_ evidence: Evidence, _ key: String) throws -> Int32 {
        try home.run(["verify", evidence.bundle, "--vkey", key, "--no-memory"]).exitCode
    }

    private func tiles(
        _ evidence: Evidence, _ keys: String..., more: [String] = ["--no-memory"]
    ) throws -> LedgerKeeper.Verdict {
        try keeper.verify(evidence.tiles, keys.flatMap { ["--vkey", $0] } + more)
    }

    private func stamps(_ ledger: String, _ more: [String] = []) throws -> LedgerKeeper.Verdict {
        let result = try home.run(
            ["timestamp", "check", "--ledger", ledger, "--ca", authority.ca, "--json"] + more)
        return LedgerKeeper.Verdict(code: result.exitCode, json: try result.json)
    }

    // MARK: - Rotation

    @Test func `across a rotation all is proved by the key of its time`() throws {
        let before = try handOut("before")
        let second = try #require(try keeper.change(["rotate"])["vkey"]?.string)
        try keeper.append(5)
        let after = try handOut("after")
        for (evidence, own, other) in [(before, first, second), (after, second, first)] {
            #expect(try receipt(evidence, own) == 0)
            #expect(try receipt(evidence, other) == 1)
            #expect(try receipt(evidence, other, own) == 0, "in any order")
            #expect(try bundle(evidence, own) == 0)
            #expect(try bundle(evidence, other) == 1)
            #expect(try tiles(evidence, own).code == 0)
            #expect(try tiles(evidence, other).findings == ["checkpoint-refused"])
            #expect(try tiles(evidence, other, own).code == 0)
        }
        let stamped = try stamps(home.ledger)
        #expect(stamped.code == 0, "\(stamped.json)")
        #expect(stamped.json["timestamps"]?.array?.count == 2)
        for key in [first, second] {
            #expect(try stamps(home.ledger, ["--vkey", key]).code == 0)
        }
    }

    @Test func `an auditor of tiles who knows several keys compares across a rotation`() throws {
        let before = try handOut("before")
        let memory = home.path + "/memory.json"
        #expect(try tiles(before, first, more: ["--memory", memory]).code == 0)
        let size = try #require(try tiles(before, first).json["records"]?.integer)
        let second = try #require(try keeper.change(["rotate"])["vkey"]?.string)
        try keeper.append(5)
        let after = try handOut("after")
        // The checkpoint that he kept is by the key that was.
        let kept = ["--no-memory", "--checkpoint", before.checkpoint]
        #expect(try tiles(after, second, more: kept).findings == ["given-checkpoint-refused"])
        #expect(try tiles(after, second, first, more: kept).code == 0)
        #expect(try tiles(after, first, second, more: kept).code == 0)
        // His memory follows, and only what is new is read.
        let since = try tiles(after, first, second, more: ["--memory", memory, "--since-last"])
        #expect(since.code == 0 && since.json["tiles"]?["since"]?.integer == size, "\(since.json)")
        #expect(since.json["key"]?.string == second)
        #expect(try tiles(after, more: ["--memory", memory]).code == 0)
        // A history that differs is found, whichever key signed it.
        let other = home.path + "/other"
        _ = try home.expectSuccess(["init", other, "--origin", "other.example"])
        let stranger = try home.expectSuccess(["checkpoint", "--vkey", "--ledger", other])
            .trimmingCharacters(in: .newlines)
        let mixed = try home.run([
            "verify", after.tiles, "--vkey", second, "--vkey", stranger, "--no-memory",
        ])
        #expect(mixed.exitCode == 2 && mixed.errors.contains("another ledger"), "\(mixed.errors)")
        for place in [home.ledger, after.bundle] {
            let several = try home.run(["verify", place, "--vkey", first, "--vkey", second])
            #expect(several.exitCode == 2 && several.errors.contains("several --vkey"))
        }
    }

    // MARK: - Theft

    @Test func `after a theft what was proved before stays, and the thief's is told apart`() throws
    {
        let before = try handOut("before")
        let stolen = home.path + "/stolen"
        try FileManager.default.copyItem(atPath: home.ledger, toPath: stolen)
        // Fewer than the ledger will have: what differs is a fork, not a rollback.
        try LedgerKeeper.append(home, stolen, "forged", 3)
        let thief = try handOut("thief", of: stolen)
        try keeper.append(4)
        let second = try #require(
            try keeper.change(["replace", "--cause", "stolen"])["vkey"]?.string)
        try keeper.append(2)
        let after = try handOut("after")
        for (evidence, own, other) in [(before, first, second), (after, second, first)] {
            #expect(try receipt(evidence, own) == 0 && receipt(evidence, other) == 1)
            #expect(try bundle(evidence, own) == 0 && bundle(evidence, other) == 1)
            #expect(try tiles(evidence, own).code == 0)
            #expect(try tiles(evidence, other).code == 1)
        }
        // Who was told gives the new key alone: the thief's is nothing to him.
        #expect(try receipt(thief, second) == 1)
        #expect(try bundle(thief, second) == 1)
        #expect(try tiles(thief, second).findings == ["checkpoint-refused"])
        // Who knows the old one too finds two histories.
        let forged = ["--no-memory", "--checkpoint", thief.checkpoint]
        #expect(try tiles(after, second, more: forged).findings == ["given-checkpoint-refused"])
        #expect(try tiles(after, second, first, more: forged).findings.contains("forked"))
        // And who was not told believes the thief: hashes tell no revocation.
        #expect(try tiles(thief, first).code == 0)
        // Where records are read, they do.
        let told = try stamps(home.ledger, ["--vkey", second])
        #expect(told.code == 0, "\(told.json)")
        #expect(told.json["timestamps"]?.array?.count == 2)
        let shelf = "/checkpoints/timestamped"
        let mixed = home.path + "/mixed"
        try FileManager.default.copyItem(atPath: home.ledger, toPath: mixed)
        try FileManager.default.removeItem(atPath: mixed + shelf)
        try FileManager.default.copyItem(atPath: stolen + shelf, toPath: mixed + shelf)
        let seen = try stamps(mixed, ["--vkey", second])
        #expect(seen.code == 1, "\(seen.json)")
        #expect(!seen.findings.isEmpty && Set(seen.findings).isSubset(of: Self.accusing))
    }

    /// What is said of a checkpoint that the thief had stamped.
    private static let accusing: Set<String> = ["forked", "revoked-key-signed"]
}
