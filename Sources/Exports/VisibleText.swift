/// Text without what XML 1.0 forbids, and its escaping: Specs/exports.md section 2.
package enum VisibleText {
    /// Forbidden characters shown as control pictures.
    package static func shown(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0xEF }),
            text.unicodeScalars.contains(where: isForbidden)
        else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(isForbidden(scalar) ? picture(scalar) : scalar)
        }
        return String(scalars)
    }

    /// Text in an XML element or attribute.
    package static func xml(_ text: String) -> String { escaped(text, keepsSpace: false) }

    /// Text in an HTML element or attribute.
    package static func html(_ text: String) -> String { escaped(text, keepsSpace: true) }

    private static func escaped(_ text: String, keepsSpace: Bool) -> String {
        guard text.utf8.contains(where: needsCare) else { return text }
        var bytes: [UInt8] = []
        var text = shown(text)
        text.withUTF8 { utf8 in
            bytes.reserveCapacity(utf8.count + 16)
            for byte in utf8 {
                switch byte {
                case UInt8(ascii: "&"): bytes += Array("&amp;".utf8)
                case UInt8(ascii: "<"): bytes += Array("&lt;".utf8)
                case UInt8(ascii: ">"): bytes += Array("&gt;".utf8)
                case UInt8(ascii: "\""): bytes += Array("&quot;".utf8)
                case UInt8(ascii: "'"): bytes += Array("&#39;".utf8)
                case 0x09 where !keepsSpace: bytes += Array("&#9;".utf8)
                case 0x0A where !keepsSpace: bytes += Array("&#10;".utf8)
                case 0x0D where !keepsSpace: bytes += Array("&#13;".utf8)
                default: bytes.append(byte)
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a byte may be part of something to be replaced; mostly none is.
    private static func needsCare(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, 0xEF, UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
        default: false
        }
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: false
        case 0...0x1F, 0xFFFE, 0xFFFF: true
        default: false
        }
    }

    /// A picture of the control character, or the mark for what cannot be shown.
    private static func picture(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar.value < 0x20 ? Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}" : "\u{FFFD}"
    }
}
