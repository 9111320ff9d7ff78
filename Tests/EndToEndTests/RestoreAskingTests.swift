import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing restore finish` asks those who saw more than the backup holds.
@Suite struct RestoreAskingTests {
    private let home: UserHome
    private let keeper: LedgerKeeper
    private var backup: String { home.path + "/backup" }

    init() throws {
        home = try UserHome()
        keeper = try LedgerKeeper(home)
    }

    /// A ledger of 52 records, 32 of them witnessed and published, is put back from a backup of 22.
    private func restored() async throws -> WitnessedPolicy {
        let policy = try await WitnessedPolicy(home, log: keeper.vkey())
        _ = try home.expectSuccess(["backup", backup, "--ledger", home.ledger])
        try keeper.append(10)
        #expect(try policy.publish().exitCode == 0)
        try keeper.append(20)
        try FileManager.default.removeItem(atPath: home.ledger)
        _ = try home.expectSuccess(["restore", backup, home.ledger])
        return policy
    }

    private func finish(_ arguments: [String]) throws -> Program.Result {
        try home.run(
            [
                "restore", "finish", home.ledger, "--person", "P-1", "--approver", "P-2",
                "--reason", "drill", "--no-memory", "--json",
            ] + arguments)
    }

    @Test(arguments: [["witnesses"], ["tiles"], ["tiles", "witnesses"]])
    func `what a witness or a published folder has seen is asked for`(
        _ kinds: [String]
    ) async throws {
        let policy = try await restored()
        let options = [
            "witnesses": ["--policy", policy.file], "tiles": ["--tiles", policy.tiles],
        ]
        let finished = try finish(kinds.flatMap { options[$0] ?? [] })
        #expect(finished.exitCode == 0, "\(finished.errors)")
        #expect(try finished.json["lost"] == ["from": 22, "through": 31])
        let record = try JSONValue(
            parsing: try home.expectSuccess(["show", "22", "--ledger", home.ledger]).utf8)
        let asked = record["event"]?["data"]?["asked"] ?? record["data"]?["asked"]
        #expect(asked?.array?.map(\.string) == kinds)
        try await policy.end()
    }

    @Test func `a witness that does not answer stops it, and nothing is recorded`() async throws {
        let policy = try await restored()
        try await policy.end()
        let before = try home.expectSuccess(["checkpoint", "--ledger", home.ledger])
        #expect(try finish(["--policy", policy.file]).exitCode == 2)
        #expect(try home.expectSuccess(["checkpoint", "--ledger", home.ledger]) == before)
        #expect(try finish(["--tiles", home.path + "/nowhere"]).exitCode == 2)
        #expect(try home.expectSuccess(["checkpoint", "--ledger", home.ledger]) == before)
    }

    @Test func `what another key signed under the same name is no answer`() throws {
        _ = try home.expectSuccess(["backup", backup, "--ledger", home.ledger])
        try FileManager.default.removeItem(atPath: home.ledger)
        _ = try home.expectSuccess(["restore", backup, home.ledger])
        let (other, tiles) = (home.path + "/other", home.path + "/others")
        _ = try home.expectSuccess(["init", other, "--origin", "drill.example"])
        try LedgerKeeper.append(home, other, "other", 90)
        _ = try home.expectSuccess(["publish", tiles, "--ledger", other])
        let refused = try finish(["--tiles", tiles])
        #expect(refused.exitCode == 2)
        #expect(refused.errors.contains(tiles))
    }
}
