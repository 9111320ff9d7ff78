import LedgerStore

/// The log from a place on, in pieces of whole lines.
struct LogPieces {
    private let segments: Segments
    private let byteCount: Int
    private var segment: Int
    private var offset: Int
    private var isAtEnd = false

    /// Where a line stands.
    struct Place {
        let segment: Int
        /// From the beginning of its segment.
        let offset: Int
    }

    /// Lines that stand one after another in one segment.
    struct Piece: Sendable {
        let segment: Int
        /// Where it begins in its segment.
        let offset: Int
        /// Lines with their LF, and nothing else.
        let lines: [UInt8]
        /// What follows is no whole line: torn, or too long to be a record.
        let isTorn: Bool
    }

    /// A piece has at most `byteCount` bytes, and so has a line.
    init(_ segments: Segments, from start: Place, byteCount: Int) {
        (self.segments, self.byteCount) = (segments, byteCount)
        (segment, offset) = (start.segment, start.offset)
    }

    /// The next piece; nil at the end of the log, or after what is torn.
    mutating func next() throws(StoreError) -> Piece? {
        while !isAtEnd, segment < segments.all.count {
            let source = segments.all[segment]
            let left = source.size - offset
            guard left > 0 else {
                (segment, offset) = (segment + 1, 0)
                continue
            }
            let wanted = min(left, byteCount)
            var bytes = try source.file.read(wanted, at: offset)
            let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            let isLast = wanted == left || bytes.count < wanted || whole == 0
            isAtEnd = isLast && whole < wanted
            bytes.removeLast(bytes.count - whole)
            defer { offset += whole }
            return Piece(segment: segment, offset: offset, lines: bytes, isTorn: isAtEnd)
        }
        return nil
    }
}
