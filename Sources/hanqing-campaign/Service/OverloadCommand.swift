import ArgumentParser
import Foundation
import Glibc
import HanqingClient
import TestKit

/// Ten times of what the service can do: it refuses, stays small, loses nothing, and recovers.
struct OverloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload",
        abstract: "Offer ten times of what the service can do. 十倍于可持续速率的负载。",
        discussion: """
            First the rate that is sustained, then that times --factor for --seconds, as batches
            that come when they are due and not when the last one is answered.
            Specs/campaigns.md, "Overload".
            """)

    @Option(help: "For how long the load is offered.")
    var seconds = 60

    @Option(help: "Offered events for each one that is sustained.")
    var factor = 10.0

    @Option(
        name: .customLong("memory-mib"), help: "Memory that the service may use at most, in MiB.")
    var memoryMiB = 1_536

    @Flag(help: "Measure, and judge only what is no matter of time: for a busy machine.")
    var untimed = false

    @OptionGroup var options: CampaignOptions

    func run() async throws {
        let rounds = options.rounds ?? 1
        let tally = Tally("overload", options, total: rounds)
        var random = Seeded(seed: options.seed)
        for number in 0..<rounds {
            let place = URL(filePath: options.folder)
                .appending(path: "overload-\(getpid())-\(number)")
            let failed = tally.failures.count
            do {
                let ledger = try await ServedLedger(home: place, segmentBytes: 64 << 20)
                try await round(ledger, random.next(), tally)
            } catch {
                tally.fail("\(error)")
            }
            tally.round()
            if !options.keep || tally.failures.count == failed {
                try FileManager.default.removeItem(at: place)
            }
        }
        try tally.end()
    }

    private func round(_ ledger: ServedLedger, _ seed: UInt64, _ tally: Tally) async throws {
        let service = try await ledger.serve()
        let load = OverloadLoad(url: service.url, Seeded(seed: seed))
        let probe = LatencyProbe(url: service.url)
        let warm = Duration.seconds(max(1, min(10, seconds / 4)))
        let rate = try await load.sustained(for: warm)
        let before = try await probe.measure(for: warm)
        let small = try service.memory().own

        async let during = probe.measure(for: .seconds(seconds))
        async let memories = sample(service, for: .seconds(seconds))
        try await load.offer(rate * factor, for: .seconds(seconds))
        let (loaded, sizes) = (try await during, try await memories)
        // What was begun may still be answered; new load there is none.
        let first = try await probe.measure(for: .seconds(5))
        let after = try await probe.measure(for: warm)
        await load.finish()

        tally.count("sustained events/s", Int(rate))
        tally.count("offered events/s", Int(rate * factor))
        tally.count("own MiB before", small >> 20)
        tally.count("MiB with mapped files at most", try service.memory().most >> 20)
        tally.count("own MiB in the first half", (sizes.first ?? 0) >> 20)
        tally.count("own MiB in the second half", sizes.second >> 20)
        for (name, latencies) in [
            ("before", before), ("loaded", loaded), ("first 5 s after", first), ("then", after),
        ] {
            tally.count("median us \(name)", latencies.microseconds(0.5))
            tally.count("p99 us \(name)", latencies.microseconds(0.99))
            tally.count("probes refused \(name)", latencies.refusedCount)
        }
        if try service.memory().most > memoryMiB << 20 {
            tally.fail("the service took more than \(memoryMiB) MiB")
        }
        if !untimed { judge(before, after, load, sizes, tally) }
        let code = try await service.end(SIGTERM)
        if code != 0 { tally.fail("told to stop, the service ended with \(code)") }
        try check(load, ledger, tally)
        if let complaint = try await ledger.verified() { tally.fail(complaint) }
    }

    private func judge(
        _ before: LatencyProbe.Latencies, _ after: LatencyProbe.Latencies, _ load: OverloadLoad,
        _ sizes: (first: Int?, second: Int), _ tally: Tally
    ) {
        let usual = max(before.microseconds(0.99), 2 * before.microseconds(0.5))
        if after.microseconds(0.5) > usual || after.refusedCount > 0 {
            tally.fail("5 s after the load it is not as it was before")
        }
        if load.outcome.refusedBatches == 0 { tally.fail("the load was no overload: none refused") }
        if let first = sizes.first, sizes.second > first + first / 4 {
            tally.fail("memory grew on: \(first >> 20) MiB, then \(sizes.second >> 20) MiB")
        }
    }

    /// The most memory of its own in each half of the time.
    private func sample(
        _ service: ServingProgram, for duration: Duration
    ) async throws -> (first: Int?, second: Int) {
        let start = ContinuousClock.now
        var (first, second) = (0, 0)
        while ContinuousClock.now - start < duration {
            try await Task.sleep(for: .milliseconds(100))
            let size = try service.memory().own
            let isFirst = ContinuousClock.now - start < duration / 2
            (first, second) = isFirst ? (max(first, size), second) : (first, max(second, size))
        }
        return (first, second)
    }

    private func check(_ load: OverloadLoad, _ ledger: ServedLedger, _ tally: Tally) throws {
        let outcome = load.outcome
        let recorded = try ledger.recorded()
        for complaint in outcome.complaints(about: recorded).prefix(5) { tally.fail(complaint) }
        tally.count("batches offered", outcome.offeredBatches)
        tally.count("acknowledged", outcome.acknowledged.count)
        tally.count("refused with Retry-After", outcome.refusedBatches)
        tally.count("broken off", outcome.broken.count)
        tally.count("not begun for want of a connection", outcome.turnedAwayBatches)
        tally.count("events acknowledged", outcome.acknowledged.values.reduce(0, +))
        tally.count("records of them", recorded.count)
    }
}
