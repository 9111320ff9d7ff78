/// 128 random bits that keep a published leaf hash from telling what was recorded.
package struct Salt: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    package init(high: UInt64, low: UInt64) {
        (self.high, self.low) = (high, low)
    }

    /// Writes 22 characters of base64url without padding (RFC 4648 section 5).
    package func write(to bytes: inout [UInt8]) {
        for shift in stride(from: 58, through: 4, by: -6) {
            append(high >> UInt64(shift), to: &bytes)
        }
        append(high << 2 | low >> 62, to: &bytes)
        for shift in stride(from: 56, through: 2, by: -6) {
            append(low >> UInt64(shift), to: &bytes)
        }
        append(low << 4, to: &bytes)
    }

    private func append(_ bits: UInt64, to bytes: inout [UInt8]) {
        let value = UInt8(truncatingIfNeeded: bits & 63)
        switch value {
        case 0..<26: bytes.append(0x41 + value)
        case 26..<52: bytes.append(0x61 + value - 26)
        case 52..<62: bytes.append(0x30 + value - 52)
        case 62: bytes.append(UInt8(ascii: "-"))
        default: bytes.append(UInt8(ascii: "_"))
        }
    }
}
