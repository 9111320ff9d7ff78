import Records

/// Reads the times of a file: RFC 3339 as it is, other formats with the mapping's offset.
struct TimeReading: Sendable {
    enum Precision: String, Sendable, CaseIterable {
        /// The day alone is known, however the time is written.
        case day
        /// As exact as it is written: a date alone is a day.
        case written
    }

    var formats: [TimeFormat] = TimeReading.usual
    var takesRFC3339 = true
    /// `Z` or such as `+08:00`, for what is written without one.
    var offset = "+08:00"
    var precision = Precision.written

    struct Reading: Hashable {
        /// RFC 3339.
        let time: String
        let isDayOnly: Bool
    }

    func read(_ text: String) -> Reading? {
        if takesRFC3339, TimeReading.isRFC3339(text) {
            return Reading(time: text, isDayOnly: precision == .day)
        }
        guard let (local, isDateOnly) = local(text) else { return nil }
        return Reading(
            time: local.text + offset, isDayOnly: isDateOnly || precision == .day)
    }

    /// The date alone, as written.
    func date(_ text: String) -> String? {
        if takesRFC3339, TimeReading.isRFC3339(text) { return String(text.prefix(10)) }
        return local(text)?.local.date
    }

    private func local(_ text: String) -> (local: TimeFormat.Local, isDateOnly: Bool)? {
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        let bytes = Array((isASCII ? text : ChineseNumerals.digits(text)).utf8)
        for format in formats {
            if let local = format.read(bytes) { return (local, format.isDateOnly) }
        }
        return nil
    }

    static func isRFC3339(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { ZonedTime(UnsafeRawBufferPointer($0)) != nil }
    }

    static func isOffset(_ text: String) -> Bool {
        isRFC3339("2000-01-01T00:00:00\(text)")
    }

    /// What is read where the mapping names no formats: the year first, so that nothing can be
    /// read in two ways.
    static let usual: [TimeFormat] = {
        let dates = ["yyyy-M-d", "yyyy/M/d", "yyyy.M.d", "yyyy年M月d日"]
        let times = ["", " H:mm", " H:mm:ss", " H:mm:ss.S"]
        let chinese = ["H时", "H时m分", "H时m分s秒"]
        let texts =
            dates.flatMap { date in times.map { date + $0 } }
            + chinese.flatMap { ["yyyy年M月d日\($0)", "yyyy年M月d日 \($0)"] }
            + ["yyyyMMdd", "yyyy年M月d日H:mm", "yyyy年M月d日H:mm:ss"]
        return texts.compactMap(TimeFormat.init)
    }()
}
