import Glibc
import Phrases
import Records

/// The bytes of one piece and of the line that hangs over its end.
///
/// One scanner's own: reused for piece after piece, freed with it.
final class LineBuffer {
    private var memory: UnsafeMutableRawBufferPointer
    private(set) var filled = 0
    /// The segment's offset of the first byte in memory.
    private(set) var origin = 0

    /// How far the segment may be looked at beyond the piece: for a line with its LF.
    private var limit = 0

    private static let overhang = RecordLayout.byteCountMax + 1
    /// What is read of it at first: enough for nearly every last line.
    private static let usualOverhang = 4096

    init(chunkByteCount: Int) {
        memory = .allocate(byteCount: chunkByteCount + LineBuffer.overhang + 2, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    /// Reads a piece and gives where its first line begins in the segment, or nil if none does.
    func load(_ piece: Piece, _ reader: any RecordReader) throws(SourceError) -> Int? {
        origin = max(0, piece.from - 1)
        filled = 0
        limit = min(piece.to + LineBuffer.overhang, piece.segment.byteCount) - origin
        try fill(to: piece.to + LineBuffer.usualOverhang - origin, of: piece.segment, reader)
        guard piece.from > 0 else { return piece.to > 0 ? 0 : nil }
        guard let lf = find(from: 0), origin + lf + 1 < piece.to else { return nil }
        return origin + lf + 1
    }

    private func fill(
        to end: Int, of segment: Segment, _ reader: any RecordReader
    ) throws(SourceError) {
        let wanted = min(end, limit)
        guard wanted > filled else { return }
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[filled..<wanted])
        let count = try reader.read(segment, at: origin + filled, into: target)
        guard count == target.count else { throw LineBuffer.shrunk(segment) }
        filled = wanted
    }

    /// The line at `offset` of the piece without LF, and whether it has one.
    func line(
        at offset: Int, of piece: Piece, _ reader: any RecordReader
    ) throws(SourceError) -> (bytes: UnsafeRawBufferPointer, hasEnd: Bool) {
        let start = offset - origin
        var end = find(from: start)
        if end == nil, filled < limit {
            try fill(to: limit, of: piece.segment, reader)
            end = find(from: start)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: memory[start..<(end ?? filled)])
        return (bytes, end != nil)
    }

    private func find(from start: Int) -> Int? {
        guard start < filled, let base = memory.baseAddress,
            let hit = memchr(base + start, 0x0A, filled - start)
        else { return nil }
        return UnsafeRawPointer(hit) - UnsafeRawPointer(base)
    }

    private static func shrunk(_ segment: Segment) -> SourceError {
        SourceError(
            segment.file,
            .init(
                en: "\(segment.file) became shorter while it was read; verify again",
                zh: "\(segment.file) 在读取时变短，请重新校验"))
    }
}
