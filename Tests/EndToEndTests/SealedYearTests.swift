import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A generated year with what must be sealed comes to the same, and nothing of it is in clear.
@Suite struct SealedYearTests {
    private let home: UserHome

    init() throws { home = try UserHome() }

    private func makeLedger(_ folder: String, withVault: Bool) throws {
        _ = try home.expectSuccess(["init", folder, "--origin", "year.example"])
        guard withVault else { return }
        let passphrase = home.path + "/passphrase"
        try Data("口令\n".utf8).write(to: URL(filePath: passphrase))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase)
        _ = try home.expectSuccess(["vault", "init", "--ledger", folder])
        _ = try home.expectSuccess([
            "vault", "key", home.path + "/one", "--passphrase-file", passphrase,
        ])
        _ = try home.expectSuccess([
            "vault", "holder", "add", "--ledger", folder, "--name", "one", "--public-key",
            "\(home.path)/one.pub", "--group", "sealed", "--group", "sensitive", "--group",
            "outside", "--person", "P-1", "--approver", "P-2", "--reason", "设立",
        ])
    }

    private func sample(_ more: String...) throws -> String {
        try home.expectSuccess(
            ["sample", "--year", "2025", "--events", "3000", "--seed", "5"] + more)
    }

    /// Appends it; gives how many events were recorded.
    private func append(_ events: String, to folder: String) throws -> Int {
        let result = try home.run(
            [
                "append", "-", "--ledger", folder, "--receipts", "brief", "--keep-going",
                "--may-assert", "--no-scrub",
            ], input: events)
        return result.output.split(separator: "\n").count { $0.contains("leafHash") }
    }

    private func findings(_ folder: String) throws -> Set<String> {
        let found = try home.run(["findings", "--ledger", folder, "--json"]).list.lines
        // Which numbers they have differs: with a vault there are more records of the ledger's own.
        return Set(
            found.compactMap { finding in
                guard let stream = finding["stream"]?.string else { return nil }
                return "\(stream) \(finding["rule"]?.string ?? finding["duty"]?.string ?? "-")"
            })
    }

    @Test func `a year with sealed values comes to the same, and shows none of them`() throws {
        let (plain, sealed) = (home.path + "/plain", home.path + "/sealed")
        try makeLedger(plain, withVault: false)
        try makeLedger(sealed, withVault: true)
        let events = try sample("--sealed")
        let values = try events.split(separator: "\n").flatMap { line -> [String] in
            let members = try JSONValue(parsing: line.utf8)["data"]?.members ?? []
            return members.compactMap(\.value.string).filter { $0.hasPrefix("990099") }
        }
        #expect(values.count > 50 && Set(values).count > 50)
        let count = try append(try sample(), to: plain)
        #expect(count > 2_500)
        #expect(try append(events, to: sealed) == count)
        #expect(try findings(sealed) == findings(plain))
        let status = try home.run(["vault", "status", "--ledger", sealed, "--json"]).json
        #expect((status["assigned"]?.integer ?? 0) > 100, "\(status)")
        let hunt = try CanaryHunt(Array(values.prefix(50)), home: home.folder.url)
        #expect(try hunt.hits(in: URL(filePath: sealed)).isEmpty)
        #expect(try home.run(["verify", sealed, "--no-memory"]).exitCode == 0)
        // Without a vault not one of them is taken, and the rest is.
        let refused = home.path + "/refused"
        try makeLedger(refused, withVault: false)
        let taken = try append(events, to: refused)
        #expect(taken < count && taken > 0)
    }
}
