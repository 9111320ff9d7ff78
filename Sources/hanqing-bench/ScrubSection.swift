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
    private static let rounds = 5

    /// How a scrub may run behind an append.
    private enum Behind: CaseIterable {
        case none, usual, full

        var options: BackgroundScrub.Options? {
            guard self != .none else { return nil }
            var options = BackgroundScrub.Options()
            (options.delay, options.rest) = (.zero, .zero)
            if self == .full { options.bytesPerSecond = nil }
            return options
        }

        var text: String {
            let usual = (BackgroundScrub.Options().bytesPerSecond ?? 0) >> 20
            return switch self {
            case .none: "appending alone"
            case .usual: "appending, scrub behind at \(usual) MiB/s"
            case .full: "appending, scrub behind at full speed"
            }
        }
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

    /// Takes turns, so that a disk that grows slower does not favour one; the middle of each.
    private func append(
        _ appending: Appending, _ folder: String, _ report: inout Report
    ) async throws {
        var rates: [Behind: [Double]] = [:]
        for _ in 0..<ScrubSection.rounds {
            for behind in Behind.allCases {
                let scrub = behind.options.map { BackgroundScrub(ledger: folder, $0) { _ in } }
                scrub?.start()
                let pace = try await appending.batches(
                    of: 1_000, count: 60_000, callers: ScrubSection.callers)
                scrub?.stop()
                guard scrub?.foundCount ?? 0 == 0 else {
                    throw BenchError("the scrub found damage in a sound ledger")
                }
                rates[behind, default: []].append(pace.rate)
            }
        }
        for behind in Behind.allCases {
            let sorted = (rates[behind] ?? []).sorted()
            report.add(
                Figure(
                    ScrubSection.name, behind.text, sorted[sorted.count / 2], "events/s",
                    of: behind == .none
                        ? nil : report.limit(ScrubSection.name, Behind.none.text),
                    target: behind == .usual ? "at least 97 %" : nil))
        }
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
