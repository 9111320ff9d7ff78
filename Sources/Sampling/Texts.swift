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

    /// The code of an enterprise of a region.
    static func made(_ region: String, _ bits: UInt64) -> String {
        var bytes = Array("91".utf8) + Array(region.utf8.prefix(6))
        append(to: &bytes, bits)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends to a kind and a region eight characters of a subject, their check (GB 11714-1997)
    /// and the check of all.
    static func append(to bytes: inout [UInt8], _ bits: UInt64) {
        let start = bytes.count - 8
        var (bits, sum) = (bits, 0)
        for weight in [3, 7, 9, 10, 5, 8, 4, 2] {
            let place = Int(bits & 0xff) % Vocabulary.creditCodeAlphabet.count
            let character = Vocabulary.creditCodeAlphabet[place]
            bytes.append(character)
            sum += weight * Int(character < 0x3A ? character - 0x30 : character - 0x37)
            bits >>= 8
        }
        let check = (11 - sum % 11) % 11
        bytes.append(check == 10 ? UInt8(ascii: "X") : UInt8(ascii: "0") + UInt8(check))
        let all = bytes[start...].withUnsafeBytes { CreditCode.check($0) }
        bytes.append(all ?? UInt8(ascii: "0"))
    }
}
