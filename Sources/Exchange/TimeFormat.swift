import Records

/// A way of writing a date or a time, in the letters of Unicode TR 35: `yyyy-MM-dd HH:mm:ss`.
///
/// A letter alone takes one digit or two, doubled exactly two; `yyyy` four; `S` a fraction of up to
/// six digits. Anything else stands for itself.
struct TimeFormat: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case literal([UInt8])
        case number(Letter, digits: ClosedRange<Int>)
    }

    private enum Letter: Character, CaseIterable {
        case year = "y"
        case month = "M"
        case day = "d"
        case hour = "H"
        case minute = "m"
        case second = "s"
        case fraction = "S"
    }

    private let parts: [Part]
    /// Whether only the date is written.
    let isDateOnly: Bool

    /// The format that `text` describes; nil if it lacks year, month or day or names one twice.
    init?(_ text: String) {
        var parts: [Part] = []
        var letters: [Letter] = []
        var rest = Substring(text)
        while let first = rest.first {
            let run = rest.prefix { $0 == first }
            guard let letter = Letter(rawValue: first) else {
                parts.append(.literal(Array(String(first).utf8)))
                rest.removeFirst()
                continue
            }
            guard let digits = TimeFormat.digits(letter, run.count) else { return nil }
            parts.append(.number(letter, digits: digits))
            letters.append(letter)
            rest = rest.dropFirst(run.count)
        }
        guard Set(letters).count == letters.count, letters.contains(.year),
            letters.contains(.month), letters.contains(.day)
        else { return nil }
        self.parts = parts
        isDateOnly = letters.count == 3
    }

    private static func digits(_ letter: Letter, _ count: Int) -> ClosedRange<Int>? {
        switch (letter, count) {
        case (.year, 4): 4...4
        case (.year, _): nil
        case (.fraction, 1...6): 1...6
        case (_, 1): 1...2
        case (_, 2): 2...2
        default: nil
        }
    }

    /// A moment as written, without a time zone.
    struct Local: Hashable {
        var date: String
        var time: String
        /// With its point, or empty.
        var fraction: String

        var text: String { "\(date)T\(time)\(fraction)" }
    }

    func read(_ text: [UInt8]) -> Local? {
        var values: [Letter: Int] = [:]
        var fraction = ""
        var place = 0
        for part in parts {
            switch part {
            case .literal(let bytes):
                guard text[place...].starts(with: bytes) else { return nil }
                place += bytes.count
            case .number(let letter, let digits):
                let run = text[place...].prefix(digits.upperBound).prefix { $0 &- 0x30 < 10 }
                guard digits.contains(run.count) else { return nil }
                place += run.count
                values[letter] = run.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
                if letter == .fraction { fraction = "." + String(decoding: run, as: UTF8.self) }
            }
        }
        guard place == text.count else { return nil }
        return TimeFormat.local(values, fraction)
    }

    private static func local(_ values: [Letter: Int], _ fraction: String) -> Local? {
        let year = values[.year] ?? 0
        let (month, day) = (values[.month] ?? 0, values[.day] ?? 0)
        let (hour, minute) = (values[.hour] ?? 0, values[.minute] ?? 0)
        let second = values[.second] ?? 0
        guard CivilDate(year: year, month: month, day: day) != nil, year >= 1900, hour < 24,
            minute < 60, second < 60
        else { return nil }
        return Local(
            date: "\(year)-\(two(month))-\(two(day))",
            time: "\(two(hour)):\(two(minute)):\(two(second))", fraction: fraction)
    }

    private static func two(_ value: Int) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
