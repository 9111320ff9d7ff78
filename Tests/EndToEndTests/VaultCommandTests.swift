import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing vault`, as a user types it.
@Suite struct VaultCommandTests {
    private let home: UserHome

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        try Data("口令 of the holder\n".utf8).write(to: URL(filePath: passphrase))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase)
    }

    private var passphrase: String { home.path + "/passphrase" }

    private func vault(_ arguments: String...) throws -> Program.Result {
        try home.run(["vault"] + arguments + ["--ledger", home.ledger])
    }

    /// A holder's key in the file `name`: its id.
    private func key(_ name: String) throws -> String {
        let made = try home.run([
            "vault", "key", home.path + "/" + name, "--passphrase-file", passphrase, "--json",
        ])
        try #require(made.exitCode == 0, "\(made.errors)")
        return try made.json["id"]?.string ?? ""
    }

    private func add(_ name: String, _ more: String...) throws -> Program.Result {
        try home.run(
            [
                "vault", "holder", "add", "--ledger", home.ledger, "--name", name, "--public-key",
                "\(home.path)/\(name).pub", "--person", "P-1", "--approver", "P-2", "--reason",
                "设立密钥库",
            ] + more)
    }

    @Test func `a vault is made, holders join and leave, and the ledger is sound`() throws {
        let before = try vault("status")
        #expect(before.exitCode == 2 && before.errors.contains("vault init"))
        #expect(try vault("init").exitCode == 0)
        #expect(try vault("init").exitCode == 2)
        let (one, two) = (try key("one"), try key("two"))
        #expect(one != two && one.count == 32)

        let added = try add("one", "--group", "sealed", "--group", "sensitive", "--json")
        #expect(try added.exitCode == 0 && added.json["id"]?.string == one, "\(added.errors)")
        #expect(try add("two", "--group", "outside").exitCode == 0)
        #expect(try add("two", "--group", "outside").exitCode == 2)
        let status = try vault("status", "--json")
        #expect(status.exitCode == 0, "\(status.errors)")
        let holders = try status.json["holders"]?.array ?? []
        #expect(holders.map { $0["id"]?.string } == [one, two])
        #expect(holders.map { $0["groups"] } == [["sealed", "sensitive"], ["outside"]])
        #expect(holders.allSatisfy { $0["standing"] == "sound" })

        #expect(
            try vault(
                "holder", "retire", one, "--person", "P-1", "--approver", "P-2", "--reason",
                "轮岗"
            ).exitCode == 0)
        let list = try vault("holder", "list", "--json").json.array ?? []
        #expect(list.map { $0["retired"] } == [true, false])
        #expect(try vault("status", "--lang", "zh").output.contains("已卸任"))
        #expect(try vault("holder", "list", "--lang", "zh").output.contains("已卸任"))
        #expect(try home.run(["verify", home.ledger, "--no-memory"]).exitCode == 0)
    }

    @Test func `the second verifier knows these records`() throws {
        _ = try vault("init")
        _ = try key("one")
        #expect(try add("one", "--group", "sealed").exitCode == 0)
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/verify.py").path
        let checked = try Program(tool: "python3")
            .run([script, home.ledger], home: home.folder.url, input: [])
        #expect(checked.exitCode == 0, "\(checked.output)\(checked.errors)")
    }

    @Test func `a backup of the ledger has nothing of the vault`() throws {
        _ = try vault("init")
        _ = try key("one")
        #expect(try add("one", "--group", "sealed").exitCode == 0)
        let copy = home.path + "/copy"
        let made = try home.run(["backup", copy, "--ledger", home.ledger])
        #expect(made.exitCode == 0, "\(made.errors)")
        let files = try #require(FileManager.default.enumerator(atPath: copy)).compactMap {
            $0 as? String
        }
        #expect(files.contains("ledger.yaml"))
        // The catalogue has a procedure of that name.
        #expect(files.allSatisfy { !$0.hasPrefix("vault") && !$0.contains("sqlite") })
    }

    @Test func `a holder's private key is encrypted, and openssl reads it`() throws {
        _ = try key("one")
        let file = home.path + "/one"
        let status = try FileManager.default.attributesOfItem(atPath: file)
        #expect(status[.posixPermissions] as? Int == 0o600)
        let openssl = Program(tool: "openssl")
        func run(_ arguments: [String]) throws -> Program.Result {
            try openssl.run(
                ["pkey", "-in", file, "-noout"] + arguments, home: home.folder.url, input: [])
        }
        let read = try run(["-passin", "file:" + passphrase, "-text_pub"])
        #expect(read.exitCode == 0 && read.output.contains("X25519"), "\(read.errors)")
        #expect(try run(["-passin", "pass:guess"]).exitCode != 0)
        // It is never written over, and never in clear.
        let again = try home.run(["vault", "key", file, "--passphrase-file", passphrase])
        #expect(again.exitCode == 2)
        let open = try home.run(["vault", "key", home.path + "/three"])
        #expect(open.exitCode == 2 && open.errors.contains("--passphrase-file"))
        #expect(!FileManager.default.fileExists(atPath: home.path + "/three"))
    }

    @Test func `what is no key, no group or not approved is refused`() throws {
        _ = try vault("init")
        _ = try key("one")
        #expect(try add("one", "--group", "Not A Group").exitCode == 64)
        #expect(try add("one").exitCode == 64)
        #expect(try add("one", "--group", "sealed", "--approver", "P-1").exitCode == 2)
        try Data("no key".utf8).write(to: URL(filePath: home.path + "/bad.pub"))
        #expect(try add("bad", "--group", "sealed").exitCode == 2)
        #expect(try vault("holder", "list", "--json").json.array?.isEmpty == true)
        let others = [FileAttributeKey.posixPermissions: 0o640]
        try FileManager.default.setAttributes(others, ofItemAtPath: home.ledger + "/vault/keys")
        let status = try vault("status")
        #expect(status.exitCode == 2 && status.errors.contains("chmod"))
    }
}
