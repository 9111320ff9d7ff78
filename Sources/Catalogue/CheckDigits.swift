/// 统一社会信用代码 (GB 32100-2015): 18 characters, the last one a check.
package enum CreditCode {
    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)
    private static let weights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]
    /// The value of an ASCII character, 255 for one that the code does not use.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 128)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count == 18 && check(text) == text[17]
    }

    /// The check character that the first 17 characters demand, or nil if one is not of the code.
    package static func check(_ text: UnsafeRawBufferPointer) -> UInt8? {
        guard text.count >= 17 else { return nil }
        var sum = 0
        for place in 0..<17 {
            guard text[place] < 128, values[Int(text[place])] != 255 else { return nil }
            sum += Int(values[Int(text[place])]) * weights[place]
        }
        return alphabet[(31 - sum % 31) % 31]
    }
}

/// 公民身份号码 (GB 11643-1999): region, date of birth, order and a check.
package enum ResidentIdentity {
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checks = Array("10X98765432".utf8)

    package static func isSound(_ text: UnsafeRawBufferPointer) -> Bool {
        text.count == 18 && hasDate(text) && check(text) == text[17]
    }

    package static func check(_ text: UnsafeRawBufferPointer) -> UInt8? {
        guard text.count >= 17 else { return nil }
        var sum = 0
        for place in 0..<17 {
            guard text[place] &- 0x30 < 10 else { return nil }
            sum += Int(text[place] &- 0x30) * weights[place]
        }
        return checks[sum % 11]
    }

    private static func hasDate(_ text: UnsafeRawBufferPointer) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 10, alignment: 1) { date in
            var place = 0
            for index in 6..<14 {
                if index == 10 || index == 12 {
                    date[place] = UInt8(ascii: "-")
                    place += 1
                }
                date[place] = text[index]
                place += 1
            }
            return CivilDateText.read(UnsafeRawBufferPointer(date)) != nil
        }
    }
}
