import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Keys that are encrypted, or held by another program: Specs/keys.md sections 5 to 7.
@Suite struct KeyCustodyTests {
    private let home: UserHome

    init() throws {
        home = try UserHome()
    }

    private func file(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = home.path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    private func openssl(_ arguments: [String], input: [UInt8] = []) throws -> Program.Result {
        try Program(tool: "openssl").run(arguments, home: home.folder.url, input: input)
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    // MARK: Encrypted

    @Test func `keys are encrypted, read by openssl, and useless without the passphrase`() throws {
        let keeper = try LedgerKeeper(home)
        let key = home.ledger + "/keys/ledger.key"
        let one = try file("one", "第一个口令\n")
        let two = try file("two", "second\nnot this line\n")
        let events = (keeper.event("a"), keeper.event("b"))
        func append(_ input: String, _ more: [String]) throws -> Program.Result {
            try home.run(["append", "-", "--ledger", home.ledger] + more, input: input)
        }
        func encrypt(_ new: String, _ more: [String]) throws -> Program.Result {
            try home.run(
                ["key", "encrypt", "--ledger", home.ledger, "--new-passphrase-file", new] + more)
        }
        #expect(try encrypt(one, []).exitCode == 0)
        #expect(try text(key).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        let closed = try append(events.0, [])
        #expect(closed.exitCode == 2 && closed.errors.contains("--passphrase-file"))
        let wrong = try append(events.0, ["--passphrase-file", two])
        #expect(wrong.exitCode == 2 && wrong.errors.contains("passphrase"))
        #expect(try append(events.0, ["--passphrase-file", one]).exitCode == 0)

        let read = try openssl(
            ["pkey", "-in", key, "-passin", "file:" + one, "-noout", "-text_pub"])
        #expect(read.exitCode == 0 && read.output.contains("ED25519"), "\(read.errors)")
        #expect(
            try openssl(["pkey", "-in", key, "-passin", "pass:guess", "-noout"]).exitCode != 0)
        let parts = try openssl(["asn1parse", "-in", key]).output
        #expect(parts.contains("PBES2") && parts.contains("scrypt"), "\(parts)")

        #expect(try encrypt(two, ["--passphrase-file", one]).exitCode == 0)
        #expect(try append(events.1, ["--passphrase-file", one]).exitCode == 2)
        let rotated = try keeper.change(["rotate", "--passphrase-file", two])
        #expect(rotated["vouched"] == true)
        #expect(try text(key).hasPrefix("-----BEGIN ENCRYPTED"), "new keys are encrypted too")
        #expect(try append(events.1, ["--passphrase-file", two]).exitCode == 0)
        #expect(try keeper.verify(home.ledger, ["--no-memory"]).code == 0)
        let open = try file("open", "second\n", mode: 0o644)
        let exposed = try append(events.1, ["--passphrase-file", open])
        #expect(exposed.exitCode == 2 && exposed.errors.contains("chmod"))
    }

    @Test func `a service takes the passphrase from systemd's credential`() async throws {
        let passphrase = try file("hanqing-passphrase", "secret\n")
        _ = try home.expectSuccess([
            "init", home.ledger, "--origin", "drill.example", "--passphrase-file", passphrase,
        ])
        #expect(
            try text(home.ledger + "/keys/ledger.key").hasPrefix("-----BEGIN ENCRYPTED"))
        let server = try await ServingProgram(
            ["--ledger", home.ledger], home: home.folder.url,
            environment: ["CREDENTIALS_DIRECTORY": home.path])
        #expect(try await server.end(SIGTERM) == 0)
        await #expect(throws: ServingProgram.NotServing.self) {
            _ = try await ServingProgram(home.ledger, home: home.folder.url)
        }
    }

    // MARK: Held by a program

    /// Signs with the keys in a folder, each named by its id: what a device would do.
    private func signer() throws -> String {
        try file(
            "signer",
            """
            #!/bin/sh
            set -eu
            folder=$(mktemp -d)
            trap 'rm -rf "$folder"' EXIT
            cat >"$folder/text"
            id=$(printf %s "$HANQING_KEY" | cut -d + -f 2)
            openssl pkeyutl -sign -inkey "$1/$id.pem" -rawin -in "$folder/text" | base64 -w 0

            """, mode: 0o700)
    }

    /// A key that openssl made, in a folder, under the id that the ledger knows it by.
    private func deviceKey(_ folder: String) throws -> String {
        let draft = "\(folder)/draft.pem"
        #expect(try openssl(["genpkey", "-algorithm", "ED25519", "-out", draft]).exitCode == 0)
        #expect(
            try openssl(["pkey", "-in", draft, "-pubout", "-out", draft + ".pub"]).exitCode == 0)
        let vkey = try home.expectSuccess([
            "key", "name", "--origin", "drill.example", "--public-key", draft + ".pub",
        ]).trimmingCharacters(in: .newlines)
        let id = try #require(vkey.split(separator: "+").dropFirst().first)
        try FileManager.default.moveItem(atPath: draft, toPath: "\(folder)/\(id).pem")
        return vkey
    }

    private func set(signer words: [String], seconds: Int = 20) throws {
        let path = home.ledger + "/ledger.yaml"
        let kept = try text(path).split(separator: "\n").prefix { !$0.hasPrefix("signer:") }
        let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
        let more = "signer:\n  command: [\(list)]\n  timeoutSeconds: \(seconds)\n"
        try Data((kept.joined(separator: "\n") + "\n" + more).utf8)
            .write(to: URL(filePath: path))
    }

    @Test func `a program holds the key, and rotates it too`() throws {
        let keeper = try LedgerKeeper(home)
        let device = home.path + "/device"
        try FileManager.default.createDirectory(
            atPath: device, withIntermediateDirectories: false)
        let (one, two) = (try deviceKey(device), try deviceKey(device))
        let alone = try keeper.changing(["rotate", "--new-key", one])
        #expect(alone.exitCode == 2 && alone.errors.contains("signer.command"))
        try set(signer: [signer(), device])
        let moved = try keeper.change(["rotate", "--new-key", one])
        #expect(moved["vkey"]?.string == one && moved["vouched"] == true)
        #expect(!FileManager.default.fileExists(atPath: home.ledger + "/keys/ledger.key"))
        try keeper.append(3)
        #expect(try keeper.verify(home.ledger).code == 0)
        let next = try keeper.change(["rotate", "--new-key", two, "--overlap-days", "3"])
        #expect(next["vouched"] == true)
        #expect(try keeper.change(["rotate", "--new-key", two])["seq"] == next["seq"], "once")
        try keeper.append(3)
        let verdict = try keeper.verify(home.ledger)
        #expect(verdict.code == 0 && verdict.findings == [])
        #expect(try keeper.vkey() == two)
    }

    @Test func `a backup says that a program holds the key, and asks for no file`() throws {
        let keeper = try LedgerKeeper(home)
        let device = home.path + "/device"
        try FileManager.default.createDirectory(
            atPath: device, withIntermediateDirectories: false)
        try set(signer: [signer(), device])
        _ = try keeper.change(["rotate", "--new-key", try deviceKey(device)])
        let backup = home.path + "/backup"
        let asked = try home.run(["backup", backup, "--with-keys", "--ledger", home.ledger])
        #expect(asked.exitCode == 2)
        #expect(asked.errors.contains("a program holds this ledger's key"), "\(asked.errors)")
        #expect(!FileManager.default.fileExists(atPath: backup), "nothing is written")
        let made = try home.expectSuccess(["backup", backup, "--ledger", home.ledger])
        #expect(made.contains("a program holds it") && !made.contains("keys/ledger.key"), "\(made)")
        let chinese = try home.expectSuccess([
            "backup", backup, "--ledger", home.ledger, "--lang", "zh",
        ])
        #expect(chinese.contains("私钥由程序持有") && !chinese.contains("keys/ledger.key"))
        #expect(try keeper.verify(backup, ["--no-memory"]).code == 0)
    }

    @Test func `a program that fails, lies or hangs is refused in words`() throws {
        let keeper = try LedgerKeeper(home)
        let device = home.path + "/device"
        try FileManager.default.createDirectory(
            atPath: device, withIntermediateDirectories: false)
        let key = try deviceKey(device)
        try set(signer: [signer(), device])
        _ = try keeper.change(["rotate", "--new-key", key])
        let before = try keeper.verify(home.ledger).json["records"]?.integer
        let failing = [
            ("/bin/false", 20, "failed"), ("/bin/true", 20, "no signature"),
            ("/nowhere/signer", 20, "cannot start"),
            (try file("hangs", "#!/bin/sh\nexec sleep 600\n", mode: 0o700), 1, "in 1 s"),
            (
                try file("lies", "#!/bin/sh\nhead -c 64 /dev/zero | base64 -w 0\n", mode: 0o700),
                20, "no signature"
            ),
            (try file("floods", "#!/bin/sh\nexec cat /dev/zero\n", mode: 0o700), 1, "in 1 s"),
        ]
        for (number, (program, seconds, words)) in failing.enumerated() {
            try set(signer: [program], seconds: seconds)
            let result = try home.run(
                ["append", "-", "--ledger", home.ledger], input: keeper.event("new-\(number)"))
            #expect(result.exitCode != 0, "\(program)")
            #expect(result.errors.contains(program), "\(result.errors)")
            #expect(result.errors.contains(words), "\(result.errors)")
        }
        try set(signer: [signer(), device])
        let again = (0..<failing.count).map { keeper.event("new-\($0)") }.joined()
        #expect(
            try home.run(["append", "-", "--ledger", home.ledger], input: again).exitCode == 0)
        let after = try keeper.verify(home.ledger)
        #expect(after.code == 0, "each is there once")
        #expect(after.json["records"]?.integer == before.map { $0 + Int64(failing.count) })
    }

    // MARK: PKCS#11

    private static let module = "/usr/lib/softhsm/libsofthsm2.so"
    private static let hasToken =
        FileManager.default.fileExists(atPath: module)
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/pkcs11-tool")

    @Test(.enabled(if: hasToken, "needs softhsm2 and opensc"))
    func `a token signs through pkcs11-tool`() throws {
        let keeper = try LedgerKeeper(home)
        let settings = try file(
            "softhsm2.conf", "directories.tokendir = \(home.path)\nobjectstore.backend = file\n")
        let pin = try file("pin", "567890\n")
        let packaged = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Packaging/sign-with-token").path
        func tool(_ name: String, _ arguments: [String]) throws {
            let result = try Program(tool: "env").run(
                ["SOFTHSM2_CONF=" + settings, name] + arguments, home: home.folder.url)
            #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
        }
        try tool(
            "softhsm2-util",
            ["--init-token", "--free", "--label", "ledger", "--so-pin", "1234", "--pin", "567890"])
        let token = ["--module", Self.module, "--token-label", "ledger"]
        try tool(
            "pkcs11-tool",
            token + ["--login", "--pin", "567890", "--keypairgen", "--id", "01", "--key-type"]
                + ["EC:edwards25519", "--label", "k1"])
        let file = home.path + "/token.pub"
        try tool(
            "pkcs11-tool", token + ["--read-object", "--type", "pubkey", "--id", "01", "-o", file])
        let vkey = try home.expectSuccess([
            "key", "name", "--origin", "drill.example", "--public-key", file,
        ]).trimmingCharacters(in: .newlines)
        try set(
            signer: [
                "/usr/bin/env", "SOFTHSM2_CONF=" + settings, packaged, "ledger", "01", pin,
            ])
        #expect(try keeper.change(["rotate", "--new-key", vkey])["vouched"] == true)
        try keeper.append(3)
        let verdict = try keeper.verify(home.ledger)
        #expect(verdict.code == 0 && verdict.json["key"]?.string == vkey)
    }

    // MARK: SM2

    @Test func `openssl verifies the SM2 line that the page shows by hand`() throws {
        let keeper = try LedgerKeeper(home)
        let missing = try home.run(["checkpoint", "--sm2", "--ledger", home.ledger])
        #expect(missing.exitCode == 2 && missing.errors.contains("add-sm2"))
        let added = try keeper.change(["add-sm2"])
        #expect(try keeper.change(["add-sm2"])["vkey"] == added["vkey"], "once")
        let pem = try file("sm2.pem", #require(added["pem"]?.string))
        for round in 0..<2 {
            try keeper.append(10)
            let note = try home.expectSuccess(["checkpoint", "--sm2", "--ledger", home.ledger])
            _ = try file("sm2.note", note)
            let script = """
                set -eu
                tail -n 1 sm2.note | sed 's/.* //' | base64 -d >line
                tail -c +5 line | head -c 32 >root
                tail -c +37 line >signature
                { printf 'hanqing/sm2-sm3/v1\\nsm3 %s\\n' "$(base64 -w 0 root)"
                  head -n 3 sm2.note; } >message
                openssl pkeyutl -verify -pubin -inkey "$0" -rawin -in message \
                    -sigfile signature -digest sm3 -pkeyopt distid:1234567812345678
                """
            let checked = try Program(tool: "env").run(
                ["-C", home.path, "sh", "-c", script, pem], home: home.folder.url)
            #expect(checked.exitCode == 0, "\(round): \(checked.output) \(checked.errors)")
            #expect(checked.output.contains("Verified Successfully"))
            let verdict = try keeper.verify(home.ledger)
            #expect(verdict.code == 0 && verdict.notes.contains("sm2-verified"))
        }
        // Leaves are believed only under a signature: damaged ones are read again.
        let leaves = URL(filePath: home.ledger + "/checkpoints/sm3-leaves")
        var bytes = try Data(contentsOf: leaves)
        bytes[40] ^= 1
        try bytes.write(to: leaves)
        try keeper.append(1)
        _ = try home.expectSuccess(["checkpoint", "--sm2", "--ledger", home.ledger])
        #expect(try keeper.verify(home.ledger).notes.contains("sm2-verified"))
    }
}
