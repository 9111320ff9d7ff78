/// Decimal numbers as text, read exactly: no floating point touches an amount.
package enum DecimalText {
    /// Every whole number up to here is exact in JSON.
    package static let max: Int64 = 9_007_199_254_740_992

    /// `text` times ten to the power `places`, if that is a whole number up to 2^53 in magnitude.
    ///
    /// `35`, `35.0`, `-1.25` and `1.0E7` are read; separators of thousands are not.
    package static func scaled(_ text: String, places: Int) -> Int64? {
        var parser = Parser(Array(text.utf8))
        guard let number = parser.number() else { return nil }
        return number.scaled(places)
    }

    private struct Number {
        var isNegative = false
        /// Without leading zeros.
        var digits: [UInt8] = []
        /// Where the point stands, counted from the end of the digits; may be beyond them.
        var fraction = 0

        func scaled(_ places: Int) -> Int64? {
            var digits = digits
            var shift = places - fraction
            while shift < 0, let last = digits.last {
                guard last == 0 else { return nil }
                digits.removeLast()
                shift += 1
            }
            if digits.isEmpty { return 0 }
            guard digits.count + shift <= 16 else { return nil }
            var value: Int64 = 0
            for digit in digits { value = value * 10 + Int64(digit) }
            for _ in 0..<shift { value *= 10 }
            guard value <= DecimalText.max else { return nil }
            return isNegative ? -value : value
        }
    }

    private struct Parser {
        private let bytes: [UInt8]
        private var place = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func number() -> Number? {
            guard bytes.count <= 400 else { return nil }
            var number = Number()
            number.isNegative = take("-")
            if !number.isNegative { _ = take("+") }
            let whole = digits()
            var fraction: [UInt8] = []
            if take(".") {
                fraction = digits()
                guard !fraction.isEmpty else { return nil }
            }
            guard !whole.isEmpty, let exponent = exponent(), place == bytes.count else {
                return nil
            }
            number.digits = Array((whole + fraction).drop { $0 == 0 })
            number.fraction = fraction.count - exponent
            return number
        }

        private mutating func exponent() -> Int? {
            guard take("e") || take("E") else { return 0 }
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            let digits = digits()
            guard 1...3 ~= digits.count else { return nil }
            let value = digits.reduce(0) { $0 * 10 + Int($1) }
            return isNegative ? -value : value
        }

        private mutating func take(_ sign: Unicode.Scalar) -> Bool {
            guard place < bytes.count, bytes[place] == UInt8(ascii: sign) else { return false }
            place += 1
            return true
        }

        private mutating func digits() -> [UInt8] {
            let start = place
            while place < bytes.count, bytes[place] &- 0x30 < 10 { place += 1 }
            return bytes[start..<place].map { $0 &- 0x30 }
        }
    }
}
