/// A moment in UTC, in microseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Timestamp: Hashable, Sendable, Comparable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The date in UTC.
    package var utcDate: CivilDate {
        CivilDate(dayNumber: Int(floorDivide(microseconds, 86_400_000_000)))
    }

    package func advanced(bySeconds seconds: Int64) -> Timestamp {
        Timestamp(microseconds: microseconds + seconds * 1_000_000)
    }
}

// MARK: - The fixed form of `chain.recorded`

extension Timestamp {
    /// The length of `2026-11-22T05:12:53.123456Z`.
    package static let textByteCount = 27

    /// `YYYY-MM-DDThh:mm:ss.ffffffZ`, Specs/record.md section 1.
    package var text: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package func write(to bytes: inout [UInt8]) {
        let seconds = floorDivide(microseconds, 1_000_000)
        let day = floorDivide(seconds, 86_400)
        let date = CivilDate(dayNumber: Int(day))
        let second = Int(seconds - day * 86_400)
        appendDecimal(date.year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDecimal(date.month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDecimal(date.day, 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendDecimal(second / 3600, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDecimal(second / 60 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendDecimal(second % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        appendDecimal(Int(microseconds - seconds * 1_000_000), 6, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// The moment in `text`, or nil unless it is written exactly as ``text`` writes it.
    package init?(fixed text: String) {
        guard let moment = Array(text.utf8).withUnsafeBytes({ Timestamp(fixed: $0) }) else {
            return nil
        }
        self = moment
    }

    /// The moment in `text`, or nil unless it is written exactly as ``text`` writes it.
    package init?(fixed text: UnsafeRawBufferPointer) {
        guard text.count == Timestamp.textByteCount, text[19] == UInt8(ascii: "."),
            text[26] == UInt8(ascii: "Z"), let moment = ZonedTime(text)?.moment
        else { return nil }
        self = moment
    }
}

/// A day of the Gregorian calendar.
package struct CivilDate: Hashable, Sendable, Comparable {
    package let year: Int
    package let month: Int
    package let day: Int

    /// The date, or nil if the calendar has no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard 1...12 ~= month, day >= 1, day <= CivilDate.length(ofMonth: month, in: year) else {
            return nil
        }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Days since 1970-01-01.
    ///
    /// The year is taken to begin in March, so that the leap day is its last.
    package var dayNumber: Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    package init(dayNumber: Int) {
        let shifted = dayNumber + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// The day of the same number so many months later, or the last of that month if it has none.
    package func adding(months: Int) -> CivilDate {
        let count = year * 12 + month - 1 + months
        let newYear = floorDivide(count, 12)
        let newMonth = count - newYear * 12 + 1
        let newDay = min(day, CivilDate.length(ofMonth: newMonth, in: newYear))
        return CivilDate(sound: newYear, newMonth, newDay)
    }

    private init(sound year: Int, _ month: Int, _ day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// From 1, Monday, to 7, Sunday: ISO 8601.
    package var weekday: Int { dayNumber - floorDivide(dayNumber - 4, 7) * 7 - 3 }

    /// `YYYY-MM-DD`.
    package var text: String {
        var bytes: [UInt8] = []
        appendDecimal(year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDecimal(month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        appendDecimal(day, 2, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A moment as it was written, with its offset: RFC 3339 section 5.6.
package struct ZonedTime: Hashable, Sendable {
    package let moment: Timestamp
    package let offsetMinutes: Int
    /// The date as written, in its own offset.
    package let date: CivilDate

    package init?(text: String) {
        var text = text
        let read = text.withUTF8 { ZonedTime(UnsafeRawBufferPointer($0)) }
        guard let read else { return nil }
        self = read
    }

    /// Reads `2025-03-04T09:30:00+08:00`, with up to six digits of a second's fraction.
    ///
    /// A leap second is refused: the ledger's clock has none.
    package init?(_ text: UnsafeRawBufferPointer) {
        guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"), let century = twoDigits(text, 0), century >= 19,
            let year = twoDigits(text, 2), let month = twoDigits(text, 5),
            let day = twoDigits(text, 8),
            let date = CivilDate(year: century * 100 + year, month: month, day: day),
            let hour = twoDigits(text, 11), hour < 24, let minute = twoDigits(text, 14),
            minute < 60, let second = twoDigits(text, 17), second < 60
        else { return nil }
        var place = 19
        guard let fraction = takeFraction(text, &place),
            let offset = takeOffset(text, &place), place == text.count
        else { return nil }
        let seconds = date.dayNumber * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
        moment = Timestamp(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
        offsetMinutes = offset
        self.date = date
    }
}

/// Microseconds of a fraction such as `.25`, 0 where there is none, nil where it is malformed.
@inline(__always)
private func takeFraction(_ text: UnsafeRawBufferPointer, _ place: inout Int) -> Int? {
    guard text[place] == UInt8(ascii: ".") else { return 0 }
    place += 1
    let start = place
    while place < text.count, text[place] &- 0x30 < 10 { place += 1 }
    guard 1...6 ~= place - start, var fraction = decimal(text, start, place - start) else {
        return nil
    }
    for _ in (place - start)..<6 { fraction *= 10 }
    return fraction
}

@inline(__always)
private func takeOffset(_ text: UnsafeRawBufferPointer, _ place: inout Int) -> Int? {
    guard place < text.count else { return nil }
    if text[place] == UInt8(ascii: "Z") {
        place += 1
        return 0
    }
    guard text[place] == UInt8(ascii: "+") || text[place] == UInt8(ascii: "-"),
        text.count == place + 6, text[place + 3] == UInt8(ascii: ":"),
        let hours = twoDigits(text, place + 1), hours < 24,
        let minutes = twoDigits(text, place + 4), minutes < 60
    else { return nil }
    let sign = text[place] == UInt8(ascii: "-") ? -1 : 1
    place += 6
    return sign * (hours * 60 + minutes)
}

@inline(__always)
private func twoDigits(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
    let (tens, ones) = (text[start] &- 0x30, text[start &+ 1] &- 0x30)
    guard tens < 10, ones < 10 else { return nil }
    return Int(tens) &* 10 &+ Int(ones)
}

/// The number in `count` digits from `start`; there must be so many bytes.
private func decimal(_ text: UnsafeRawBufferPointer, _ start: Int, _ count: Int) -> Int? {
    var value = 0
    for index in start..<start + count {
        guard text[index] &- 0x30 < 10 else { return nil }
        value = value * 10 + Int(text[index] &- 0x30)
    }
    return value
}

func appendDecimal(_ value: Int, _ width: Int, to bytes: inout [UInt8]) {
    var divisor = 1
    for _ in 1..<width { divisor *= 10 }
    while divisor > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
        divisor /= 10
    }
}

private func floorDivide<Number: SignedInteger>(_ value: Number, _ divisor: Number) -> Number {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
