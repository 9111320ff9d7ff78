import ArgumentParser
import CanonicalJSON
import Foundation
import Glibc
import HanqingClient
import Synchronization
import TestKit

/// Holders change their keys while many append and read: nothing fails, and nothing is lost.
struct RotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Holders change their keys while a service seals. 服务运行中更换保管人密钥。",
        discussion: """
            A round is a change of key: the new one joins, the old one retires, and what was sealed
            to it goes over; 64 clients append and 16 read meanwhile. Specs/campaigns.md, "Seals".
            """)

    @Option(help: "Clients that append.")
    var lanes = 64

    @Option(help: "Clients that read.")
    var readers = 16

    @Option(help: "Cases that are opened at the end, by chance.")
    var opened = 200

    @OptionGroup var options: CampaignOptions

    func run() async throws {
        let rounds = options.rounds ?? 10
        let tally = Tally("rotate", options, total: rounds)
        let place = URL(filePath: options.folder).appending(path: "rotate-\(getpid())")
        let ledger = try await ServedLedger(home: place)
        let trial = try await RotationTrial(ledger, Seeded(seed: options.seed))
        do {
            try await trial.run(rounds, lanes, readers, tally)
            try await trial.check(opened, tally)
        } catch {
            tally.fail("\(error)")
        }
        if !options.keep || tally.failures.isEmpty {
            try FileManager.default.removeItem(at: place)
        }
        try tally.end()
    }
}

/// One ledger with a vault, its clients, and the keys of its one holder.
private final class RotationTrial: Sendable {
    private let ledger: ServedLedger
    private let work: Mutex<Work>

    private struct Work {
        var random: Seeded
        /// By stream whose name was sealed.
        var names: [String: String] = [:]
        var readCount = 0
        var isOver = false
        /// Holders' keys: files and ids, the newest last.
        var keys: [(file: String, id: String)] = []
    }

    private static let order = [
        "--person", "P-1", "--approver", "P-2", "--reason", "演练（虚构）",
    ]

