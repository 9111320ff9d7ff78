import Catalogue
import LedgerData
import LedgerHome
import Records
import TestKit
import Testing

/// When a service publishes: Specs/publishing.md section 6.
@Suite struct PublicationTimesTests {
    private func times(
        _ publishAt: String, zone: String = "Asia/Shanghai"
    ) throws
        -> PublicationTimes
    {
        var files = LedgerData.catalogueFiles
        let file = try #require(files["catalogue.yaml"])
        let text = String(decoding: file, as: UTF8.self)
            .replacing("timeZone: Asia/Shanghai", with: "timeZone: \(zone)")
        files["catalogue.yaml"] = Array((text + publishAt).utf8)
        return PublicationTimes(try EventCatalogue(files: files))
    }

    private func moment(_ text: String) throws -> Timestamp {
        try #require(Timestamp(fixed: text + ".000000Z"))
    }

    @Test func `a catalogue that names none asks for nothing, and has midnight`() throws {
        let times = try times("")
        #expect(!times.areAskedFor && times.times.map(\.text) == ["00:00"])
        let noon = try moment("2026-03-04T04:00:00")
        #expect(times.next(after: noon) == (try moment("2026-03-04T16:00:00")))
    }

    @Test func `the next is the first of all days' times after the moment, by brute force`()
        throws
    {
        let times = try times("  publishAt: [\"00:00\", \"02:30\", \"23:59\"]\n")
        #expect(times.areAskedFor)
        let seed = UInt64.random(in: 0 ... .max)
        var random = Seeded(seed: seed)
        let start = try moment("2026-02-27T16:00:00")
        // Minutes after a midnight in Beijing: all times of four days.
        let all = (0..<4).flatMap { day in [0, 150, 1_439].map { day * 1_440 + $0 } }
        for _ in 0..<500 {
            let second = Int.random(in: 0..<3 * 86_400, using: &random)
            let expected = try #require(all.first { $0 * 60 > second })
            let found = times.next(after: start.advanced(bySeconds: Int64(second)))
            #expect(
                found == start.advanced(bySeconds: Int64(expected) * 60),
                "\(second) s, seed \(seed)")
        }
    }

    @Test func `where clocks change, the time after a moment is after it, and within two days`()
        throws
    {
        let times = try times("  publishAt: [\"02:30\"]\n", zone: "Europe/Berlin")
        var now = try moment("2026-03-27T00:00:00")
        for _ in 0..<10 {
            let next = times.next(after: now)
            #expect(now < next && next <= now.advanced(bySeconds: 2 * 86_400))
            now = next
        }
    }
}
