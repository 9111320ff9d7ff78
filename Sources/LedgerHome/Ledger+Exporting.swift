import CanonicalJSON
import Catalogue
import Digests
import LedgerStore
import Merkle
package import Projections
package import Records
import Rules

extension Ledger {
    /// Gives each case of the first `size` records to `body`, in the order of their first records.
    ///
    /// The log is read from front to back, and a case is gathered where its first record stands:
    /// memory does not grow with the ledger, not even by the names of its cases.
    package func forEachCase(
        upTo size: UInt64, where isWanted: (StreamName) -> Bool,
        leavingOut hidden: Set<String> = [],
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in },
        _ body: (CaseRecords) throws -> Void
    ) async throws {
        let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)
        try await forEachBatch(upTo: size, progress: progress) { lines in
            let begun = lines.compactMap { beginning($0, reader) }
                .filter { String($0.procedure) != "ledger" && isWanted($0) }
            for start in stride(from: 0, to: begun.count, by: Ledger.casesAtOnce) {
                let part = Array(begun[start..<min(start + Ledger.casesAtOnce, begun.count)])
                let found = try await records(of: part, upTo: size, leavingOut: hidden)
                for records in found { try body(records) }
            }
        }
    }

    /// One case, up to `size` records.
    package func caseRecords(
        of stream: StreamName, upTo size: UInt64
    ) async throws(LedgerError) -> CaseRecords? {
        try await records(of: [stream], upTo: size).first.flatMap { $0.records.isEmpty ? nil : $0 }
    }

    /// Gives each of the first `size` lines to `body`.
    package func forEachLine(
        upTo size: UInt64, progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in },
        _ body: ([UInt8]) throws -> Void
    ) async throws {
        try await forEachBatch(upTo: size, progress: progress) { lines in
            for line in lines { try body(line) }
        }
    }

    private static let linesAtOnce = 4_096
    private static let casesAtOnce = 256

    private func forEachBatch(
        upTo size: UInt64, progress: (_ done: UInt64, _ total: UInt64) -> Void,
        _ body: ([[UInt8]]) async throws -> Void
    ) async throws {
        var next: UInt64 = 0
        while next < size {
            try Task.checkCancellation()
            let lines = try await lines(
                from: next, Int(min(UInt64(Ledger.linesAtOnce), size - next)))
            try await body(lines)
            next += UInt64(lines.count)
            progress(next, size)
        }
    }

    private func lines(from next: UInt64, _ limit: Int) async throws(LedgerError) -> [[UInt8]] {
        do throws(StoreError) {
            let lines = try await store.lines(from: SequenceNumber(next), limit: limit)
            if !lines.isEmpty { return lines }
        } catch {
            throw LedgerError(error)
        }
        throw LedgerError(
            en: "record \(next) cannot be read; run hanqing verify",
            zh: "无法读取记录 \(next)；请运行 hanqing verify")
    }

    private func records(
        of streams: [StreamName], upTo size: UInt64, leavingOut hidden: Set<String> = []
    ) async throws(LedgerError) -> [CaseRecords] {
        let found: [[[UInt8]]]
        do throws(StoreError) {
            found = try await store.lines(of: streams)
        } catch {
            throw LedgerError(error)
        }
        let zone = LocalTime(zone: catalogue.timeZone)
        return zip(streams, found).map { stream, lines in
            let early = lines.prefix { line in
                line.withUnsafeBytes { RecordHeader($0) }.map { $0.sequence.rawValue < size }
                    ?? false
            }
            guard !hidden.isEmpty else {
                return CaseRecords(stream: stream.text, lines: early, clock: zone)
            }
            return CaseRecords(
                stream: stream.text, lines: early.map { line($0, leavingOut: hidden) }, clock: zone)
        }
    }

    /// The stream whose first record the line is; nil of other lines.
    private func beginning(_ line: [UInt8], _ reader: JSONReader) -> StreamName? {
        line.withUnsafeBytes { raw in
            let found = try? reader.read(raw) { root -> String? in
                let stub = root["withheld"]
                guard (root["intake"] ?? stub)?["revision"]?.integer == 0 else { return nil }
                return root["event"]?["subject"]?.string ?? stub?["stream"]?.string
            }
            return found.flatMap { $0 }.flatMap { StreamName($0) }
        }
    }
}
