import Digests
import Glibc

/// Writes one run file: entries in key order, the filter beside them, the header last.
///
/// Entries and filter go out through buffers of a fixed size, so a run of any length costs the same
/// memory. The file has a temporary name until it is complete.
struct RunWriter: ~Copyable {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32
    private var header: RunHeader
    private var entries: WordStream
    private var filter: WordStream
    private var block = RunFilter.Block()
    private var blockNumber = 0
    private var written = 0

    /// `count` must be the number of entries that will be added.
    init(path: String, covered: Range<UInt64>, count: Int) throws(IndexError) {
        self.path = path
        temporaryPath = path + ".new"
        header = RunHeader(covered: covered, count: count, checksum: 0)
        descriptor = try IndexFiles.create(temporaryPath)
        entries = WordStream(offset: RunHeader.byteCount)
        filter = WordStream(offset: header.filterOffset)
    }

    deinit { close(descriptor) }

    /// Adds the next entry; not before the one added last.
    @inline(__always)
    mutating func add(_ entry: IndexEntry) throws(IndexError) {
        let number = RunFilter.block(of: entry.key, among: header.blockCount)
        while blockNumber < number { try finishBlock() }
        RunFilter.mark(entry.key, in: &block)
        entries.add(entry.key.high)
        entries.add(entry.key.low)
        entries.add(entry.value)
        written += 1
        if entries.isFull { try entries.flush(to: descriptor, path: temporaryPath) }
    }

    /// Completes the file and gives it its name.
    mutating func finish(syncing: Bool) throws(IndexError) {
        precondition(written == header.count, "a run must have as many entries as announced")
        while blockNumber < header.blockCount { try finishBlock() }
        try entries.flush(to: descriptor, path: temporaryPath)
        try filter.flush(to: descriptor, path: temporaryPath)
        var checksum = entries.checksum
        checksum.add(filter.checksum.state)
        header.checksum = checksum.state
        // The padding before the filter is a hole, and holes read as zeros.
        var first = WordStream(offset: 0)
        for word in header.words { first.add(word) }
        try first.flush(to: descriptor, path: temporaryPath)
        // Not synced, a run is as good as the page cache: it survives the process, not the power.
        if syncing { try IndexFiles.sync(descriptor, path: temporaryPath) }
        // A crash before this leaves a stray file, which the next opening removes.
        try IndexFiles.move(temporaryPath, to: path)
    }

    private mutating func finishBlock() throws(IndexError) {
        for lane in 0..<8 { filter.add(block[lane]) }
        block = RunFilter.Block()
        blockNumber += 1
        if filter.isFull { try filter.flush(to: descriptor, path: temporaryPath) }
    }
}

/// Words on their way to one place in a file, with their checksum.
private struct WordStream {
    private(set) var checksum = RunChecksum()
    private var offset: Int
    private var words: [UInt64] = []

    private static let capacity = 24_576

    init(offset: Int) {
        self.offset = offset
        words.reserveCapacity(WordStream.capacity + 8)
    }

    var isFull: Bool { words.count >= WordStream.capacity }

    @inline(__always)
    mutating func add(_ word: UInt64) {
        checksum.add(word)
        words.append(word)
    }

    mutating func flush(to descriptor: Int32, path: String) throws(IndexError) {
        let (batch, start) = (words, offset)
        try batch.withUnsafeBufferPointer { (words) throws(IndexError) in
            let bytes = UnsafeRawBufferPointer(words)
            try IndexFiles.write(bytes, to: descriptor, at: start, path: path)
        }
        offset += batch.count * 8
        words.removeAll(keepingCapacity: true)
    }
}
