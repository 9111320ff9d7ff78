/// 128 bits of a keyed hash: a name for something longer, uniform over all values.
///
/// It orders as one number, `high` first. It is no evidence: whoever finds an equal one compares
/// what was hashed.
package struct ShortHash: Hashable, Sendable, Comparable {
    /// The first eight bytes of the hash, least significant first.
    package var high: UInt64
    /// The last eight bytes of the hash, least significant first.
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: ShortHash, right: ShortHash) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// Half of a uniform hash is enough for a table's slot.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(low)
    }
}

/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
/// 2012, and the 128-bit variant of the authors' reference code).
///
/// Its key makes it useless to choose names that collide. A message may come in pieces; pieces that
/// need telling apart need a separator between them, for the hash sees only their concatenation.
package struct SipHash: Sendable {
    private var (v0, v1, v2, v3): (UInt64, UInt64, UInt64, UInt64)
    /// The bytes of an unfinished word, least significant first; the rest is zero.
    private var tail: UInt64 = 0
    /// How many bits of `tail` are taken, from 0 to 56 in steps of 8.
    private var tailBits: UInt64 = 0
    private var byteCount: UInt64 = 0

    /// Starts a message under `key`, whose words are the key's bytes, least significant first.
    package init(key: ShortHash) {
        v0 = 0x736f_6d65_7073_6575 ^ key.high
        v1 = 0x646f_7261_6e64_6f6d ^ key.low ^ 0xee
        v2 = 0x6c79_6765_6e65_7261 ^ key.high
        v3 = 0x7465_6462_7974_6573 ^ key.low
    }

    /// The hash of `bytes` under `key`.
    package static func hash(_ bytes: UnsafeRawBufferPointer, key: ShortHash) -> ShortHash {
        var state = SipHash(key: key)
        state.update(bytes)
        return state.finish()
    }

    @inline(__always)
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let whole = bytes.count & ~7
        for offset in stride(from: 0, to: whole, by: 8) {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            absorb(UInt64(littleEndian: word), byteCount: 8)
        }
        var rest: UInt64 = 0
        for offset in (whole..<bytes.count).reversed() { rest = rest << 8 | UInt64(bytes[offset]) }
        absorb(rest, byteCount: UInt64(bytes.count - whole))
    }

    /// Adds one byte, such as a separator.
    package mutating func update(_ byte: UInt8) { absorb(UInt64(byte), byteCount: 1) }

    /// The hash of all that was added.
    ///
    /// The state is used up; start another for the next message.
    package mutating func finish() -> ShortHash {
        compress(tail | byteCount << 56)
        v2 ^= 0xee
        for _ in 0..<4 { round() }
        let high = v0 ^ v1 ^ v2 ^ v3
        v1 ^= 0xdd
        for _ in 0..<4 { round() }
        return ShortHash(high: high, low: v0 ^ v1 ^ v2 ^ v3)
    }

    /// Adds the low `byteCount` bytes of `word`, whose other bytes are zero.
    ///
    /// Swift's shift by 64 gives zero, as it should when no bits wait.
    @inline(__always)
    private mutating func absorb(_ word: UInt64, byteCount count: UInt64) {
        let bits = tailBits + count * 8
        tail |= word << tailBits
        if bits >= 64 {
            compress(tail)
            tail = word >> (64 - tailBits)
        }
        tailBits = bits & 63
        byteCount &+= count
    }

    @inline(__always)
    private mutating func compress(_ word: UInt64) {
        v3 ^= word
        round()
        round()
        v0 ^= word
    }

    @inline(__always)
    private mutating func round() {
        v0 &+= v1
        v2 &+= v3
        v1 = rotate(v1, 13) ^ v0
        v3 = rotate(v3, 16) ^ v2
        v0 = rotate(v0, 32)
        v2 &+= v1
        v0 &+= v3
        v1 = rotate(v1, 17) ^ v2
        v3 = rotate(v3, 21) ^ v0
        v2 = rotate(v2, 32)
    }
}

@inline(__always)
private func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word &<< bits | word &>> (64 &- bits)
}
