package import Records

/// A bare date as the catalogue and the data write it.
package enum CivilDateText {
    /// The date in `YYYY-MM-DD`, years 1900 to 9999, or nil.
    package static func read(_ text: String) -> CivilDate? {
        var text = text
        return text.withUTF8 { read(UnsafeRawBufferPointer($0)) }
    }

    /// The date in `YYYY-MM-DD`, years 1900 to 9999, or nil.
    package static func read(_ text: UnsafeRawBufferPointer) -> CivilDate? {
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let year = number(text, 0..<4), let month = number(text, 5..<7),
            let day = number(text, 8..<10), year >= 1900
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    private static func number(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> Int? {
        var value = 0
        for index in range {
            guard text[index] &- 0x30 < 10 else { return nil }
            value = value * 10 + Int(text[index] &- 0x30)
        }
        return value
    }
}
