import Checkpoints
import Foundation
import LedgerHome
import Merkle

/// Making a lost index anew from the whole log.
struct RebuildSection {
    private let bench: BenchLedgers
    private let folder: String

    private static let name = "rebuild"

    init(_ bench: BenchLedgers, _ folder: String) {
        (self.bench, self.folder) = (bench, folder)
    }

    func run(_ report: inout Report) async throws {
        try FileManager.default.removeItem(atPath: folder + "/index")
        let clock = ContinuousClock()
        let start = clock.now
        let spent = Processor.seconds
        let ledger = try await bench.open(folder, .write)
        let time = (clock.now - start).inSeconds
        let work = Processor.seconds - spent
        let records = Double(try await ledger.checkpoint().checkpoint.size.rawValue)
        add("time", time, "s", nil, &report)
        for cores in [RawLog.oneCore, RawLog.allCores] {
            add("beside \(cores)", records / time, "records/s", cores, &report)
        }
        add("time on cores, a record", work / records * 1_000_000, "µs", RawLog.work, &report)
        add("memory of its own", Memory.own, "MiB", nil, &report)
        try await ledger.close()
    }

    private func add(
        _ name: String, _ value: Double, _ unit: String, _ limit: String?, _ report: inout Report
    ) {
        report.add(
            Figure(
                RebuildSection.name, name, value, unit,
                of: limit.flatMap { report.limit(RawLog.name, $0) }))
    }
}
