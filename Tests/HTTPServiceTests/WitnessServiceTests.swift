import Checkpoints
import Digests
import Foundation
import Merkle
import TestKit
import Testing
import Witnessing

/// `hanqing witness serve` as a process, asked over a socket.
@Suite struct WitnessServiceTests {
    private let home: ScratchFolder
    private let logs: [SignerKey]

    init() throws {
        home = try ScratchFolder()
        logs = try (0..<24).map {
            SignerKey.generate(name: try #require(KeyName("log-\($0).example")))
        }
        let made = try Program().run(
            ["witness", "key", home.path + "/witness.key", "--name", "witness.example/w"],
            home: home.url)
        #expect(made.exitCode == 0, "\(made.errors)")
        #expect(try VerifierKey(made.output.trimmingCharacters(in: .newlines)).type == .cosignature)
    }

    private func serve(_ name: String = "witness.conf") async throws -> ServingProgram {
        let settings =
            "# fictitious logs\nlisten 127.0.0.1:0\nkey witness.key\nstate state\n"
            + logs.map { "log \($0.verifierKey)\n" }.joined()
        let file = home.path + "/" + name
        try Data(settings.utf8).write(to: URL(filePath: file))
        return try await ServingProgram(
            running: ["witness", "serve", "--config", file, "--json"], home: home.url)
    }

    /// A checkpoint over one record, whose leaf hash is all `root`.
    private func body(
        _ log: SignerKey, old: UInt64 = 0, size: UInt64 = 1, root: UInt8
    ) throws -> [UInt8] {
        let origin = try #require(Origin(log.name.text))
        let digest = try #require(Digest([UInt8](repeating: root, count: 32)))
        let note = Checkpoint(origin: origin, size: TreeSize(size), root: Root(digest))
            .sign(with: log)
        return WitnessRequest(old: TreeSize(old), proof: [], note: try SignedNote(note)).bytes
    }

    private func path(_ log: SignerKey) -> String {
        "/" + SHA256.digest(of: Array(log.name.text.utf8)).hex + "/checkpoint"
    }

    @Test func `every status of the protocol is given`() async throws {
        let service = try await serve()
        func post(_ body: [UInt8]) async throws -> HTTPAnswer {
            try await service.ask("POST", "/add-checkpoint", body: body)
        }
        #expect(try await service.ask("GET", "/healthz").status == 200)
        #expect(try await service.ask("GET", path(logs[0])).status == 404)
        #expect(try await post(Array("old 0\n\n".utf8)).status == 400)
        let stranger = SignerKey.generate(name: try #require(KeyName("stranger.example")))
        #expect(try await post(body(stranger, root: 1)).status == 404)
        let thief = SignerKey.generate(name: logs[0].name)
        #expect(try await post(body(thief, root: 1)).status == 403)
        let good = try await post(body(logs[0], root: 1))
        #expect(good.status == 200)
        #expect(try NoteSignature.parse(lines: good.body).count == 1)
        let kept = try await service.ask("GET", path(logs[0]))
        #expect(kept.body.suffix(good.body.count).elementsEqual(good.body))
        let conflict = try await post(body(logs[0], root: 2))
        #expect(conflict.status == 409)
        #expect(conflict.headers["content-type"] == "text/x.tlog.size")
        #expect(conflict.text == "1\n")
        #expect(try await post(body(logs[0], old: 1, root: 2)).status == 422)
        #expect(try await post(body(logs[0], old: 1, root: 1)).status == 200)
        let large = [UInt8](repeating: 0x61, count: WitnessRequest.byteCountMax + 1)
        #expect(try await post(large).status == 413)
        #expect(try await service.ask("GET", "/add-checkpoint").status == 405)
        #expect(try await service.end(SIGTERM) == 0)
        // What it cosigned it knows again.
        let again = try await serve()
        let answer = try await again.ask(
            "POST", "/add-checkpoint", body: try body(logs[0], root: 2))
        #expect(answer.text == "1\n")
        #expect(try await again.end(SIGTERM) == 0)
    }

    @Test func `of two processes that are sent forks of one size one cosigns, always`()
        async throws
    {
        let (left, right) = (try await serve("left.conf"), try await serve("right.conf"))
        for log in logs {
            let forks = [try body(log, root: 1), try body(log, root: 2)]
            async let first = left.ask("POST", "/add-checkpoint", body: forks[0])
            async let second = right.ask("POST", "/add-checkpoint", body: forks[1])
            let answers = [try await first, try await second]
            #expect(answers.map(\.status).sorted() == [200, 409])
            let winner: UInt8 = answers[0].status == 200 ? 1 : 2
            #expect(answers[winner == 1 ? 1 : 0].text == "1\n")
            // Nor does either ever again.
            for service in [left, right] {
                let late = try await service.ask(
                    "POST", "/add-checkpoint", body: try body(log, old: 1, root: 3 - winner))
                #expect(late.status == 422)
                let kept = try await service.ask("GET", path(log))
                let note = try SignedNote(kept.body)
                let digest = try Checkpoint(text: note.text).root.digest
                #expect(digest == Digest([UInt8](repeating: winner, count: 32)))
            }
        }
        #expect(try await left.end(SIGTERM) == 0)
        #expect(try await right.end(SIGTERM) == 0)
    }

    @Test func `settings and keys that cannot be used are told`() throws {
        func run(_ settings: String) throws -> String {
            let file = home.path + "/bad.conf"
            try Data(settings.utf8).write(to: URL(filePath: file))
            let result = try Program().run(["witness", "serve", "--config", file], home: home.url)
            #expect(result.exitCode == 2, "\(settings)")
            return result.errors
        }
        let log = "log \(logs[0].verifierKey)\n"
        #expect(try run("key k\nstate s\n").contains("key, state and at least one log"))
        #expect(try run("key none\nstate s\n" + log).contains("there is no key"))
        #expect(try run("key k\nkey k\nstate s\n" + log).contains("line 2"))
        #expect(try run("key k\nstate s\nlog \(logs[0].cosignerKey)\n").contains("line 3"))
        #expect(try run("key k\nstate s\nlisten 8620\n" + log).contains("host:port"))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: home.path + "/witness.key")
        #expect(try run("key witness.key\nstate s\n" + log).contains("chmod 600"))
        let second = try Program().run(
            ["witness", "key", home.path + "/witness.key", "--name", "w"], home: home.url)
        #expect(second.exitCode == 2)
    }
}
