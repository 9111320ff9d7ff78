import ArgumentParser
import Foundation
import Glibc
import HanqingClient
import Synchronization
import TestKit

/// Every third answer is lost and the service dies again and again: each event is recorded once.
struct LostAnswersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lost-answers",
        abstract: "Lose answers, kill -9 the service, send again: each event once. 丢失应答与强制终止。",
        discussion: """
            A round is a life of the service: from its start to kill -9, the last one to SIGTERM.
            Specs/campaigns.md, "Lost answers".
            """)

    @Option(help: "Events that are sent.")
    var events = 100_000

    @Option(help: "Tasks that send at the same time.")
    var lanes = 32

    @OptionGroup var options: CampaignOptions

    func run() async throws {
        let kills = options.rounds ?? 20
        let tally = Tally("lost-answers", options, total: kills + 1)
        let place = URL(filePath: options.folder).appending(path: "lost-answers-\(getpid())")
        let trial = try await LostAnswersTrial(
            ServedLedger(home: place), events, Seeded(seed: options.seed))
        do {
            try await trial.run(kills, lanes, tally)
        } catch {
            tally.fail("\(error)")
        }
        if !options.keep || tally.failures.isEmpty {
            try FileManager.default.removeItem(at: place)
        }
        try tally.end()
    }
}

/// One ledger, its producers, and who kills its service.
private final class LostAnswersTrial: Sendable {
    private let ledger: ServedLedger
    private let eventCount: Int
    private let work: Mutex<Work>
    private let receiptFile: URL
    private let receipts: Mutex<FileHandle>

    private struct Work {
        var random: Seeded
        var nextNumber = 0
        var acknowledged = Acknowledged()
        var batchCount = 0
    }

    init(_ ledger: ServedLedger, _ eventCount: Int, _ random: Seeded) async throws {
        (self.ledger, self.eventCount) = (ledger, eventCount)
        work = Mutex(Work(random: random))
        receiptFile = ledger.home.appending(path: "receipts.ndjson")
        try Data().write(to: receiptFile)
        receipts = Mutex(try FileHandle(forWritingTo: receiptFile))
    }

    func run(_ kills: Int, _ lanes: Int, _ tally: Tally) async throws {
        var service = try await ledger.serve()
        let options = try ledger.clientOptions()
        let transport = LossyTransport(
            HTTPTransport(
                base: service.url, silence: options.silence,
                connectionCountMax: options.connectionCountMax),
            work.withLock { Seeded(seed: $0.random.next()) })
        let client = LedgerClient(transport, options)
        async let sending: Void = send(client, lanes)
        for threshold in drawThresholds(kills) {
            await waitUntilAcknowledged(threshold)
            let signal = try await service.end(SIGKILL)
            if signal != SIGKILL { tally.fail("the service had ended by itself: \(signal)") }
            tally.count("kills")
            if let complaint = try await ledger.verified() { tally.fail(complaint) }
            tally.round()
            service = try await ledger.serve(port: service.port)
        }
        try await sending
        await client.shutdown()
        let code = try await service.end(SIGTERM)
        if code != 0 { tally.fail("told to stop, the service ended with \(code)") }
        tally.round()
        try await check(tally)
        tally.count("answers lost", transport.lossCount)
    }

    /// How much shall be acknowledged before each kill: anywhere, the start and the end too.
    private func drawThresholds(_ kills: Int) -> [Int] {
        work.withLock { work in
            (0..<kills).map { _ in Int.random(in: 0..<eventCount, using: &work.random) }.sorted()
        }
    }

    private func waitUntilAcknowledged(_ count: Int) async {
        while work.withLock({ $0.acknowledged.records.count < count }) {
            try? await Task.sleep(for: .milliseconds(1))
        }
        // Where in the commit that is under way, chance says.
        let more = work.withLock { Int.random(in: 0...20_000, using: &$0.random) }
        try? await Task.sleep(for: .microseconds(more))
    }

    // MARK: - Producers

    private func send(_ client: LedgerClient, _ lanes: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<lanes {
                group.addTask { try await self.lane(client) }
            }
            try await group.waitForAll()
        }
        try receipts.withLock { try $0.close() }
    }

    private func lane(_ client: LedgerClient) async throws {
        while let events = try nextEvents() {
            let given =
                events.count == 1
                ? [try await client.append(events[0])] : try await client.append(batch: events)
            let lines = Data(given.flatMap { $0.json + [0x0A] })
            try receipts.withLock { try $0.write(contentsOf: lines) }
            work.withLock { work in for receipt in given { work.acknowledged.take(receipt) } }
        }
    }

    /// One event, or at times a batch; nil when all have been given out.
    private func nextEvents() throws -> [Event]? {
        let numbers = work.withLock { work -> Range<Int> in
            let isBatch = Int.random(in: 0..<8, using: &work.random) == 0
            let count = isBatch ? Int.random(in: 2...40, using: &work.random) : 1
            let first = work.nextNumber
            work.nextNumber = min(eventCount, first + count)
            if work.nextNumber > first + 1 { work.batchCount += 1 }
            return first..<work.nextNumber
        }
        guard !numbers.isEmpty else { return nil }
        return try numbers.map { try ServedLedger.event("lost-\($0)", case: $0 % 500) }
    }

    // MARK: - What must hold

    private func check(_ tally: Tally) async throws {
        let (acknowledged, batchCount) = work.withLock { ($0.acknowledged, $0.batchCount) }
        let recorded = try ledger.recorded()
        let complaints = acknowledged.complaints(about: recorded)
        for complaint in complaints.prefix(5) { tally.fail(complaint) }
        if recorded.count != eventCount || acknowledged.records.count != eventCount {
            tally.fail(
                "\(eventCount) events were sent, \(acknowledged.records.count) acknowledged, "
                    + "\(recorded.count) recorded")
        }
        if let complaint = try await ledger.verified() { tally.fail(complaint) }
        let checked = try await ledger.run(
            ["receipt", "check", receiptFile.path, "--ledger", ledger.folder, "--json"])
        let present = checked.output.split(separator: "\n")
            .count { $0.contains(#""verdict":"present""#) }
        if checked.exitCode != 0 || present != eventCount {
            tally.fail(
                "receipt check: \(present) of \(eventCount) present; \(checked.errors)")
        }
        tally.count("events", recorded.count)
        tally.count("batches", batchCount)
        tally.count("receipts that prove", present)
        tally.count("of them for repeats", acknowledged.repeatCount)
    }
}
