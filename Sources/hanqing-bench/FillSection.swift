import Foundation
import Glibc

/// Batches of 1,000 from bytes to brief receipts, step by step until the ledger is full.
struct FillSection {
    let folder: String
    let appending: Appending
    let callers: Int

    static let name = "fill"
    static let target = "120,000 on two free cores"

    /// How many records lie between two looks: a million, or a tenth of a small ledger.
    static func step(_ records: Int) -> Int { max(1_000, min(1_000_000, records / 10)) }

    /// Appends the records of `range`; says how fast, and what the process holds then.
    func run(_ range: Range<Int>, _ report: inout Report) async throws {
        let spent = Processor.seconds
        let pace = try await appending.batches(of: 1_000, count: range.count, callers: callers)
        let each = (Processor.seconds - spent) / Double(range.count) * 1_000_000
        let size = Report.number(Double(range.upperBound))
        add(
            "to \(size): events in batches of 1000, \(callers) callers", pace.rate, "events/s",
            &report)
        report.add(Figure(FillSection.name, "to \(size): time on cores, an event", each, "µs"))
        let times = pace.times
        for (name, time) in [
            ("99 of 100 batches within", times[times.count * 99 / 100]),
            ("the slowest batch", times[times.count - 1]),
        ] {
            report.add(Figure(FillSection.name, "to \(size): \(name)", time, "ms"))
        }
        report.add(
            Figure(FillSection.name, "at \(size): memory of its own", Memory.own, "MiB"))
        report.add(
            Figure(
                FillSection.name, "at \(size): memory with mapped files", Memory.resident, "MiB"))
    }

    private func add(_ name: String, _ rate: Double, _ unit: String, _ report: inout Report) {
        report.add(
            Figure(
                FillSection.name, name, rate, unit,
                of: report.limit(DiskSection.name, DiskSection.figure(1_000)),
                target: FillSection.target))
    }

    /// Bytes on disk for each event, beside the event's own.
    func sizes(_ records: Int, _ report: inout Report) throws {
        let own = appending.meanEventBytes
        let log = try Double(FolderSize.bytes(folder + "/records")) / Double(records)
        let index = try Double(FolderSize.bytes(folder + "/index")) / Double(records)
        report.add(Figure(FillSection.name, "bytes of an event itself", own, "B"))
        for (name, bytes) in [
            ("in the log", log), ("in the index", index), ("in both", log + index),
        ] {
            report.add(
                Figure(
                    FillSection.name, "bytes \(name), an event", bytes, "B",
                    of: ("the event itself", own)))
        }
    }
}

/// What files take on the disk.
enum FolderSize {
    /// The blocks that the files in `folder` and below hold, in bytes.
    static func bytes(_ folder: String) throws -> Int {
        var sum = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            var status = stat()
            // A run may be merged away while we look.
            guard lstat(folder + "/" + name, &status) == 0 else { continue }
            sum += Int(status.st_blocks) * 512
        }
        return sum
    }
}

/// Whether the disk holds what a run needs.
enum DiskRoom {
    /// A record, its index twice while runs are merged, and something over.
    private static let bytesPerRecord = 1_500
    /// What else a run writes; a million records are published too.
    private static let bytesBeside = 3 << 30

    static func demand(_ records: Int, in folder: String) throws(BenchError) {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw BenchError("cannot look at \(folder)") }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let needed = records * bytesPerRecord + bytesBeside
        guard free < needed else { return }
        throw BenchError(
            "a ledger of \(Report.number(Double(records))) records needs about "
                + "\(gibibytes(needed)) GiB in \(folder), where only \(gibibytes(free)) GiB are "
                + "free; make room, name another disk with --folder, or fewer --records. "
                + "磁盘空间不足：约需 \(gibibytes(needed)) GiB，仅余 \(gibibytes(free)) GiB；"
                + "请清理空间、用 --folder 指定其他磁盘，或减少 --records")
    }

    private static func gibibytes(_ bytes: Int) -> String {
        String(format: "%.1f", Double(bytes) / Double(1 << 30))
    }
}
