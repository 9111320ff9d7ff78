import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing publish` and `verify` of what it made, as a keeper and an auditor run them.
@Suite struct PublishTests {
    private let home: UserHome
    private var tiles: String { home.path + "/tiles" }

    init() throws {
        home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        try append(600, from: 0)
    }

    private func append(_ count: Int, from first: Int) throws {
        let events = try home.expectSuccess(
            ["sample", "--events", "\(first + count)", "--seed", "7"])
        let new = events.split(separator: "\n").dropFirst(first).joined(separator: "\n")
        _ = try home.expectSuccess(
            ["append", "-", "--ledger", home.ledger, "--receipts", "brief"], input: new + "\n")
    }

    private func publish(_ arguments: [String] = []) throws -> Program.Result {
        try home.run(["publish", tiles, "--ledger", home.ledger, "--json"] + arguments)
    }

    private func verify(
        _ place: String, _ arguments: [String] = []
    ) throws -> (code: Int32, json: JSONValue) {
        let result = try home.run(["verify", place, "--json"] + arguments)
        return (result.exitCode, try result.json)
    }

    private func codes(_ json: JSONValue) -> Set<String> {
        Set((json["findings"]?.array ?? []).compactMap { $0["code"]?.string })
    }

    private func notes(_ json: JSONValue) -> [String] {
        (json["notes"]?.array ?? []).compactMap { $0["code"]?.string }
    }

    private var key: String {
        get throws {
            try home.expectSuccess(["checkpoint", "--vkey", "--ledger", home.ledger])
                .trimmingCharacters(in: .newlines)
        }
    }

    @Test func `hashes are published, audited, and published further`() throws {
        let first = try publish()
        #expect(first.exitCode == 0, "\(first.errors)")
        #expect(try first.json["size"]?.integer == 602)
        #expect(try home.run(["verify", tiles, "--json"]).exitCode == 2, "no key is known")
        let audited = try verify(tiles, ["--vkey", key])
        #expect(audited.code == 0)
        #expect(audited.json["mode"]?.string == "hashes")
        #expect(notes(audited.json).contains("hashes-only"))
        try append(300, from: 600)
        #expect(try publish().json["from"]?.integer == 602)
        let further = try verify("file://" + tiles, ["--since-last"])
        #expect(further.code == 0)
        #expect(further.json["tiles"]?["since"]?.integer == 602)
        #expect(further.json["records"]?.integer == 902)
        #expect(try publish().json["files"]?.integer == 0)
    }

    @Test func `with records, all that a folder's records must be is judged`() throws {
        #expect(try publish(["--with-entries"]).exitCode == 0)
        let audited = try verify(tiles)
        #expect(audited.code == 0, "\(audited.json["findings"] ?? .null)")
        #expect(audited.json["mode"]?.string == "full")
        #expect(audited.json["tiles"]?["records"]?.bool == true)
        #expect(audited.json["ledgerRecords"]?.integer == 2)
        #expect(try publish().exitCode == 2, "records and hashes are not mixed up")
        // A record that was edited, with its hashes as they were.
        let file = URL(filePath: tiles + "/tile/entries/001")
        var bytes = try Data(contentsOf: file)
        let place = try #require(bytes.firstRange(of: Data(#""unit""#.utf8)))
        bytes[place.lowerBound + 1] = UInt8(ascii: "U")
        try bytes.write(to: file)
        let edited = try verify(tiles, ["--no-memory"])
        #expect(edited.code == 1)
        #expect(codes(edited.json).contains("bundle-differs"))
        #expect(codes(edited.json).contains("root-differs"))
    }

    @Test func `a running server is audited like a folder`() async throws {
        let key = try key
        let server = try await ServingProgram(home.ledger, home: home.folder.url)
        let audited = try verify(server.url, ["--vkey", key])
        #expect(audited.code == 0)
        #expect(audited.json["records"]?.integer == 602)
        #expect(audited.json["tiles"]?["records"]?.bool == false)
        #expect(
            try verify(server.url + "/", ["--since-last"]).json["tiles"]?["since"]?.integer == 602)
        // It may be published while it is served.
        #expect(try publish().exitCode == 0)
        #expect(try await server.end(SIGTERM) == 0)
        #expect(try home.run(["verify", server.url]).exitCode == 2, "nobody is there")
    }

    @Test func `a ledger put back from last week is not published over`() throws {
        let copy = home.path + "/copy"
        try FileManager.default.copyItem(atPath: home.ledger, toPath: copy)
        try append(100, from: 600)
        #expect(try publish().exitCode == 0)
        try FileManager.default.removeItem(atPath: home.ledger)
        try FileManager.default.moveItem(atPath: copy, toPath: home.ledger)
        let refused = try publish()
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("rolled back"))
        // Nor if it went on from there: now two histories are signed.
        try append(400, from: 600)
        #expect(try publish().exitCode == 1)
        #expect(try verify(tiles, ["--vkey", key]).code == 0, "what was published stands")
        #expect(
            codes(
                try verify(
                    home.ledger,
                    [
                        "--checkpoint", tiles + "/checkpoint", "--no-memory",
                    ]
                ).json) == ["forked"])
    }

    @Test func `a quorum of witnesses is waited for, demanded, and kept`() async throws {
        var policy = "log \(try key)\n"
        var witnesses: [ServingProgram] = []
        for name in ["a", "b"] {
            let vkey = try home.expectSuccess(
                ["witness", "key", "\(home.path)/\(name).key", "--name", "\(name).example"]
            ).trimmingCharacters(in: .newlines)
            let settings = "listen 127.0.0.1:0\nkey \(name).key\nstate \(name)\nlog \(try key)\n"
            let file = "\(home.path)/\(name).conf"
            try Data(settings.utf8).write(to: URL(filePath: file))
            witnesses.append(
                try await ServingProgram(
                    running: ["witness", "serve", "--config", file, "--json"],
                    home: home.folder.url))
            policy += "witness \(name) \(vkey) \(witnesses.last?.url ?? "")\n"
        }
        let file = home.path + "/policy"
        try Data((policy + "group both all a b\nquorum both\n").utf8)
            .write(to: URL(filePath: file))
        let done = try publish(["--policy", file])
        #expect(done.exitCode == 0, "\(done.errors)")
        #expect(try done.json["cosigned"]?.array == ["a", "b"])
        #expect(try verify(tiles, ["--policy", file, "--vkey", key]).code == 0)
        let ledger = try verify(home.ledger, ["--policy", file])
        #expect(ledger.code == 0)
        #expect(notes(ledger.json).contains("cosigned"))
        // A record's proof carries the cosignatures to whoever is offline.
        let files = (home.path + "/5.tlog-proof", home.path + "/5.json")
        let proof = try home.expectSuccess(["prove", "5", "--cosigned", "--ledger", home.ledger])
        try Data(proof.utf8).write(to: URL(filePath: files.0))
        let record = try home.expectSuccess(["show", "5", "--ledger", home.ledger])
        try Data(record.utf8).write(to: URL(filePath: files.1))
        let proved = try home.run(
            ["receipt", "verify", files.0, "--record", files.1, "--policy", file, "--json"])
        #expect(proved.exitCode == 0, "\(proved.errors)")
        #expect(try proved.json["cosigned"]?.array?.map { $0["witness"]?.string } == ["a", "b"])
        // Without one of them the new checkpoint waits; the old one stands, and appending goes on.
        #expect(try await witnesses[1].end(SIGTERM) == 0)
        try append(100, from: 600)
        let unmet = try publish(["--policy", file, "--wait", "0"])
        #expect(unmet.exitCode == 3)
        #expect(unmet.errors.contains("cosigned by: a"))
        #expect(try verify(tiles, ["--policy", file]).json["records"]?.integer == 602)
        #expect(
            notes(try verify(home.ledger, ["--policy", file]).json).contains("beyond-cosigned"))
        // Published without a policy, it does not meet it.
        #expect(try publish().exitCode == 0)
        #expect(codes(try verify(tiles, ["--policy", file]).json) == ["quorum-unmet"])
        #expect(try await witnesses[0].end(SIGTERM) == 0)
    }
}
