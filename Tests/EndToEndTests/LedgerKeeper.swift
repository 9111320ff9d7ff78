import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A small ledger in a user's home, and the two persons who change its keys.
struct LedgerKeeper {
    let home: UserHome

    init(_ home: UserHome, events: Int = 20) throws {
        self.home = home
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "drill.example"])
        try append(events)
    }

    static func event(_ id: String) -> String {
        let event = EventMaker.json(
            id: id, stream: "report/RP-2025-1", type: "report.accepted", source: "urn:drill",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
        return String(decoding: event.canonicalBytes, as: UTF8.self) + "\n"
    }

    func event(_ id: String) -> String { LedgerKeeper.event(id) }

    static func append(
        _ home: UserHome, _ ledger: String, _ name: String, _ count: Int
    ) throws {
        let events = (0..<count).map { event("\(name)-\($0)") }.joined()
        _ = try home.expectSuccess(["append", "-", "--ledger", ledger], input: events)
    }

    func append(_ count: Int) throws {
        try LedgerKeeper.append(home, home.ledger, UUID().uuidString, count)
    }

    func vkey() throws -> String {
        try home.expectSuccess(["checkpoint", "--vkey", "--ledger", home.ledger])
            .trimmingCharacters(in: .newlines)
    }

    func keepCheckpoint(of ledger: String, as file: String) throws {
        let note = try home.expectSuccess(["checkpoint", "--ledger", ledger])
        try Data(note.utf8).write(to: URL(filePath: file))
    }

    /// `hanqing key …` by two persons.
    func changing(_ arguments: [String]) throws -> Program.Result {
        try home.run(
            ["key"] + arguments + [
                "--ledger", home.ledger, "--person", "P-1", "--approver", "P-2", "--reason",
                "演练", "--json",
            ])
    }

    func change(_ arguments: [String]) throws -> JSONValue {
        let result = try changing(arguments)
        #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
        return try result.json
    }

    struct Verdict {
        let code: Int32
        let json: JSONValue
        var findings: [String] { LedgerKeeper.codes(json["findings"]) }
        var notes: [String] { LedgerKeeper.codes(json["notes"]) }
    }

    func verify(_ place: String, _ arguments: [String] = []) throws -> Verdict {
        let result = try home.run(["verify", place, "--json"] + arguments)
        return Verdict(code: result.exitCode, json: try result.json)
    }

    private static func codes(_ list: JSONValue?) -> [String] {
        (list?.array ?? []).compactMap { $0["code"]?.string }
    }
}

/// One witness, a policy that demands it, and a folder that is published under it.
final class WitnessedPolicy {
    private let home: UserHome
    private let vkey: String
    private var witness: ServingProgram
    private var log: String
    var file: String { home.path + "/policy" }
    var tiles: String { home.path + "/tiles" }

    init(_ home: UserHome, log: String) async throws {
        self.home = home
        self.log = log
        vkey = try home.expectSuccess(
            ["witness", "key", home.path + "/w.key", "--name", "w.example"]
        ).trimmingCharacters(in: .newlines)
        witness = try await WitnessedPolicy.start(home, [log])
        try write([log])
    }

    private static func start(
        _ home: UserHome, _ keys: [String]
    ) async throws -> ServingProgram {
        let settings =
            "listen 127.0.0.1:0\nkey w.key\nstate w\n" + keys.map { "log \($0)\n" }.joined()
        let file = home.path + "/w.conf"
        try Data(settings.utf8).write(to: URL(filePath: file))
        return try await ServingProgram(
            running: ["witness", "serve", "--config", file, "--json"], home: home.folder.url)
    }

    private func write(_ keys: [String]) throws {
        let text =
            keys.map { "log \($0)\n" }.joined()
            + "witness w \(vkey) \(witness.url)\nquorum w\n"
        try Data(text.utf8).write(to: URL(filePath: file))
    }

    /// The administrator has put other keys of the log into the settings.
    func restart(knowing keys: [String]) async throws {
        try await end()
        witness = try await WitnessedPolicy.start(home, keys)
        try write(keys)
    }

    func publish(_ arguments: [String] = []) throws -> Program.Result {
        try publish(from: home.ledger, into: tiles, arguments)
    }

    func publish(
        from ledger: String, into folder: String, _ arguments: [String] = []
    ) throws -> Program.Result {
        try home.run(
            ["publish", folder, "--ledger", ledger, "--policy", file, "--json"] + arguments)
    }

    func end() async throws {
        #expect(try await witness.end(SIGTERM) == 0)
    }
}
