import Foundation
import Records
import TestKit
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"),
        (1_774_000_000_123_456, "2026-03-20T09:46:40.123456Z"),
        (4_107_542_399_000_001, "2100-02-28T23:59:59.000001Z"),
    ])
    func `a moment is written in 27 characters and read back`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).text == text)
        #expect(Timestamp(fixed: text)?.microseconds == microseconds)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `dates agree with Foundation's calendar`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        let formatter = ISO8601DateFormatter()
        for _ in 0..<3000 {
            let seconds = Int64.random(in: -2_208_988_800...32_503_679_999, using: &random)
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            let read = try #require(Array(text.utf8).withUnsafeBytes { ZonedTime($0) }, "\(text)")
            #expect(read.moment.microseconds == seconds * 1_000_000, "seed \(seed), \(text)")
            #expect(read.moment.text.prefix(19) == text.prefix(19), "seed \(seed)")
        }
    }

    @Test func `an offset moves the moment and keeps the date as written`() throws {
        let text = Array("2025-03-05T01:30:00.25+08:00".utf8)
        let read = try #require(text.withUnsafeBytes { ZonedTime($0) })
        #expect(read.moment.text == "2025-03-04T17:30:00.250000Z")
        #expect(read.date == CivilDate(year: 2025, month: 3, day: 5))
        #expect(read.offsetMinutes == 480)
    }
}