    init(_ ledger: ServedLedger, _ random: Seeded) async throws {
        self.ledger = ledger
        work = Mutex(Work(random: random))
        let passphrase = ledger.home.appending(path: "passphrase")
        try Data("口令\n".utf8).write(to: passphrase)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase.path)
        _ = try await demand(["vault", "init"] + ofLedger)
        try await join()
    }

    private var ofLedger: [String] { ["--ledger", ledger.folder] }
    private var withPassphrase: [String] {
        ["--passphrase-file", ledger.home.appending(path: "passphrase").path]
    }

    private func demand(_ arguments: [String]) async throws -> Program.Result {
        let result = try await ledger.run(arguments)
        guard result.exitCode == 0 else {
            throw CampaignError("hanqing \(arguments): \(result.exitCode): \(result.errors)")
        }
        return result
    }

    /// A new key becomes a holder.
    private func join() async throws {
        let number = work.withLock { $0.keys.count }
        let file = ledger.home.appending(path: "holder-\(number)").path
        let made = try await demand(["vault", "key", file, "--json"] + withPassphrase)
        guard let id = try made.json["id"]?.string else { throw CampaignError("no id of a key") }
        _ = try await demand(
            [
                "vault", "holder", "add", "--name", "纪检 \(number)", "--public-key", file + ".pub",
                "--group", "sensitive",
            ] + ofLedger + RotationTrial.order)
        work.withLock { $0.keys.append((file, id)) }
    }

    func run(_ rounds: Int, _ lanes: Int, _ readers: Int, _ tally: Tally) async throws {
        let service = try await ledger.serve()
        var options = try ledger.clientOptions()
        options.patience = .seconds(120)
        let client = try LedgerClient(service.url, options: options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<lanes { group.addTask { try await self.append(lane, client) } }
            for reader in 0..<readers { group.addTask { try await self.read(reader, client) } }
            for _ in 0..<rounds {
                let before = work.withLock { $0.names.count }
                try await rotate(tally)
                tally.count("appended meanwhile", work.withLock { $0.names.count } - before)
                tally.round()
            }
            work.withLock { $0.isOver = true }
            try await group.waitForAll()
        }
        await client.shutdown()
        let code = try await service.end(SIGTERM)
        if code != 0 { tally.fail("told to stop, the service ended with \(code)") }
        tally.count("read", work.withLock { $0.readCount })
    }

    private func rotate(_ tally: Tally) async throws {
        let old = try newest()
        try await join()
        _ = try await demand(
            ["vault", "holder", "retire", old.id] + ofLedger + RotationTrial.order)
        let new = try newest()
        let arguments =
            ["vault", "rewrap", "--key", old.file, "--to", new.id, "--json"] + withPassphrase
            + ofLedger + RotationTrial.order
        let done = try await demand(arguments)
        tally.count("keys that went over", Int(try done.json["keys"]?.integer ?? 0))
        // Nothing is wrapped to who is retired: none is left, and none came since.
        let again = try await demand(arguments)
        if try again.json["keys"]?.integer != 0 { tally.fail("keys are left: \(again.output)") }
        let status = try await ledger.run(["vault", "status", "--json"] + ofLedger)
        if status.exitCode != 0 { tally.fail("vault status: \(status.output)\(status.errors)") }
    }

    private func newest() throws -> (file: String, id: String) {
        guard let key = work.withLock({ $0.keys.last }) else { throw CampaignError("no holder") }
        return key
    }

    // MARK: - Clients

    private func append(_ lane: Int, _ client: LedgerClient) async throws {
        var number = 0
        while !work.withLock({ $0.isOver }) {
            let stream = "foi/FOI-2025-\(lane)-\(number)"
            let name = "虚构申请人 \(lane) 之 \(number)"
            let event = EventMaker.json(
                id: "\(lane)-\(number)", stream: stream, type: "foi.received", source: "urn:rotate",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"], "channel": "网上",
                    "receivedOn": "2025-03-04", "applicantKind": "公民", "content": "虚构",
                    "applicantName": .string(name),
                ])
            _ = try await client.append(try Event(json: event.canonicalBytes), receipt: .brief)
            work.withLock { $0.names[stream] = name }
            number += 1
        }
    }

    private func read(_ reader: Int, _ client: LedgerClient) async throws {
        while !work.withLock({ $0.isOver }) {
            let size = try await client.size()
            let number = work.withLock { UInt64.random(in: 0..<size, using: &$0.random) }
            _ = try await client.record(number)
            work.withLock { $0.readCount += 1 }
        }
    }

    // MARK: - Afterwards

    /// What the newest key opens is what was submitted, and an older one opens nothing.
    func check(_ count: Int, _ tally: Tally) async throws {
        if let complaint = try await ledger.verified() { tally.fail(complaint) }
        let (names, keys) = work.withLock { ($0.names, $0.keys) }
        tally.count("sealed", names.count)
        let chosen = work.withLock { work in
            names.keys.sorted().shuffled(using: &work.random).prefix(count)
        }
        for (place, stream) in chosen.enumerated() {
            let isOld = place % 10 == 9
            let key = isOld ? keys[place / 10 % (keys.count - 1)] : try newest()
            let result = try await ledger.run(
                [
                    "vault", "open", "vault/VA-\(place)", "--key", key.file, "--viewer", "P-7",
                    "--emergency", "演练（虚构）", "--case", stream, "--field", "applicantName",
                    "--json",
                ] + withPassphrase + ofLedger)
            let values = try result.json["values"]?.array?.map { $0["value"]?.string }
            if isOld, result.exitCode != 1 || values != nil {
                tally.fail("\(stream): an old key opens it")
            } else if !isOld, values != [names[stream]] {
                tally.fail("\(stream): \(result.output)\(result.errors)")
            }
            tally.count(isOld ? "refused to old keys" : "opened")
        }
    }
}
