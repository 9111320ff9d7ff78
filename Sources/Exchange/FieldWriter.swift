/// Writes one field of an event's data from a row.
struct FieldWriter {
    let name: String
    let source: FieldSource
    let times: TimeReading

    /// Writes the value as JSON; false where the row has none.
    func write(_ texts: RowTexts, to bytes: inout [UInt8]) throws(RowRefusal) -> Bool {
        guard let split = source.split else {
            guard let text = try texts.text(source.text) else { return false }
            try write(text, to: &bytes)
            return true
        }
        guard let whole = texts.text(source.text.pattern) ?? source.text.otherwise else {
            return false
        }
        var count = 0
        bytes.append(UInt8(ascii: "["))
        for part in whole.split(separator: split) {
            let element = part.trimmingSpaces
            guard !element.isEmpty else { continue }
            if count > 0 { bytes.append(UInt8(ascii: ",")) }
            count += 1
            try write(translated(element), to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return count > 0
    }

    private func translated(_ element: String) throws(RowRefusal) -> String {
        guard let values = source.text.values else { return element }
        if let value = values[element] { return value }
        throw refusal(element, "a word of the mapping's table", "映射对照表中的词")
    }

    private func write(_ text: String, to bytes: inout [UInt8]) throws(RowRefusal) {
        switch source.kind {
        case .string: bytes.appendJSON(text)
        case .integer:
            guard let value = DecimalText.scaled(text, places: 0) else {
                throw refusal(text, "a whole number", "整数")
            }
            bytes.append(contentsOf: String(value).utf8)
        case .fen(let places):
            guard let value = DecimalText.scaled(text, places: places) else {
                throw refusal(text, "an amount of money in whole fen", "精确到分的金额")
            }
            bytes.append(contentsOf: String(value).utf8)
        case .organisation:
            bytes.append(contentsOf: "{\"name\":".utf8)
            bytes.appendJSON(text)
            bytes.append(UInt8(ascii: "}"))
        case .percent: try writePercent(text, to: &bytes)
        case .boolean:
            guard let value = FieldWriter.booleans[text] else {
                throw refusal(text, "true, false, 是 or 否", "true、false、是或否")
            }
            bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .date:
            guard let date = times.date(text) else {
                throw refusal(text, "a date in one of the mapping's formats", "符合映射格式的日期")
            }
            bytes.appendJSON(date)
        case .instant:
            guard let reading = times.read(text), !isDateOnly(text) else {
                throw refusal(text, "a time in one of the mapping's formats", "符合映射格式的时间")
            }
            bytes.appendJSON(reading.time)
        }
    }

    /// Up to four digits after the point, written by whole numbers alone.
    private func writePercent(_ text: String, to bytes: inout [UInt8]) throws(RowRefusal) {
        guard let value = DecimalText.scaled(text, places: 4), 0...1_000_000 ~= value else {
            throw refusal(
                text, "a number from 0 to 100 with at most four decimals", "0 至 100 的数，至多四位小数")
        }
        var digits = String(value % 10_000 + 10_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        bytes.append(contentsOf: String(value / 10_000).utf8)
        if !digits.isEmpty { bytes.append(contentsOf: ".\(digits)".utf8) }
    }

    private func isDateOnly(_ text: String) -> Bool {
        var written = times
        written.precision = .written
        return written.read(text)?.isDayOnly ?? true
    }

    private func refusal(_ text: String, _ en: String, _ zh: String) -> RowRefusal {
        let short = text.count > 60 ? "\(text.prefix(60))…" : text
        return RowRefusal(
            .invalidValue, en: "\(name): expected \(en), found \"\(short)\"",
            zh: "\(name)：应为\(zh)，实为“\(short)”")
    }

    private static let booleans: [String: Bool] = [
        "true": true, "false": false, "是": true, "否": false,
    ]
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
