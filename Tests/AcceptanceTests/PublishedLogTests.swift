import CanonicalJSON
import Foundation
import Glibc
import TestKit
import Testing

/// Tiles, proofs, cosignatures and timestamps, judged by the programs of others:
/// `./dev accept --shared DIR`.
@Suite(.serialized) struct PublishedLogAcceptanceTests {
    private let program = Program()
    private let home: ScratchFolder
    private let ledger: String
    private let vkey: String
    private let scripts = Outside.tests.appending(path: "Acceptance")

    init() throws {
        home = try ScratchFolder()
        ledger = home.path + "/ledger"
        let made = try program.run(
            ["init", ledger, "--origin", "published.example", "--json"], home: home.url)
        vkey = try #require(try made.json["vkey"]?.string)
    }

    /// A ledger begins with two records of its own.
    private static let (before, all) = (40_000, 70_000)

    @Test func `others read 70,000 published records, and cosign them`() async throws {
        let events = try run(["sample", "--events", "\(Self.all - 2)", "--seed", "7"])
            .output.split(separator: "\n")
        try append(events.prefix(Self.before - 2), to: ledger)
        let witness = try await otherWitness()
        let policy = try policy(witness)
        let tiles = home.path + "/tiles"
        _ = try publish(ledger, tiles, policy)
        let copies = (ledger: home.path + "/copy", checkpoint: home.path + "/older")
        try FileManager.default.copyItem(atPath: ledger, toPath: copies.ledger)
        try FileManager.default.copyItem(
            atPath: tiles + "/checkpoint", toPath: copies.checkpoint)
        try append(events.dropFirst(Self.before - 2), to: ledger)
        let published = try publish(ledger, tiles, policy)
        #expect(published["size"]?.integer == Int64(Self.all))
        #expect(published["cosigned"]?.array == ["other"])
        #expect(try run(["verify", tiles, "--policy", policy]).exitCode == 0)

        let counts = try Outside.python(
            "read_tiles.py",
            [
                tiles, vkey, try witnessKey(), copies.checkpoint, try proofs(), "11",
            ], interpreter: "HANQING_LOGS")
        print("others' verdict: \(counts.canonicalText)")
        let expected: [(name: String, count: Int64)] = [
            ("size", 70_000), ("tiles", 277), ("bundles", 274), ("inclusions", 1000),
            ("consistencies", 100), ("proofs", 30), ("damaged", 724), ("accepted", 0),
        ]
        for (name, count) in expected {
            #expect(counts[name]?.integer == count, "\(name)")
        }

        // What was put back from before, and went on otherwise, is cosigned by nobody any more.
        try append(events.suffix(20_000), to: copies.ledger)
        let forked = try program.run(
            [
                "publish", home.path + "/forked", "--ledger", copies.ledger, "--policy", policy,
                "--with-entries", "--json",
            ], home: home.url)
        #expect(forked.exitCode == 1, "\(forked.output)\(forked.errors)")
        #expect(try await witness.end(SIGTERM) == 0)
    }

    @Test func `others accept our timestamps`() async throws {
        let authority = try await TestAuthority()
        let shelf = ledger + "/checkpoints/timestamped"
        let events = try run(["sample", "--events", "30", "--seed", "7"])
            .output.split(separator: "\n")
        for round in 0..<3 {
            try append(events[(round * 10)..<(round * 10 + 10)], to: ledger)
            _ = try run([
                "timestamp", "ask", "--tsa", authority.url(), "--ca", authority.ca, "--ledger",
                ledger,
            ])
        }
        let counts = try Outside.python(
            "read_timestamps.py", [shelf, authority.ca, authority.otherCA],
            interpreter: "HANQING_LOGS")
        #expect(counts == ["timestamps": 3, "damaged": 12, "accepted": 0])
        for number in 1...3 {
            let kept = shelf + "/00000\(number)"
            let ways = [["-queryfile", kept + "/query.tsq"], ["-data", kept + "/message"]]
            for way in ways {
                #expect(try openssl(kept, way, authority.ca) == 0, "\(kept) \(way)")
                #expect(try openssl(kept, way, authority.otherCA) != 0, "\(kept) \(way)")
            }
            #expect(try openssl(kept, ["-data", kept + "/note"], authority.ca) != 0, "\(kept)")
        }
    }

    private func openssl(_ kept: String, _ way: [String], _ ca: String) throws -> Int32 {
        try Program(tool: "openssl").run(
            ["ts", "-verify", "-in", kept + "/reply.tsr", "-CAfile", ca] + way, home: home.url
        ).exitCode
    }

    private func otherWitness() async throws -> ServingProgram {
        try await ServingProgram(
            running: [
                scripts.appending(path: "serve_witness.py").path, home.path + "/witness", vkey,
            ],
            home: home.url, program: Program(at: try Outside.setting("HANQING_LOGS")))
    }

    private func witnessKey() throws -> String {
        try String(contentsOfFile: home.path + "/witness/vkey", encoding: .utf8)
    }

    private func policy(_ witness: ServingProgram) throws -> String {
        let file = home.path + "/policy"
        let lines = """
            log \(vkey)
            witness other \(try witnessKey()) \(witness.url)
            quorum other

            """
        try Data(lines.utf8).write(to: URL(filePath: file))
        return file
    }

    private func publish(
        _ ledger: String, _ tiles: String, _ policy: String
    ) throws -> JSONValue {
        try run([
            "publish", tiles, "--ledger", ledger, "--policy", policy, "--with-entries", "--json",
        ]).json
    }

    /// Proofs of 20 records and of growth since 10 sizes, one a line.
    private func proofs() throws -> String {
        var lines = ""
        for place in 0..<20 {
            lines +=
                try run([
                    "prove", "\(place * place * 193)", "--ledger", ledger, "--json",
                ]).json.canonicalText + "\n"
        }
        for size in 1...10 {
            lines +=
                try run([
                    "prove", "--from", "\(size * size * 691)", "--ledger", ledger, "--json",
                ]).json.canonicalText + "\n"
        }
        let file = home.path + "/proofs.ndjson"
        try Data(lines.utf8).write(to: URL(filePath: file))
        return file
    }

    private func append(_ events: ArraySlice<Substring>, to ledger: String) throws {
        let appended = try program.run(
            ["append", "-", "--ledger", ledger, "--receipts", "brief"], home: home.url,
            input: Array((events.joined(separator: "\n") + "\n").utf8))
        #expect(appended.exitCode == 0, "\(appended.errors)")
    }

    private func run(_ arguments: [String]) throws -> Program.Result {
        let result = try program.run(arguments, home: home.url)
        #expect(result.exitCode == 0, "\(arguments): \(result.output)\(result.errors)")
        return result
    }
}
