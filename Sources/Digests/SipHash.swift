/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012): a keyed hash for tables.
///
/// It is no evidence of anything: it finds entries in disposable indexes, and its key is the
/// ledger's own so that a producer cannot aim for collisions.
package struct SipHash: Sendable {
    private let key: (UInt64, UInt64)

    /// A hash under a key of 16 bytes.
    package init?(key: [UInt8]) {
        guard key.count == 16 else { return nil }
        self.key = (word(key[0..<8]), word(key[8..<16]))
    }

    package struct Value: Hashable, Sendable, Comparable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            (self.high, self.low) = (high, low)
        }

        @inline(__always)
        package static func < (left: Value, right: Value) -> Bool {
            left.high != right.high ? left.high < right.high : left.low < right.low
        }
    }

    @inline(__always)
    package func hash(_ message: UnsafeRawBufferPointer) -> Value {
        var state = State(key)
        var place = 0
        while place + 8 <= message.count {
            state.compress(
                UInt64(littleEndian: message.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        var last = UInt64(message.count & 0xFF) << 56
        for (shift, byte) in message[place...].enumerated() {
            last |= UInt64(byte) << UInt64(8 * shift)
        }
        state.compress(last)
        state.v2 ^= 0xEE
        let high = state.finish()
        state.v1 ^= 0xDD
        return Value(high: high, low: state.finish())
    }

    private struct State {
        var v0, v1, v2, v3: UInt64

        init(_ key: (UInt64, UInt64)) {
            v0 = key.0 ^ 0x736F_6D65_7073_6575
            v1 = key.1 ^ 0x646F_7261_6E64_6F6D ^ 0xEE
            v2 = key.0 ^ 0x6C79_6765_6E65_7261
            v3 = key.1 ^ 0x7465_6462_7974_6573
        }

        @inline(__always)
        mutating func round() {
            v0 = v0 &+ v1
            v1 = rotate(v1, 13) ^ v0
            v0 = rotate(v0, 32)
            v2 = v2 &+ v3
            v3 = rotate(v3, 16) ^ v2
            v0 = v0 &+ v3
            v3 = rotate(v3, 21) ^ v0
            v2 = v2 &+ v1
            v1 = rotate(v1, 17) ^ v2
            v2 = rotate(v2, 32)
        }

        @inline(__always)
        mutating func compress(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        @inline(__always)
        mutating func finish() -> UInt64 {
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }
    }
}

@inline(__always)
private func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word << bits | word >> (64 - bits)
}

private func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}
