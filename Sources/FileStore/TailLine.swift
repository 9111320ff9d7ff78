import CanonicalJSON
import Digests
import Glibc
import Merkle
import Records

/// What one line of the log says, before anyone asks whether it follows the line before.
struct TailLine: Sendable {
    let offset: Int
    /// Where the next line begins.
    let end: Int
    let leaf: LeafHash
    let prev: LeafHash
    let recorded: Timestamp
    let batch: BatchPlace?
    let names: LedgerIndex.Entry
}

/// A piece of the log, taken apart.
struct TailPiece: Sendable {
    let segment: Int
    private(set) var lines: [TailLine] = []
    /// Where something stands that is neither a record nor a withheld line.
    ///
    /// Nothing after it counts.
    private(set) var unsound: Int?

    /// Reads and hashes each line, whole and strictly: this is what several cores do at once.
    init(_ piece: LogPieces.Piece, keys: LedgerIndex.Keys) {
        segment = piece.segment
        lines.reserveCapacity(piece.lines.count / 512)
        let parser = LineParser(keys)
        piece.lines.withUnsafeBytes { raw in
            var start = 0
            while let base = raw.baseAddress, start < raw.count {
                guard let found = memchr(base + start, 0x0A, raw.count - start) else { return }
                let length = (base + start).distance(to: UnsafeRawPointer(found))
                let line = UnsafeRawBufferPointer(rebasing: raw[start..<start + length])
                guard let taken = parser.parse(line, at: piece.offset + start) else {
                    unsound = piece.offset + start
                    return
                }
                lines.append(taken)
                start += length + 1
            }
        }
        if unsound == nil, piece.isTorn { unsound = piece.offset + piece.lines.count }
    }
}

/// Takes lines apart; it keeps a reader's memory, so each thread has its own.
private struct LineParser {
    private let keys: LedgerIndex.Keys
    private let reader = JSONReader(byteCountMax: RecordLayout.byteCountMax)
    private let hasher = MerkleHasher()

    init(_ keys: LedgerIndex.Keys) {
        self.keys = keys
    }

    /// The line, if it is a record or stands for one.
    func parse(_ line: UnsafeRawBufferPointer, at offset: Int) -> TailLine? {
        let record = try? reader.read(line) { root in
            (try? RecordView(root)).map { self.line($0, line, at: offset) }
        }
        return (record ?? nil) ?? withheld(line, at: offset)
    }

    private func line(
        _ record: RecordView, _ line: UnsafeRawBufferPointer, at offset: Int
    ) -> TailLine {
        TailLine(
            offset: offset, end: offset + line.count + 1, leaf: hasher.leaf(line),
            prev: record.prev, recorded: record.recorded, batch: record.batch,
            names: LedgerIndex.Entry(
                sequence: record.sequence.rawValue, revision: record.revision,
                id: keys.id(record.source.rawBytes, record.id.rawBytes),
                stream: keys.stream(record.subject.rawBytes)))
    }

    /// A withheld line has no source and id.
    private func withheld(_ line: UnsafeRawBufferPointer, at offset: Int) -> TailLine? {
        guard let stub = WithheldLine(line) else { return nil }
        return TailLine(
            offset: offset, end: offset + line.count + 1, leaf: stub.leafHash, prev: stub.prev,
            recorded: stub.recorded, batch: stub.batch,
            names: LedgerIndex.Entry(
                sequence: stub.sequence.rawValue, revision: stub.revision, id: nil,
                stream: Array(stub.stream.text.utf8).withUnsafeBytes { keys.stream($0) }))
    }
}
