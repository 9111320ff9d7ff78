import Access
import CanonicalJSON
import LedgerHome
import LedgerStore
import Merkle
import Records

/// Which records are asked for, and may be seen.
struct RecordFilter: Sendable {
    /// Nil for all streams.
    var streams: [StreamName]?
    var type: String?
    let caller: Caller

    /// Whether the line is one of them; of a withheld line no type is known.
    func wants(_ line: [UInt8], _ reader: JSONReader) -> Bool {
        let names = line.withUnsafeBytes { raw in
            try? reader.read(raw) { root -> (stream: String?, type: String?) in
                let event = root["event"]
                return (
                    (event?["subject"] ?? root["withheld"]?["stream"])?.string,
                    event?["type"]?.string
                )
            }
        }
        guard let names, let stream = names.stream, type == nil || type == names.type else {
            return false
        }
        let procedure = String(stream.prefix { $0 != "/" })
        return caller.may(.readExactRecords(procedure: procedure)).isAllowed
    }
}

/// Reads the records that a filter wants, in order, some at a time: nothing is read ahead of who
/// asks.
struct RecordReader {
    private let ledger: Ledger
    private let filter: RecordFilter
    private let end: UInt64
    private let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)
    /// The first record that was not looked at.
    private(set) var position: UInt64
    /// Of the streams asked for, the records that are left, descending.
    private var numbers: [UInt64]?

    static let linesAtOnce = 256

    /// Records from `start` on and before `end`.
    init(
        _ ledger: Ledger, _ filter: RecordFilter, from start: UInt64, before end: UInt64
    ) async throws(Problem) {
        (self.ledger, self.filter, self.end) = (ledger, filter, end)
        position = start
        guard let streams = filter.streams else { return }
        var numbers: [UInt64] = []
        do throws(StoreError) {
            for stream in streams {
                numbers += try await ledger.store.sequence(
                    of: stream, from: Revision(0), limit: .max
                ).map(\.rawValue)
            }
        } catch {
            throw Problem(error)
        }
        self.numbers = numbers.filter { $0 >= start && $0 < end }.sorted(by: >)
    }

    /// Whether all was looked at.
    var isAtEnd: Bool { position >= end }

    /// Looks at up to ``linesAtOnce`` records and gives those that are wanted; nil at the end.
    mutating func next() async throws(Problem) -> [[UInt8]]? {
        guard !isAtEnd else { return nil }
        do throws(StoreError) {
            let lines = try await numbers == nil ? scanned() : picked()
            return lines.filter { filter.wants($0, reader) }
        } catch {
            throw Problem(error)
        }
    }

    /// The number that a line states.
    static func sequence(of line: [UInt8]) -> UInt64 {
        line.withUnsafeBytes { RecordHeader($0)?.sequence.rawValue } ?? 0
    }

    private mutating func scanned() async throws(StoreError) -> [[UInt8]] {
        let limit = Int(min(UInt64(RecordReader.linesAtOnce), end - position))
        let lines = try await ledger.store.lines(from: SequenceNumber(position), limit: limit)
        guard !lines.isEmpty else {
            throw StoreError(
                .damaged, en: "record \(position) cannot be read; run hanqing verify",
                zh: "无法读取记录 \(position)；请运行 hanqing verify")
        }
        position += UInt64(lines.count)
        return lines
    }

    private mutating func picked() async throws(StoreError) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        while lines.count < RecordReader.linesAtOnce, let number = numbers?.popLast() {
            lines += try await ledger.store.lines(from: SequenceNumber(number), limit: 1)
            position = number + 1
        }
        if numbers?.isEmpty ?? true { position = end }
        return lines
    }
}
