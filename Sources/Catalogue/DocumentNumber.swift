/// 文号, such as 杭应急罚〔2025〕12号: an organ's word, the year in brackets, a serial number and 号.
package enum DocumentNumber {
    /// Each kind of bracket that offices type, opening and closing.
    private static let brackets: [([UInt8], [UInt8])] = [
        ("〔", "〕"), ("[", "]"), ("【", "】"), ("［", "］"), ("(", ")"), ("（", "）"),
    ].map { (Array($0.utf8), Array($1.utf8)) }
    private static let ending = Array("号".utf8)

    /// Whether `text` is a document number; what stands before the year is not judged.
    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count <= 240, text.suffix(ending.count).elementsEqual(ending),
            text.first != 0x20
        else { return false }
        return (1..<text.count).contains {
            yearEnd(text, at: $0).map { hasSerial(text, $0) } ?? false
        }
    }

    /// Where the bracketed year that begins at `start` ends, or nil.
    private static func yearEnd(_ text: UnsafeRawBufferPointer, at start: Int) -> Int? {
        guard isBracketStart(text[start]) else { return nil }
        for (opening, closing) in brackets {
            let year = start + opening.count
            let end = year + 4 + closing.count
            guard end <= text.count, text[start..<year].elementsEqual(opening),
                text[(year + 4)..<end].elementsEqual(closing),
                isYear(text[year..<(year + 4)])
            else { continue }
            return end
        }
        return nil
    }

    private static func isBracketStart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") || byte == 0xE3 || byte == 0xEF
    }

    private static func isYear(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        text.allSatisfy { $0 &- 0x30 < 10 }
            && (text.starts(with: "19".utf8) || text.starts(with: "20".utf8))
    }

    /// One to six digits, before them perhaps 第 or a letter with a hyphen (`k-39`).
    private static func hasSerial(_ text: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        var serial = text[start..<max(start, text.count - ending.count)]
        if serial.starts(with: "第".utf8) { serial = serial.dropFirst(3) }
        if let first = serial.first, first | 0x20 >= 0x61, first | 0x20 <= 0x7A {
            serial = serial.dropFirst()
            if serial.first == UInt8(ascii: "-") { serial = serial.dropFirst() }
        }
        return 1...6 ~= serial.count && serial.allSatisfy { $0 &- 0x30 < 10 }
    }

    /// One spelling for all that mean the same: half-width, 〔〕 around the year, no spaces.
    ///
    /// For looking a case up; the record keeps what was written.
    package static func normalised(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "[", "【", "［": scalars.append("〔")
            case "]", "】", "］": scalars.append("〕")
            case "\u{FF01}"..."\u{FF5E}":
                scalars.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
            case " ", "\u{3000}": continue
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
