import Digests
import Foundation
import Glibc
import Merkle

/// Reading the log and hashing each line to a leaf and the leaves to a tree, and nothing else: what
/// no verification and no rebuilding can undercut.
struct RawLog {
    private let files: [String]

    static let name = "raw log"
    static let reading = "reading, 1 core"
    static let oneCore = "reading and hashing, 1 core"
    static let work = "reading and hashing: time on a core, a record"
    static let allCores = "reading and hashing, all cores"

    init(_ folder: String) throws {
        files = try FileManager.default.contentsOfDirectory(atPath: folder + "/records").sorted()
            .map { folder + "/records/" + $0 }
    }

    func run(_ report: inout Report) async throws {
        // Once before: the files are then in the system's memory for all alike.
        _ = try await pass(hashing: false, cores: 1)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        for (name, hashing, cores) in [
            (RawLog.reading, false, 1), (RawLog.oneCore, true, 1), (RawLog.allCores, true, cores),
        ] {
            let spent = Processor.seconds
            let (rate, lines) = try await pass(hashing: hashing, cores: cores)
            let work = (Processor.seconds - spent) / Double(lines) * 1_000_000
            report.add(Figure(RawLog.name, name, rate, "records/s"))
            guard name == RawLog.oneCore else { continue }
            report.add(Figure(RawLog.name, RawLog.work, work, "µs"))
        }
    }

    /// Each core takes every so manieth file; gives lines a second and their number.
    private func pass(hashing: Bool, cores: Int) async throws -> (rate: Double, lines: Int) {
        let files = files
        let clock = ContinuousClock()
        let start = clock.now
        let lines = try await withThrowingTaskGroup(of: Int.self) { group in
            for core in 0..<cores {
                group.addTask {
                    var worker = Worker(hashing: hashing)
                    for place in stride(from: core, to: files.count, by: cores) {
                        try worker.read(files[place])
                    }
                    return worker.lines
                }
            }
            return try await group.reduce(0, +)
        }
        return (Double(lines) / (clock.now - start).inSeconds, lines)
    }

    private struct Worker {
        private(set) var lines = 0
        private let hashing: Bool
        private let hasher = MerkleHasher()
        private var tree = CompactRange(begin: 0)
        private var buffer = [UInt8](repeating: 0, count: 1 << 20)

        init(hashing: Bool) {
            self.hashing = hashing
        }

        mutating func read(_ path: String) throws {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { throw BenchError("cannot open \(path)") }
            defer { close(file) }
            var filled = 0
            while true {
                let count = buffer.withUnsafeMutableBytes {
                    Glibc.read(file, $0.baseAddress.map { $0 + filled }, $0.count - filled)
                }
                guard count > 0 else { return }
                filled = take(filled + count)
            }
        }

        /// Takes the whole lines of the buffer; gives how many bytes are left over.
        private mutating func take(_ filled: Int) -> Int {
            buffer.withUnsafeMutableBytes { raw in
                var start = 0
                while let base = raw.baseAddress,
                    let end = memchr(base + start, 0x0A, filled - start)
                {
                    let count = base.distance(to: end) - start
                    if hashing {
                        let line = UnsafeRawBufferPointer(start: base + start, count: count)
                        tree.append(hasher.leaf(line), hasher)
                    }
                    lines += 1
                    start += count + 1
                }
                raw.copyBytes(from: UnsafeRawBufferPointer(rebasing: raw[start..<filled]))
                return filled - start
            }
        }
    }
}
