import AuditSources
import Auditing
import Foundation
import LedgerHome

/// What the scrub costs those who append, and how fast it is by itself.
struct ScrubSection {
    let bench: BenchLedgers
    let records: Int

    private static let name = "scrub"
    private static let callers = 3
    private static let rounds = 9

    /// A scrub behind an append, without waiting and without rest.
    private static func options(_ bytesPerSecond: Int?) -> BackgroundScrub.Options {
        var options = BackgroundScrub.Options()
        (options.delay, options.rest) = (.zero, .zero)
        options.bytesPerSecond = bytesPerSecond
        return options
    }

    func run(_ report: inout Report) async throws {
        let folder = try await bench.make("scrub")
        let ledger = try await bench.open(folder, .write)
        let appending = Appending(ledger, bench.sampler, first: 1 << 50)
        try await measure("filling a ledger to scrub", &report) { _ in
            _ = try await appending.batches(
                of: 1_000, count: records, callers: ScrubSection.callers)
        }
        try await measure("appending with a scrub behind", &report) { report in
            try await append(appending, folder, &report)
        }
        try await ledger.close()
        try await measure("scrubbing", &report) { try alone(folder, &$0) }
        try FileManager.default.removeItem(atPath: folder)
    }

    /// Each rate with a scrub is divided by those without just before and after it, so that a
    /// machine that others use too favours neither; of these shares the middle one.
    private func append(
        _ appending: Appending, _ folder: String, _ report: inout Report
    ) async throws {
        let usual = BackgroundScrub.Options().bytesPerSecond
        let kinds = [
            ("scrub behind at \((usual ?? 0) >> 20) MiB/s", usual),
            ("scrub behind at full speed", nil),
        ]
        var alone = [try await rate(appending)]
        var shares = [[Double]](repeating: [], count: kinds.count)
        for _ in 0..<ScrubSection.rounds {
            for (number, kind) in kinds.enumerated() {
                let scrub = BackgroundScrub(
                    ledger: folder, ScrubSection.options(kind.1)
                ) { _ in }
                scrub.start()
                let behind = try await rate(appending)
                scrub.stop()
                guard scrub.foundCount == 0 else {
                    throw BenchError("the scrub found damage in a sound ledger")
                }
                let before = alone[alone.count - 1]
                let after = try await rate(appending)
                alone.append(after)
                shares[number].append(2 * behind / (before + after))
            }
        }
        report.add(
            Figure(ScrubSection.name, "appending alone", middle(alone), "events/s"))
        for (kind, shares) in zip(kinds, shares) {
            report.add(
                Figure(
                    ScrubSection.name, "appending, \(kind.0)", 100 * middle(shares), "% of alone",
                    target: kind.1 == nil ? nil : "at least 97"))
        }
    }

    private func rate(_ appending: Appending) async throws -> Double {
        try await appending.batches(of: 1_000, count: 30_000, callers: ScrubSection.callers).rate
    }

    private func middle(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }

    /// A pass at full speed: what the system has in memory, then what the disk has.
    private func alone(_ folder: String, _ report: inout Report) throws {
        for name in ["a pass, full speed", "the next pass, from the disk"] {
            let pace = Pace(bytesPerSecond: nil)
            let scrubber = try Scrubber(ledger: folder, pace.manner)
            let clock = ContinuousClock()
            let start = clock.now
            let found = try scrubber.run(pace.surroundings)
            let time = (clock.now - start).inSeconds
            guard found.isSound, found.finished != nil else {
                throw BenchError("the ledger is not sound: \(found.findings.prefix(3))")
            }
            report.add(
                Figure(
                    ScrubSection.name, name, Double(found.records) / time, "records/s",
                    of: report.limit(HashingSection.name, "leaf and node, 1 core")))
            report.add(
                Figure(
                    ScrubSection.name, "\(name), bytes",
                    Double(found.byteCount) / Double(1 << 20) / time, "MiB/s",
                    of: report.limit(HashingSection.name, "streamed, 1 core")))
        }
    }
}
