import CanonicalJSON
import Glibc

/// A file as the system gives it: what the raw limits are measured with.
final class RawFile {
    private let descriptor: Int32

    init(creating path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw BenchError("cannot open \(path)") }
    }

    deinit {
        close(descriptor)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(BenchError) {
        var done = 0
        while done < bytes.count {
            let count = write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            guard count > 0 else { throw BenchError("cannot write") }
            done += count
        }
    }

    func sync() throws(BenchError) {
        guard fdatasync(descriptor) == 0 else { throw BenchError("cannot sync") }
    }
}

/// Why a run could not go on.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// How long the disk takes to make 600 bytes durable: the floor under every durable append.
struct SyncProbe {
    let moment: String
    /// In milliseconds.
    let p50: Double
    let p95: Double

    static func run(in folder: String, _ moment: String) throws -> SyncProbe {
        let path = folder + "/probe"
        let file = try RawFile(creating: path)
        defer { unlink(path) }
        let block = [UInt8](repeating: 0x61, count: 600)
        var times: [Double] = []
        for _ in 0..<200 {
            let time = try seconds {
                try block.withUnsafeBytes { try file.append($0) }
                try file.sync()
            }
            times.append(time * 1000)
        }
        times.sort()
        return SyncProbe(moment: moment, p50: times[100], p95: times[190])
    }

    var text: String {
        "sync probe \(moment): p50 \(Report.number(p50)) ms, p95 \(Report.number(p95)) ms"
    }

    var json: JSONValue {
        [
            "moment": .string(moment), "p50Milliseconds": .number(p50),
            "p95Milliseconds": .number(p95),
        ]
    }
}
