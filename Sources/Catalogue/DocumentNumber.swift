/// 文号, such as 杭应急罚〔2025〕12号: an organ's word, the year in brackets, a serial number and 号.
package enum DocumentNumber {
    /// Each kind of bracket that offices type, opening and closing.
    private static let brackets: [([UInt8], [UInt8])] = [
        ("〔", "〕"), ("[", "]"), ("【", "】"), ("［", "］"), ("(", ")"), ("（", "）"),
    ].map { (Array($0.utf8), Array($1.utf8)) }
    private static let ending = Array("号".utf8)
    private static let ordinal = Array("第".utf8)

    /// Whether `text` is a document number; what stands before the year is not judged.
    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count <= 240, holds(text, ending, at: text.count - ending.count),
            text.first != 0x20
        else { return false }
        for start in 1..<text.count {
            if let end = yearEnd(text, at: start), hasSerial(text, end) { return true }
        }
        return false
    }

    /// Where the bracketed year that begins at `start` ends, or nil.
    private static func yearEnd(_ text: UnsafeRawBufferPointer, at start: Int) -> Int? {
        guard isBracketStart(text[start]) else { return nil }
        for (opening, closing) in brackets {
            let year = start + opening.count
            let end = year + 4 + closing.count
            guard holds(text, opening, at: start), holds(text, closing, at: year + 4),
                isYear(text, at: year)
            else { continue }
            return end
        }
        return nil
    }

    private static func isBracketStart(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") || byte == 0xE3 || byte == 0xEF
    }

    private static func isYear(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        for place in start..<start + 4 where text[place] &- 0x30 >= 10 { return false }
        let century = (text[start], text[start + 1])
        return century == (0x31, 0x39) || century == (0x32, 0x30)
    }

    /// One to six digits, before them perhaps 第 or a letter with a hyphen (`k-39`).
    private static func hasSerial(_ text: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        let end = text.count - ending.count
        var place = holds(text, ordinal, at: start) ? start + ordinal.count : start
        if place < end, (text[place] | 0x20) &- 0x61 < 26 {
            place += 1
            if place < end, text[place] == UInt8(ascii: "-") { place += 1 }
        }
        guard 1...6 ~= end - place else { return false }
        for digit in place..<end where text[digit] &- 0x30 >= 10 { return false }
        return true
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
