import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing timestamp` with an authority that is `openssl ts`, and what `verify` makes of it.
@Suite struct TimestampTests {
    private let home: UserHome
    private let authority: TestAuthority
    private var shelf: String { home.ledger + "/checkpoints/timestamped" }

    init() async throws {
        (home, authority) = (try UserHome(), try await TestAuthority())
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        try append(20, from: 0)
    }

    private func append(_ count: Int, from first: Int, seed: Int = 7) throws {
        let events = try home.expectSuccess(
            ["sample", "--events", "\(first + count)", "--seed", "\(seed)"])
        let new = events.split(separator: "\n").dropFirst(first).joined(separator: "\n")
        _ = try home.expectSuccess(
            ["append", "-", "--ledger", home.ledger, "--receipts", "brief"], input: new + "\n")
    }

    private func ask(
        _ path: String = "tsa", ca: String? = nil, by other: TestAuthority? = nil
    ) throws -> Program.Result {
        let asked = other ?? authority
        return try home.run([
            "timestamp", "ask", "--tsa", asked.url(path), "--ca", ca ?? asked.ca, "--ledger",
            home.ledger, "--json",
        ])
    }

    private func check(_ arguments: [String] = []) throws -> (code: Int32, json: JSONValue) {
        let result = try home.run(
            ["timestamp", "check", "--ledger", home.ledger, "--json"] + arguments)
        return (result.exitCode, try result.json)
    }

    private func verify(_ arguments: [String] = []) throws -> (code: Int32, json: JSONValue) {
        let result = try home.run(["verify", home.ledger, "--json", "--no-memory"] + arguments)
        return (result.exitCode, try result.json)
    }

    private func codes(_ json: JSONValue, _ member: String = "findings") -> Set<String> {
        Set((json[member]?.array ?? []).compactMap { $0["code"]?.string })
    }

    private var kept: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: shelf)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    @Test func `a checkpoint is stamped, kept, renewed, and accepted by openssl`() throws {
        let first = try ask()
        #expect(first.exitCode == 0, "\(first.errors)")
        let answer = try first.json
        #expect(answer["number"]?.integer == 1)
        #expect(answer["size"]?.integer == 22)
        #expect(answer["tsa"]?.string == "CN=tsa,O=Fictitious")
        #expect(answer["accuracySeconds"] == .number(1.5))
        #expect(answer["inForce"]?.bool == true)
        try append(10, from: 20)
        #expect(try ask().json["number"]?.integer == 2)
        #expect(kept == ["000001", "000002"])
        for number in kept {
            let place = "\(shelf)/\(number)"
            for question in [["-queryfile", "\(place)/query.tsq"], ["-data", "\(place)/message"]] {
                let said = try TestAuthority.openssl(
                    ["ts", "-verify", "-in", "\(place)/reply.tsr", "-CAfile", authority.ca]
                        + question, authority.folder)
                #expect(said.contains("Verification: OK"))
            }
        }
        let message = try String(contentsOfFile: shelf + "/000002/message", encoding: .utf8)
        #expect(message.hasPrefix("demo.example\n32\n"))
        let digest = try Program(tool: "sha256sum").run(
            [shelf + "/000001/reply.tsr"], home: home.folder.url
        ).output.prefix(64)
        #expect(message.hasSuffix("\nrenews sha256:\(digest)\n"))
        for arguments in [[], ["--ca", authority.ca]] {
            let checked = try check(arguments)
            #expect(checked.code == 0, "\(checked.json)")
            #expect(checked.json["timestamps"]?.array?.count == 2)
            #expect(codes(checked.json, "notes") == ["timestamped"])
        }
        let verified = try verify(["--tsa-ca", authority.ca])
        #expect(verified.code == 0)
        #expect(codes(verified.json, "notes").contains("timestamped"))
        let page = try home.expectSuccess(["timestamp", "check", "--ledger", home.ledger])
        #expect(page.contains("000002  32"))
    }

    @Test func `what does not answer is not kept`() throws {
        #expect(try ask().exitCode == 0)
        // In this order: the old reply is the one that was granted before.
        let wrong = [
            ("old", "mismatch"), ("broken", "status 503"), ("page", "text/html"),
            ("strict", "not supported"), ("web", "purpose"), ("noise", "signature"),
            ("longer", "no RFC 3161 answer"),
        ]
        for (path, reason) in wrong {
            let refused = try ask(path)
            #expect(refused.exitCode == 2, "\(path)")
            #expect(refused.errors.contains(reason), "\(path): \(refused.errors)")
        }
        #expect(try ask(ca: authority.otherCA).exitCode == 2)
        #expect(try ask(ca: authority.folder.path + "/tsa.key").exitCode == 2)
        let nobody = try home.run([
            "timestamp", "ask", "--tsa", "http://127.0.0.1:1/", "--ledger", home.ledger,
        ])
        #expect(nobody.exitCode == 2)
        #expect(kept == ["000001"])
        #expect(try check().code == 0)
    }

    /// The ledger as it is now, in another place, to be put back later.
    private func copyLedger() throws -> String {
        let copy = home.path + "/copy"
        try FileManager.default.copyItem(atPath: home.ledger, toPath: copy)
        return copy
    }

    private func putBack(_ copy: String) throws {
        let stamps = home.path + "/stamps"
        try FileManager.default.moveItem(atPath: shelf, toPath: stamps)
        try FileManager.default.removeItem(atPath: home.ledger)
        try FileManager.default.moveItem(atPath: copy, toPath: home.ledger)
        try FileManager.default.moveItem(atPath: stamps, toPath: shelf)
    }

    @Test func `a ledger that was rolled back or rewritten after a stamp is found`() throws {
        let copy = try copyLedger()
        try append(10, from: 20)
        #expect(try ask().exitCode == 0)
        try putBack(copy)
        #expect(codes(try verify().json) == ["rolled-back"])
        #expect(try check().code == 1)
        #expect(try ask().exitCode == 1)
        // It went on from there, and nobody's memory but the stamp knows of another history.
        try append(40, from: 20, seed: 8)
        let forked = try verify()
        #expect(forked.code == 1)
        #expect(codes(forked.json) == ["forked"])
        #expect(codes(try check().json) == ["forked"])
        #expect(try ask().exitCode == 2, "no proof leads from what was stamped")
    }

    @Test func `timestamps kept elsewhere need the key, and must be there`() throws {
        let made = try home.expectSuccess(["checkpoint", "--vkey", "--ledger", home.ledger])
        let key = made.trimmingCharacters(in: .newlines)
        #expect(try ask().exitCode == 0)
        let sound = try verify(["--timestamps", shelf, "--vkey", key, "--tsa-ca", authority.ca])
        #expect(sound.code == 0, "\(sound.json)")
        for (arguments, words) in [
            (["--timestamps", shelf], "--vkey"),
            (["--timestamps", home.path + "/none", "--vkey", key], "holds no timestamps"),
        ] {
            let refused = try home.run(["verify", home.ledger, "--no-memory"] + arguments)
            #expect(refused.exitCode == 2)
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
    }

    @Test func `a timestamp that is damaged, taken away or by somebody else is found`() throws {
        for first in [20, 30, 40] {
            #expect(try ask().exitCode == 0)
            try append(10, from: first)
        }
        #expect(codes(try check(["--ca", authority.otherCA]).json) == ["timestamp-refused"])
        for name in ["message", "note", "query.tsq", "reply.tsr"] {
            let file = URL(filePath: "\(shelf)/000002/\(name)")
            let sound = try Data(contentsOf: file)
            for place in stride(from: 1, to: sound.count, by: 97) {
                var bytes = sound
                bytes[place] ^= 0x20
                try bytes.write(to: file)
                let found = codes(try check().json)
                // Few bytes of a reply say nothing: the text of its status.
                #expect(found == ["timestamp-refused"] || name == "reply.tsr", "\(name) \(place)")
                if name == "reply.tsr" { #expect(found.contains("timestamp-refused")) }
            }
            try sound.write(to: file)
        }
        #expect(try check().code == 0)
        try FileManager.default.removeItem(atPath: shelf + "/000002")
        #expect(codes(try verify().json) == ["timestamp-missing"])
    }

    @Test func `renewal is asked for in time, and renews what came before`() async throws {
        let short = try await TestAuthority(days: 30)
        #expect(try ask(by: short).exitCode == 0)
        let due = try check()
        #expect(due.code == 0)
        #expect(codes(due.json, "notes") == ["timestamped", "timestamp-renewal"])
        #expect(try ask().exitCode == 0)
        let renewed = try check()
        #expect(codes(renewed.json, "notes") == ["timestamped"])
        #expect(renewed.json["timestamps"]?.array?.count == 2)
    }

    @Test func `a backup has the timestamps that it covers`() throws {
        #expect(try ask().exitCode == 0)
        let copy = home.path + "/backup"
        _ = try home.expectSuccess(["backup", copy, "--ledger", home.ledger])
        let report = try home.run(["verify", copy, "--json", "--no-memory"])
        #expect(report.exitCode == 0)
        #expect(try report.json["timestamps"]?.array?.count == 1)
    }
}
