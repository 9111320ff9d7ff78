import CanonicalJSON
import LedgerStore
import Merkle
import Records

/// The cases that some records belong to, in the order of their first records.
struct CaseList {
    private(set) var names: [String] = []
    /// Of each, how many of the records are its own.
    private(set) var counts: [Int] = []
    private var places: [String: Int] = [:]
    private let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)

    private static let linesAtOnce = 4_096

    init() {}

    /// Those of the first `size` records.
    init(_ store: any EventStore, upTo size: UInt64) async throws {
        var next: UInt64 = 0
        while next < size {
            let limit = Int(min(UInt64(CaseList.linesAtOnce), size - next))
            let lines = try await store.lines(from: SequenceNumber(next), limit: limit)
            guard !lines.isEmpty else {
                throw ProjectionError(
                    en: "record \(next) cannot be read; run hanqing verify",
                    zh: "无法读取记录 \(next)；请运行 hanqing verify")
            }
            for line in lines { take(line) }
            next += UInt64(lines.count)
        }
    }

    mutating func take(_ line: [UInt8]) {
        let name = line.withUnsafeBytes { raw in
            try? reader.read(raw) { root in
                root["event"]?["subject"]?.string ?? root["withheld"]?["stream"]?.string ?? ""
            }
        }
        guard let name else { return }
        if let place = places[name] {
            counts[place] += 1
        } else {
            places[name] = names.count
            names.append(name)
            counts.append(1)
        }
    }
}

extension CaseRecords {
    /// The case without records from `high` on.
    func before(_ high: UInt64) -> CaseRecords {
        CaseRecords(stream: stream, records: records.filter { $0.sequence < high })
    }
}
