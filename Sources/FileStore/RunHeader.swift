/// The first 64 bytes of a run file; see Specs/decisions/0001-index-of-ids.md for the layout.
struct RunHeader: Equatable {
    /// The log's sequence numbers whose entries are here.
    var covered: Range<UInt64>
    var count: Int
    /// Over entries and filter; proved only when asked.
    var checksum: UInt64

    static let byteCount = 64
    /// "HanqRun1", least significant byte first; the digit is the format's number.
    private static let magic: UInt64 = 0x316e_7552_716e_6148

    var blockCount: Int { RunFilter.blockCount(entries: count) }

    /// Blocks start on a cache line.
    var filterOffset: Int {
        (RunHeader.byteCount + count * IndexEntry.byteCount + 63) & ~63
    }

    var fileByteCount: Int { filterOffset + blockCount * RunFilter.blockByteCount }

    var words: [UInt64] {
        var words = [
            RunHeader.magic, covered.lowerBound, covered.upperBound, UInt64(count), checksum, 0, 0,
        ]
        words.append(RunChecksum.of(words))
        return words
    }

    init(covered: Range<UInt64>, count: Int, checksum: UInt64) {
        self.covered = covered
        self.count = count
        self.checksum = checksum
    }

    /// The header in `bytes`, or nil unless they are just what we would write.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= RunHeader.byteCount else { return nil }
        let found = (0..<8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
        // A count that could not fit in a file would make the offsets overflow.
        guard found[1] < found[2], found[3] < UInt64(1) << 48 else { return nil }
        self.init(covered: found[1]..<found[2], count: Int(found[3]), checksum: found[4])
        guard words == found else { return nil }
    }
}

/// A 64-bit checksum of words, against accidents only.
///
/// Each step is a bijection of the state for a given word and of the word for a given state: damage
/// inside one word is always noticed, any other but once in 2^64.
struct RunChecksum {
    private(set) var state: UInt64 = 0x9e37_79b9_7f4a_7c15

    @inline(__always)
    mutating func add(_ word: UInt64) {
        let mixed = (state ^ word) &* 0xff51_afd7_ed55_8ccd
        state = mixed << 29 | mixed >> 35
    }

    static func of(_ words: some Sequence<UInt64>) -> UInt64 {
        var checksum = RunChecksum()
        for word in words { checksum.add(word) }
        return checksum.state
    }
}
