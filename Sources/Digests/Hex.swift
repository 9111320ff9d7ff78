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
        var faults: UInt8 = 0
        for index in 0..<target.count {
            let high = value(source[index * 2])
            let low = value(source[index * 2 + 1])
            faults |= (high | low) & 0xf0
            target[index] = high << 4 | low & 15
        }
        return faults == 0
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x57 + value
    }

    /// 0 to 15, or 0xff for a byte that is no digit.
    private static func value(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 0x30...0x39: digit &- 0x30
        case 0x61...0x66: digit &- 0x57
        default: 0xff
        }
    }
}
