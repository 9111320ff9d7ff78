/// Lower-case hexadecimal (RFC 4648 section 8, in lower case): the only spelling we write or read.
package enum Hex {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.underestimatedCount * 2)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends `source.count * 2` digits.
    package static func append(_ source: UnsafeRawBufferPointer, to target: inout [UInt8]) {
        for byte in source {
            target.append(digit(byte >> 4))
            target.append(digit(byte & 15))
        }
    }

    /// Writes `source.count * 2` digits to `target`, which must have room for them.
    package static func encode(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(target.count >= source.count * 2)
        for (index, byte) in source.enumerated() {
            target[index * 2] = digit(byte >> 4)
            target[index * 2 + 1] = digit(byte & 15)
        }
    }

    /// The bytes that `text` spells, or nil for an odd length, another character or a capital.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        var bytes = [UInt8](repeating: 0, count: digits.count / 2)
        let isSound = digits.withUnsafeBytes { source in
            bytes.withUnsafeMutableBytes { decode(source, into: $0) }
        }
        return isSound ? bytes : nil
    }

    /// Decodes into `target`; false unless `source` is exactly twice as many lower-case digits.
    package static func decode(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard source.count == target.count * 2 else { return false }
        var place = 0
        while place + 8 <= source.count {
            let word = UInt64(
                littleEndian: source.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            guard let four = decodeEight(word) else { return false }
            target.storeBytes(of: four.littleEndian, toByteOffset: place / 2, as: UInt32.self)
            place += 8
        }
        for index in place / 2..<target.count {
            let (high, low) = (source[index &* 2], source[index &* 2 &+ 1])
            guard isDigit(high), isDigit(low) else { return false }
            target[index] = value(high) &<< 4 | value(low)
        }
        return true
    }

    /// Four bytes from eight digits, the first in the lowest byte; nil if one is no digit.
    ///
    /// All eight are handled together in one word. Letters have bit 6 set, so `letters` has a 1 in
    /// their bytes; the high bits lent to a subtraction say where it would have gone below zero.
    @inline(__always)
    private static func decodeEight(_ word: UInt64) -> UInt32? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high = ones &* 0x80
        let letters = (word &>> 6) & ones
        let above = (word | high) &- (ones &* 0x30 &+ letters &* 0x31)
        let below = (ones &* 0x89 &- letters &* 4) &- (above & ~high)
        guard word & high == 0, above & below & high == high else { return nil }
        let values = (word & (ones &* 15)) &+ letters &* 9
        var packed = (values &<< 4 | values &>> 8) & 0x00FF_00FF_00FF_00FF
        packed = (packed | packed &>> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: packed | packed &>> 16)
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || byte &- 0x61 < 6
    }

    /// 0 to 15 for a lower-case digit, anything for another byte: letters have bit 6 set and their
    /// low bits begin at 1.
    @inline(__always)
    private static func value(_ digit: UInt8) -> UInt8 {
        (digit & 15) &+ (digit &>> 6) &* 9
    }
}
