import Phrases

/// The lines of a file, through one buffer whatever the file's length.
final class LineSource {
    /// A line longer than this ends the reading.
    static let lineBytesMax = 1 << 20

    let bytes: ByteSource
    /// The line given last, from 1.
    private(set) var line = 0
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var place = 0
    private var isAtEnd = false

    init(_ bytes: ByteSource) {
        self.bytes = bytes
        buffer = .allocate(byteCount: LineSource.lineBytesMax + (256 << 10), alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// The next line without its LF, good until the next call; nil at the end.
    func next() throws(ImportError) -> UnsafeRawBufferPointer? {
        var searched = place
        while true {
            let waiting = UnsafeRawBufferPointer(rebasing: buffer[searched..<filled])
            if let end = waiting.firstIndex(of: UInt8(ascii: "\n")) {
                return give(upTo: searched + end, skipping: 1)
            }
            if isAtEnd { return place < filled ? give(upTo: filled, skipping: 0) : nil }
            searched = try readOn()
        }
    }

    func failure(_ column: Int?, _ en: String, _ zh: String) -> ImportError {
        ImportError(
            bytes.path, SourcePlace(line: line, column: column), Phrase(en: en, zh: zh))
    }

    private func give(upTo end: Int, skipping: Int) -> UnsafeRawBufferPointer {
        defer { place = end + skipping }
        line += 1
        return UnsafeRawBufferPointer(rebasing: buffer[place..<end])
    }

    /// Moves the begun line to the front and fills the room behind it; says where that is.
    private func readOn() throws(ImportError) -> Int {
        let count = filled - place
        guard count <= LineSource.lineBytesMax else {
            line += 1
            throw failure(
                nil, "the line is longer than 1 MiB", "该行超过 1 MiB")
        }
        if place > 0, count > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[place..<filled]))
        }
        (place, filled) = (0, count)
        let read = try bytes.read(
            into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
        isAtEnd = read == 0
        filled += read
        return count
    }
}
