import LedgerStore

/// Reads the log line by line from a place on, through one buffer whatever the log's length.
struct LineScanner {
    private let segments: Segments
    private var segment: Int
    private var offset: Int
    private var buffer: [UInt8]
    private var filled = 0
    private var place = 0

    private static let bufferByteCount = 1 << 20

    /// Where a line stands.
    struct Place {
        let segment: Int
        let offset: Int
    }

    init(_ segments: Segments, from start: Place) {
        self.segments = segments
        (segment, offset) = (start.segment, start.offset)
        buffer = [UInt8](repeating: 0, count: LineScanner.bufferByteCount)
    }

    /// Where the next line begins.
    var next: Place { Place(segment: segment, offset: offset) }

    /// Gives the next line without its LF to `body`, or returns nil at the end of the log.
    ///
    /// A last line without LF, or one too long to be a record, is given as nil: it is torn.
    mutating func line<Result>(
        _ body: (UnsafeRawBufferPointer?, Place) throws(StoreError) -> Result
    ) throws(StoreError) -> Result? {
        while true {
            if let end = endOfLine() {
                let here = next
                let range = place..<end
                place = end + 1
                offset += range.count + 1
                return try buffer.span.bytes.withUnsafeBytes { (raw) throws(StoreError) in
                    try body(UnsafeRawBufferPointer(rebasing: raw[range]), here)
                }
            }
            guard try !refill() else { continue }
            if filled > place { return try body(nil, next) }
            guard segment + 1 < segments.all.count else { return nil }
            (segment, offset, filled, place) = (segment + 1, 0, 0, 0)
        }
    }

    private func endOfLine() -> Int? {
        buffer.span.bytes.withUnsafeBytes { raw in
            raw[place..<filled].firstIndex(of: UInt8(ascii: "\n"))
        }
    }

    /// Moves what is left to the front and reads on; false if there is nothing more in the segment.
    private mutating func refill() throws(StoreError) -> Bool {
        let left = filled - place
        guard left < buffer.count / 2, segment < segments.all.count else { return false }
        buffer.withUnsafeMutableBytes { raw in
            raw.copyBytes(from: UnsafeRawBufferPointer(rebasing: raw[place..<filled]))
        }
        (place, filled) = (0, left)
        let source = segments.all[segment]
        let wanted = min(buffer.count - left, source.size - (offset + left))
        guard wanted > 0 else { return false }
        let bytes = try source.file.read(wanted, at: offset + left)
        buffer.replaceSubrange(left..<left + bytes.count, with: bytes)
        filled += bytes.count
        return !bytes.isEmpty
    }
}
