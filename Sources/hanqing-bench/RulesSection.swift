import Catalogue
import LedgerData
import LedgerHome
import LedgerStore
import Records
import Sampling
import Sequencing

/// Appending a generated year with the rules that refuse, and without them.
struct RulesSection {
    private let bench: BenchLedgers
    private let count: Int

    private static let groupSize = 1_000
    /// More events than this say nothing new, and each is made before the clock runs.
    private static let countMax = 200_000

    init(bench: BenchLedgers, records: Int) {
        (self.bench, count) = (bench, min(records, RulesSection.countMax))
    }

    func run(_ report: inout Report) async throws {
        let events = try year()
        let files = LedgerData.catalogueFiles
        // In turn, so that a machine that slows down slows both.
        let first = try await seconds(events, "rules-off-1", RulesSection.withoutGates(files))
        let withRules = try await seconds(events, "rules-on-1", files)
        let again = try await seconds(events, "rules-on-2", files)
        let last = try await seconds(events, "rules-off-2", RulesSection.withoutGates(files))
        let (on, off) = (withRules + again, first + last)
        add("a year's events, \(RulesSection.groupSize) at once, rules off", off, &report)
        add("a year's events, \(RulesSection.groupSize) at once, rules on", on, &report)
        report.add(
            Figure(
                "rules", "time with rules on over time with rules off", on / off, "",
                target: "at most 1.5"))
    }

    private func add(_ name: String, _ seconds: Double, _ report: inout Report) {
        let rate = Double(count) * 2 / seconds
        report.add(Figure("rules", name, rate, "events/s", target: nil))
    }

    private func year() throws -> SampledEvents {
        let book = try Ledger.ruleBook(EventCatalogue(files: LedgerData.catalogueFiles))
        var year = SampledYear(book, seed: 1, eventCount: count, year: 2025)
        var events = SampledEvents()
        while events.count < count, year.append(asLine: false, to: &events) {}
        return events
    }

    /// The same rules, none of which refuses.
    static func withoutGates(_ files: [String: [UInt8]]) -> [String: [UInt8]] {
        files.mapValues { bytes in
            Array(
                String(decoding: bytes, as: UTF8.self)
                    .replacing("level: refuse", with: "level: flag").utf8)
        }
    }

    private func seconds(
        _ events: SampledEvents, _ name: String, _ files: [String: [UInt8]]
    ) async throws -> Double {
        let ledger = try await bench.open(try await bench.make(name, files), .write)
        let intake = ledger.intake(.explained)
        let clock = ContinuousClock()
        let start = clock.now
        var group: [Submission] = []
        var groups: [[Submission]] = []
        try events.forEach { (raw) throws(EventRefused) in
            group.append(Submission([try intake.read(raw)], recorder: "svc:bench"))
            if group.count == RulesSection.groupSize {
                groups.append(group)
                group.removeAll(keepingCapacity: true)
            }
        }
        groups.append(group)
        for group in groups where !group.isEmpty {
            _ = try await ledger.sequencer?.submit(all: group)
        }
        let time = (clock.now - start).inSeconds
        try await ledger.close()
        return time
    }
}
