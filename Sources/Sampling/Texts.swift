import Catalogue
import Records

/// Dates and times as the sample writes them.
enum DateText {
    /// Days from 1970 to the date in `text` (`2025-03-04`), or nil.
    static func day(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard text.utf8.count == 10, parts.map(\.count) == [4, 2, 2], let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        return CivilDate(year: year, month: month, day: day)?.dayNumber
    }

    /// Seconds from midnight to the time in `text` (`09:30:00`), or nil.
    static func second(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: ":").compactMap { Int($0) }
        guard text.utf8.count == 8, parts.count == 3 else { return nil }
        return parts[0] * 3600 + parts[1] * 60 + parts[2]
    }
}

/// Credit codes as text.
enum CreditCodeText {
    static func isSound(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { CreditCode.isSound($0) }
    }
}
