import Digests

/// A Bloom filter in blocks of one cache line, 16 bits an entry: of the keys a run does not hold,
/// about one in a thousand gets past it.
///
/// The block follows from the high word, as the order of entries does: entries in key order fill
/// block after block, and a filter of any size is written with one block in memory. The six bits
/// come from the low word.
struct RunFilter {
    /// One block: 512 bits.
    typealias Block = SIMD8<UInt64>

    static let blockByteCount = 64
    static let entriesPerBlock = 32

    static func blockCount(entries: Int) -> Int {
        max(1, (entries + entriesPerBlock - 1) / entriesPerBlock)
    }

    /// The block of a key, below `blocks`.
    @inline(__always)
    static func block(of key: ShortHash, among blocks: Int) -> Int {
        Int(key.high.multipliedFullWidth(by: UInt64(blocks)).high)
    }

    @inline(__always)
    static func mark(_ key: ShortHash, in block: inout Block) {
        var bits = key.low
        for _ in 0..<6 {
            block[Int(bits >> 6 & 7)] |= 1 << (bits & 63)
            bits >>= 9
        }
    }

    /// False only if `key` was never marked in the block whose eight words start at `words`.
    @inline(__always)
    static func mayHold(_ key: ShortHash, words: UnsafeBufferPointer<UInt64>.SubSequence) -> Bool {
        var bits = key.low
        for _ in 0..<6 {
            let word = words[words.startIndex + Int(bits >> 6 & 7)]
            guard word >> (bits & 63) & 1 == 1 else { return false }
            bits >>= 9
        }
        return true
    }
}
