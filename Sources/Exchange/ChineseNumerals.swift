/// Chinese numerals in dates (二〇二五年三月十四日) and full-width digits, written as ASCII digits.
enum ChineseNumerals {
    /// `text` with every run of numerals as digits; other characters stay.
    static func digits(_ text: String) -> String {
        var result = ""
        var run: [Int] = []
        for scalar in text.unicodeScalars {
            if let value = value(scalar) {
                run.append(value)
            } else {
                result += written(run)
                run.removeAll()
                result.unicodeScalars.append(punctuation(scalar))
            }
        }
        return result + written(run)
    }

    private static let ten = 10

    private static func value(_ scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "0"..."9": Int(scalar.value - 0x30)
        case "０"..."９": Int(scalar.value - 0xFF10)
        case "〇", "零", "○": 0
        case "一": 1
        case "二": 2
        case "三": 3
        case "四": 4
        case "五": 5
        case "六": 6
        case "七": 7
        case "八": 8
        case "九": 9
        case "十": ten
        default: nil
        }
    }

    /// 二〇二五 is read digit by digit; with 十 it is a number: 十, 十四, 二十, 三十一.
    private static func written(_ run: [Int]) -> String {
        guard let place = run.firstIndex(of: ten) else {
            return run.map { String($0) }.joined()
        }
        let (tens, ones) = (run[..<place], run[(place + 1)...])
        guard tens.count <= 1, ones.count <= 1, ones.first != ten else {
            return run.map { $0 == ten ? "十" : String($0) }.joined()
        }
        return String((tens.first ?? 1) * 10 + (ones.first ?? 0))
    }

    private static func punctuation(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "：": ":"
        case "／": "/"
        case "－": "-"
        case "．": "."
        case "\u{3000}": " "
        default: scalar
        }
    }
}
