import AuditSources
import Auditing
import Digests
import Foundation
import LedgerHome

/// What an auditor does every day who has audited all that was there before: one day's records
/// come, are published, and are audited since his memory.
struct DaySection {
    private let bench: BenchLedgers
    private let folder: String
    private let records: Int

    private static let name = "verification"
    /// Of a ledger that holds a year.
    private static let daysOfLedger = 365
    /// Numbers that no other section uses.
    private static let firstEvent = 1 << 43

    private var place: String { bench.scratch.folder + "/day" }
    private var memory: String { bench.scratch.folder + "/day.memory" }

    init(_ bench: BenchLedgers, _ folder: String, records: Int) {
        (self.bench, self.folder, self.records) = (bench, folder, records)
    }

    func run(_ report: inout Report) async throws {
        let ledger = try await bench.open(folder, .write)
        _ = try await PublishingSection.publish(ledger, place, withEntries: false)
        let (all, whole) = try await audit(TileFolder(place), ledger, since: false)
        add("published hashes, all of them", Double(whole) / all, "records/s", nil, &report)
        // The same memory for both: each audit moves it on.
        try FileManager.default.copyItem(atPath: memory, toPath: memory + ".2")
        let day = max(1_000, records / DaySection.daysOfLedger)
        let appending = Appending(ledger, bench.sampler, first: DaySection.firstEvent)
        _ = try await appending.batches(of: 1_000, count: day, callers: 3)
        let clock = ContinuousClock()
        let start = clock.now
        _ = try await PublishingSection.publish(ledger, place, withEntries: false)
        let published = (clock.now - start).inSeconds
        let title = "a day's \(Report.number(Double(day))) records"
        add("\(title): published, hashes", published, "s", nil, &report)
        let full = fullTime(report, whole)
        if let full { add(full.name, full.value, "s", nil, &report) }
        let hashes = try await audit(TileFolder(place), ledger, since: true)
        add("\(title): since the memory, hashes", hashes.time, "s", full, &report)
        try FileManager.default.removeItem(atPath: memory)
        try FileManager.default.moveItem(atPath: memory + ".2", toPath: memory)
        let lines = try await audit(LedgerTiles(ledger), ledger, since: true)
        add("\(title): since the memory, with records", lines.time, "s", full, &report)
        try await ledger.close()
        for path in [place, memory] { try FileManager.default.removeItem(atPath: path) }
    }

    /// What a full audit of the ledger's folder took in this run.
    private func fullTime(_ report: Report, _ count: UInt64) -> (name: String, value: Double)? {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        return report.value(DaySection.name, VerificationSection.figure(.full, cores)).map {
            ("everything in full, \(cores) cores", Double(count) / $0)
        }
    }

    private func audit(
        _ reader: any TileReader, _ ledger: Ledger, since: Bool
    ) async throws -> (time: Double, records: UInt64) {
        var options = TileAudit.Options(records: VerificationSection.options(ledger.verifierKey))
        options.sinceMemory = since
        let scratch = bench.scratch.folder
        let audit = TileAudit(reader, memory: MemoryFile(memory), options) {
            () throws(SourceError) in try ScratchFile(in: scratch)
        }
        let clock = ContinuousClock()
        let start = clock.now
        let found = try await audit.run()
        let time = (clock.now - start).inSeconds
        guard found.isSound else {
            throw BenchError("what was published does not verify: \(found.findings.prefix(3))")
        }
        return (time, found.records)
    }

    private func add(
        _ name: String, _ value: Double, _ unit: String, _ limit: (name: String, value: Double)?,
        _ report: inout Report
    ) {
        report.add(Figure(DaySection.name, name, value, unit, of: limit))
    }
}
