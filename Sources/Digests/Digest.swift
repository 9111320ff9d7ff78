private import COpenSSL

/// A SHA-256 digest: 32 bytes, kept as four words so that it needs no heap.
package struct Digest: Hashable, Sendable, BitwiseCopyable {
    /// The bytes in memory order; a word's value depends on the machine, its bytes do not.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    package static let byteCount = 32

    /// 32 zero bytes: the `prev` of record 0.
    package static let zero = Digest()

    package init() {
        words = (0, 0, 0, 0)
    }

    /// The digest in `bytes`, or nil unless there are exactly 32.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        self.init()
        withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
    }

    package func withUnsafeBytes<R, E: Error>(
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        var copy = words
        return try Swift.withUnsafeBytes(of: &copy) { (raw) throws(E) -> R in try body(raw) }
    }

    package mutating func withUnsafeMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try Swift.withUnsafeMutableBytes(of: &words) { (raw) throws(E) -> R in try body(raw) }
    }

    /// Writes the bytes to `target`, which must have room for 32.
    package func copy(to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: words.0, as: UInt64.self)
        target.storeBytes(of: words.1, toByteOffset: 8, as: UInt64.self)
        target.storeBytes(of: words.2, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: words.3, toByteOffset: 24, as: UInt64.self)
    }

    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// 64 lower-case hexadecimal digits.
    package var hex: String {
        withUnsafeBytes { raw in
            String(unsafeUninitializedCapacity: Digest.byteCount * 2) { digits in
                Hex.encode(raw, into: UnsafeMutableRawBufferPointer(digits))
                return Digest.byteCount * 2
            }
        }
    }

    /// The digest written as 64 lower-case hexadecimal digits, or nil.
    package init?(hex: some StringProtocol) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    /// The digest written as 64 lower-case hexadecimal digits, or nil.
    package init?(hexDigits: UnsafeRawBufferPointer) {
        self.init()
        guard withUnsafeMutableBytes({ Hex.decode(hexDigits, into: $0) }) else { return nil }
    }

    /// Whether both are the same, in a time that does not tell where they differ.
    package func isSameInConstantTime(as other: Digest) -> Bool {
        withUnsafeBytes { left in
            other.withUnsafeBytes { right in
                CRYPTO_memcmp(left.baseAddress, right.baseAddress, Digest.byteCount) == 0
            }
        }
    }

    package static func == (left: Digest, right: Digest) -> Bool {
        left.words.0 == right.words.0 && left.words.1 == right.words.1
            && left.words.2 == right.words.2 && left.words.3 == right.words.3
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}

extension Digest: CustomStringConvertible {
    package var description: String { hex }
}
