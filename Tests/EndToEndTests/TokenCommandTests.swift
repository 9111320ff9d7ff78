import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing token`, as a user types it.
@Suite struct TokenCommandTests {
    private let home: UserHome
    private var ledger: String { home.ledger }
    private var file: String { ledger + "/tokens" }

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
    }

    private func token(_ arguments: String..., input: String = "") throws -> Program.Result {
        try home.run(["token"] + arguments + ["--ledger", ledger], input: input)
    }

    private func create(_ arguments: String...) throws -> JSONValue {
        let result = try home.run(
            ["token", "create", "--json", "--name", "test", "--ledger", ledger] + arguments)
        try #require(result.exitCode == 0, "\(result.errors)")
        return try result.json
    }

    private func check(_ text: String) throws -> (code: Int32, json: JSONValue) {
        let result = try token("check", "--json", input: text + "\n")
        return (result.exitCode, try result.json)
    }

    private func states(_ more: String...) throws -> [[String]] {
        let result = try home.run(
            ["token", "list", "--json", "--ledger", ledger] + more)
        #expect(result.exitCode == 0, "\(result.errors)")
        return (try result.json.array ?? []).map {
            [$0["id"]?.string ?? "", $0["state"]?.string ?? ""]
        }
    }

    /// Types of the records of the stream, and that the ledger is sound by both verifiers.
    private func recorded() throws -> [String] {
        let verified = try home.run(["verify", ledger, "--no-memory"])
        #expect(verified.exitCode == 0, "\(verified.output)")
        let log = try home.run(
            ["log", "--json", "--limit", "1000", "--ledger", ledger])
        return try log.output.split(separator: "\n").compactMap {
            let event = try JSONValue(parsing: $0.utf8)["event"]
            return event?["subject"] == "ledger/access" ? event?["type"]?.string : nil
        }
    }

    @Test func `a token is made, shown once, checked, listed and taken back`() throws {
        let made = try create(
            "--system", "penalty-system", "--right", "append:penalty", "--right", "read:internal",
            "--role", "squad", "--speaks-for", "*", "--expires", "30d")
        let (text, id) = (made["token"]?.string ?? "", made["id"]?.string ?? "")
        #expect(text.hasPrefix("hanqing_") && id.hasPrefix("tk-"))
        let good = try check(text)
        #expect(good.code == 0 && good.json["good"] == true)
        #expect(good.json["grant"]?["rights"] == ["append:penalty", "read:internal:*"])
        #expect(try states() == [[id, "live"]])
        let shown = try token("check", "--lang", "zh", input: text)
        #expect(shown.exitCode == 0 && shown.output.contains("可代经办"))

        let revoked = try token("revoke", id, "--by", "P-9", "--reason", "任务结束")
        #expect(revoked.exitCode == 0, "\(revoked.errors)")
        let again = try token("revoke", id, "--by", "P-9", "--reason", "again", "--json")
        #expect(try again.exitCode == 0 && again.json["already"] == true)
        let refused = try check(text)
        #expect(refused.code == 1 && refused.json["code"] == "revoked")
        #expect(try states() == [])
        #expect(try states("--all") == [[id, "revoked"]])
        #expect(try recorded() == ["ledger.token-created", "ledger.token-revoked"])
        // The text is nowhere in the folder: not in the records, the index or the file.
        let secret = Data(text.dropFirst("hanqing_".count).utf8)
        let files = try #require(FileManager.default.enumerator(atPath: ledger))
        for case let name as String in files {
            let bytes = FileManager.default.contents(atPath: ledger + "/" + name)
            #expect(bytes?.range(of: secret) == nil, "\(name)")
        }
    }

    @Test func `what is no good token is told apart`() throws {
        let text = try create("--owner", "P-1", "--right", "append:penalty")["token"]?.string ?? ""
        let swapped = text.dropLast(2) + (text.hasSuffix("AA") ? "BB" : "AA")
        // Made elsewhere: right in itself, and of no ledger.
        let foreign = "hanqing_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9jDc0p"
        for (input, code) in [
            (String(swapped), "mistyped"), (foreign, "unknown"), ("", "malformed"),
            ("Bearer " + text, "malformed"),
        ] {
            let result = try check(input)
            #expect(result.code == 1 && result.json["code"]?.string == code, "\(input)")
        }
    }

    @Test(arguments: [
        (["--right", "append:penlty"], "penalty?"), (["--right", "apend"], "append?"),
        (["--right", "administer:system", "--by", "P-1", "--reason", "x"], "grants himself"),
        (["--right", "approve"], "needs a reason"), (["--right", "append", "--role", "x"], "role"),
        (["--right", "append", "--expires", "367d"], "367d"), ([], "no right"),
        (["--right", "append", "--expires", "2020-01-01"], "expired already"),
        (["--right", "append", "--rate", "0", "--burst", "1"], "--rate"),
        (["--right", "append", "--speaks-for", "*"], "only a system"),
        (["--right", "append", "--by", "no person"], "person's id"),
    ])
    func `what cannot be granted is refused, and nothing is recorded`(
        arguments: [String], words: String
    ) throws {
        let result = try home.run(
            ["token", "create", "--name", "test", "--owner", "P-1", "--ledger", ledger] + arguments)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains(words), "\(result.errors)")
        #expect(try recorded() == [])
        #expect(!FileManager.default.fileExists(atPath: file))
    }

    @Test func `one person does not become two of the three administrators`() throws {
        let first =
            try create(
                "--owner", "P-1", "--right", "administer:system", "--reason", "值守")["id"]?.string
            ?? ""
        let arguments = [
            "token", "create", "--name", "second", "--owner", "P-1", "--right",
            "administer:audit", "--reason", "x", "--ledger", ledger,
        ]
        let second = try home.run(arguments)
        #expect(second.exitCode == 1 && second.errors.contains(first), "\(second.errors)")
        #expect(try token("revoke", first, "--by", "P-9", "--reason", "x").exitCode == 0)
        #expect(try home.run(arguments).exitCode == 0)
    }

    @Test func `a file that others could read, or that was changed, lets nobody in`() throws {
        let text = try create("--owner", "P-1", "--right", "append:penalty")["token"]?.string ?? ""
        let files = FileManager.default
        try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        let open = try token("check", input: text)
        #expect(open.exitCode == 2 && open.errors.contains("chmod 600"))
        // Whoever appends on the command line is told, and not kept from it.
        let append = try home.run(["append", "--ledger", ledger])
        #expect(append.exitCode == 0 && append.errors.contains("chmod 600"))
        try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(try check(text).code == 0)

        let written = try String(contentsOfFile: file, encoding: .utf8)
        let richer = written.replacing("append:penalty", with: "append:*")
        try richer.write(toFile: file, atomically: false, encoding: .utf8)
        let changed = try check(text)
        #expect(changed.code == 1 && changed.json["code"] == "unrecorded")
        #expect(try states().map { $0[1] } == ["never-issued", "unrecorded"])
        try "{}\n".write(toFile: file, atomically: false, encoding: .utf8)
        let broken = try token("list")
        #expect(broken.exitCode == 2 && broken.errors.contains("line 1"), "\(broken.errors)")
    }

    @Test func `a grant whose token could not be written down was never issued, and is told`()
        throws
    {
        // A folder stands where the draft would: recorded, and then no file.
        let obstacle = file + ".new"
        try FileManager.default.createDirectory(
            atPath: obstacle, withIntermediateDirectories: false)
        let failed = try token("create", "--name", "x", "--owner", "P-1", "--right", "append")
        #expect(failed.exitCode == 2 && failed.errors.contains("never issued"))
        #expect(!failed.output.contains("hanqing_"))
        let states = try states()
        let id = try #require(states.first?.first)
        #expect(states == [[id, "never-issued"]])
        let start = try home.run(["append", "--ledger", ledger])
        #expect(start.exitCode == 0 && start.errors.contains(id))

        try FileManager.default.removeItem(atPath: obstacle)
        #expect(try token("revoke", id, "--by", "P-9", "--reason", "never issued").exitCode == 0)
        let quiet = try home.run(["append", "--ledger", ledger])
        #expect(quiet.exitCode == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
        #expect(try recorded() == ["ledger.token-created", "ledger.token-revoked"])
    }

    @Test func `a revocation that could not be written down counts all the same`() throws {
        let made = try create("--owner", "P-1", "--right", "append:penalty")
        let (text, id) = (made["token"]?.string ?? "", made["id"]?.string ?? "")
        let before = FileManager.default.contents(atPath: file)
        let obstacle = file + ".new"
        try FileManager.default.createDirectory(
            atPath: obstacle, withIntermediateDirectories: false)
        let failed = try token("revoke", id, "--by", "P-9", "--reason", "lost")
        #expect(failed.exitCode == 2 && failed.errors.contains("revoked all the same"))
        #expect(FileManager.default.contents(atPath: file) == before)
        #expect(try check(text).json["code"] == "revoked")
        try FileManager.default.removeItem(atPath: obstacle)
        // The next change writes the mark.
        #expect(try token("revoke", id, "--by", "P-9", "--reason", "lost").exitCode == 0)
        let marked = try String(contentsOfFile: file, encoding: .utf8)
        #expect(marked.contains(#""revoked":{"at":"#) && marked.contains("lost"))
        #expect(try recorded() == ["ledger.token-created", "ledger.token-revoked"])
    }

    @Test(arguments: [
        ["create", "--name", "x"], ["create", "--name", "x", "--owner", "P-1", "--system", "s"],
        ["create", "--owner", "P-1"], ["revoke", "tk-000000000001"], ["frobnicate"],
        ["create", "--name", "x", "--owner", "P-1", "--rate", "5"],
    ])
    func `wrong usage is exit code 64`(arguments: [String]) throws {
        let result = try home.run(
            ["token"] + arguments + ["--ledger", ledger])
        #expect(result.exitCode == 64, "\(result.errors)")
    }

    @Test func `a certificate gets a grant and no token, in PEM or in DER`() throws {
        func openssl(_ arguments: String...) throws {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/openssl")
            (process.arguments, process.currentDirectoryURL) = (arguments, home.folder.url)
            (process.standardOutput, process.standardError) = (
                FileHandle.nullDevice, FileHandle.nullDevice
            )
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }
        try openssl(
            "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "key.pem", "-out",
            "client.pem", "-subj", "/CN=penalty-system")
        try openssl("x509", "-in", "client.pem", "-outform", "DER", "-out", "client.der")
        let pem = home.folder.url.appending(path: "client.pem").path
        let made = try create(
            "--system", "penalty-system", "--right", "append:penalty", "--certificate", pem)
        #expect(made["token"] == .null && made["grant"]?["certificate"]?.string?.count == 64)
        let der = home.folder.url.appending(path: "client.der").path
        let again = try token(
            "create", "--name", "x", "--system", "penalty-system", "--right", "append",
            "--certificate", der)
        #expect(again.exitCode == 1 && again.errors.contains(made["id"]?.string ?? "-"))
        for none in [home.folder.url.appending(path: "key.pem").path, "/nowhere"] {
            let refused = try token(
                "create", "--name", "x", "--owner", "P-1", "--right", "append", "--certificate",
                none)
            #expect(refused.exitCode == 1 && refused.errors.contains(none), "\(refused.errors)")
        }
        #expect(try recorded() == ["ledger.token-created"])
    }

    @Test func `an unknown id, or a token in its place, is refused`() throws {
        for id in ["tk-000000000001", "hanqing_AAAA"] {
            let result = try token("revoke", id, "--by", "P-9", "--reason", "x")
            #expect(result.exitCode == 1, "\(result.errors)")
            #expect(!result.errors.contains("hanqing_"))
        }
        #expect(try recorded() == [])
    }
}
