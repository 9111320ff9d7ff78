/// 128 random bits that keep a published leaf hash from telling what was recorded.
package struct Salt: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    package init(high: UInt64, low: UInt64) {
        (self.high, self.low) = (high, low)
    }

    /// Writes 22 characters of base64url without padding (RFC 4648 section 5).
    package func write(to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 22, alignment: 1) { text in
            for place in 0..<10 { text[place] = letter(high >> UInt64(58 - 6 * place)) }
            text[10] = letter(high << 2 | low >> 62)
            for place in 0..<10 { text[11 + place] = letter(low >> UInt64(56 - 6 * place)) }
            text[21] = letter(low << 4)
            bytes.append(contentsOf: text)
        }
    }

    private func letter(_ bits: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 63)
        return switch value {
        case 0..<26: 0x41 + value
        case 26..<52: 0x61 + value - 26
        case 52..<62: 0x30 + value - 52
        case 62: UInt8(ascii: "-")
        default: UInt8(ascii: "_")
        }
    }
}
