/// Base64 with padding (RFC 4648 section 4), strict: one spelling for each sequence of bytes.
///
/// Whitespace, missing padding and stray bits in the last digit are refused, so that a text that is
/// read and written again is the same text.
package enum Base64 {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Base64Digits.standard.encode(bytes, padded: true)
    }

    /// The bytes that `text` spells, or nil for any other spelling than ``encode(_:)`` gives.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(utf8: Array(text.utf8))
    }

    package static func decode(utf8 text: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        return Base64Digits.standard.decode(text.dropLast(padding))
    }
}

/// Base64 in the URL-safe alphabet without padding (RFC 4648 section 5), as strict as ``Base64``.
package enum Base64URL {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Base64Digits.urlSafe.encode(bytes, padded: false)
    }

    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        Base64Digits.urlSafe.decode(Array(text.utf8))
    }
}

/// An alphabet of 64 digits: both share all but the last two.
private struct Base64Digits {
    let digit62: UInt8
    let digit63: UInt8

    static let standard = Base64Digits(digit62: UInt8(ascii: "+"), digit63: UInt8(ascii: "/"))
    static let urlSafe = Base64Digits(digit62: UInt8(ascii: "-"), digit63: UInt8(ascii: "_"))

    func encode(_ bytes: some Collection<UInt8>, padded: Bool) -> String {
        bytes.withContiguousStorageIfAvailable { encode(contiguous: $0, padded) }
            ?? Array(bytes).withUnsafeBufferPointer { encode(contiguous: $0, padded) }
    }

    private func encode(contiguous bytes: UnsafeBufferPointer<UInt8>, _ padded: Bool) -> String {
        let count = padded ? (bytes.count + 2) / 3 * 4 : (bytes.count * 4 + 2) / 3
        return String(unsafeUninitializedCapacity: count) { text in
            var (pending, bits, place): (UInt32, Int, Int) = (0, 0, 0)
            for byte in bytes {
                pending = pending << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    text[place] = digit(UInt8(pending >> UInt32(bits) & 63))
                    place += 1
                }
            }
            if bits > 0 {
                text[place] = digit(UInt8(pending << UInt32(6 - bits) & 63))
                place += 1
            }
            text[place..<count].update(repeating: UInt8(ascii: "="))
            return count
        }
    }

    /// `text` is without padding.
    func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var (pending, bits): (UInt32, Int) = (0, 0)
        for character in text {
            guard let value = value(character) else { return nil }
            pending = pending << 6 | UInt32(value)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
        }
        let strayBits = pending & (1 << UInt32(bits) - 1)
        return strayBits == 0 ? bytes : nil
    }

    private func digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: digit62
        default: digit63
        }
    }

    private func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case digit62: 62
        case digit63: 63
        default: nil
        }
    }
}
