/// Some ASCII characters: a few ranges of them.
///
/// Texts are looked at eight bytes together, without a branch for each byte.
struct ByteSet {
    /// Whether letters count as their lower case.
    let foldsCase: Bool
    let ranges: (ClosedRange<UInt8>, ClosedRange<UInt8>, ClosedRange<UInt8>, ClosedRange<UInt8>)

    /// Whether every byte of `text` is in a range.
    @inline(__always)
    func contains(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 8 else { return containsShort(text) }
        var isIn = high
        for place in stride(from: 0, to: text.count &- 8, by: 8) {
            isIn &= inside(text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
        // The last eight may overlap those before.
        let last = text.loadUnaligned(fromByteOffset: text.count &- 8, as: UInt64.self)
        return isIn & inside(last) == high
    }

    /// The same of at most seven bytes.
    @inline(__always)
    private func containsShort(_ text: UnsafeRawBufferPointer) -> Bool {
        var word: UInt64 = 0
        for byte in text.reversed() { word = word &<< 8 | UInt64(byte) }
        // Swift's shift by 64 gives zero: no text holds nothing wrong.
        let wanted = high >> UInt64(64 - 8 * text.count)
        return inside(word) & wanted == wanted
    }

    /// The high bit of each byte that is in a range.
    @inline(__always)
    private func inside(_ word: UInt64) -> UInt64 {
        // Bit 5 of a letter is its case; it is set in digits and signs too, and among what becomes
        // a letter only letters do.
        let folded = foldsCase ? word | (word & (ones &* 0x40)) &>> 1 : word
        return
            (inside(folded, ranges.0) | inside(word, ranges.1) | inside(word, ranges.2)
            | inside(word, ranges.3)) & ~word & high
    }

    /// With the high bits cleared no byte carries into the next one.
    @inline(__always)
    private func inside(_ word: UInt64, _ range: ClosedRange<UInt8>) -> UInt64 {
        let low = word & ~high
        let isFrom = low &+ ones &* UInt64(0x80 - range.lowerBound)
        let isAbove = low &+ ones &* UInt64(0x7F - range.upperBound)
        return isFrom & ~isAbove
    }
}

extension ByteSet {
    // Computed, so that the compiler sees the numbers.

    /// Of a procedure's name.
    static var name: ByteSet {
        ByteSet(foldsCase: false, ranges: (letters, digits, hyphen, hyphen))
    }

    /// Of a case id.
    static var caseID: ByteSet {
        ByteSet(foldsCase: true, ranges: (letters, digits, 0x2D...0x2E, underscore))
    }

    static var base64URL: ByteSet {
        ByteSet(foldsCase: true, ranges: (letters, digits, hyphen, underscore))
    }

    /// Of what follows the colon in a recorder: visible, no quote and no backslash.
    static var recorderName: ByteSet {
        ByteSet(foldsCase: false, ranges: (0x21...0x21, 0x23...0x5B, 0x5D...0x7E, 0x7E...0x7E))
    }

    private static var letters: ClosedRange<UInt8> { 0x61...0x7A }
    private static var digits: ClosedRange<UInt8> { 0x30...0x39 }
    private static var hyphen: ClosedRange<UInt8> { 0x2D...0x2D }
    private static var underscore: ClosedRange<UInt8> { 0x5F...0x5F }
}

private let ones: UInt64 = 0x0101_0101_0101_0101
private let high: UInt64 = 0x8080_8080_8080_8080
