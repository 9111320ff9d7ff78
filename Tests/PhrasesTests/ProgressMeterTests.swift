import Phrases
import Testing

@Suite struct ProgressMeterTests {
    private static let work = Phrase(en: "making the index", zh: "正在重建索引")

    @Test func `what is done, how fast and how long still, in both languages`() {
        var meter = ProgressMeter(Self.work, unit: .records)
        let first = meter.words(done: 0, total: 10_000_000, at: 3)
        #expect(first.en == "making the index: 0 of 10,000,000 records (0 %)")
        let later = meter.words(done: 2_500_000, total: 10_000_000, at: 8)
        #expect(
            later.en == "making the index: 2,500,000 of 10,000,000 records (25 %), "
                + "500,000 a second, about 15 s left")
        #expect(
            later.zh == "正在重建索引：2,500,000 / 10,000,000 条记录（25 %），每秒 500,000 条，约剩 15 秒")
    }

    @Test func `work that begins in the middle is timed from there`() {
        var meter = ProgressMeter(Self.work, unit: .records)
        _ = meter.words(done: 9_000_000, total: 10_000_000, at: 0)
        let words = meter.words(done: 9_100_000, total: 10_000_000, at: 1)
        #expect(words.en.hasSuffix("(91 %), 100,000 a second, about 9 s left"))
    }

    @Test func `without a total nothing is said of what is left, unless the share is known`() {
        var meter = ProgressMeter(Self.work, unit: .events)
        _ = meter.words(done: 0, total: nil, at: 0)
        #expect(
            meter.words(done: 1_000, total: nil, at: 2).en
                == "making the index: 1,000 events, 500 a second")
        var other = ProgressMeter(Self.work, unit: .events)
        _ = other.words(done: 0, total: nil, share: 0, at: 0)
        #expect(
            other.words(done: 1_000, total: nil, share: 0.5, at: 600).en
                == "making the index: 1,000 events (50 %), 2 a second, about 10 min left")
    }

    @Test(arguments: [
        (2.0, "about 2 s left", "约剩 2 秒"), (119, "about 119 s left", "约剩 119 秒"),
        (150, "about 3 min left", "约剩 3 分钟"), (7_100, "about 118 min left", "约剩 118 分钟"),
        (10_000, "about 3 h left", "约剩 3 小时"),
    ])
    func `time left is in seconds, minutes or hours`(seconds: Double, en: String, zh: String) {
        var meter = ProgressMeter(Self.work, unit: .mebibytes)
        _ = meter.words(done: 0, total: 2_000, at: 0)
        let words = meter.words(done: 1_000, total: 2_000, at: seconds)
        #expect(words.en.hasSuffix(en))
        #expect(words.zh.hasSuffix(zh))
    }

    @Test func `more than all, nothing of nothing and no progress are said without nonsense`() {
        var meter = ProgressMeter(Self.work, unit: .records)
        #expect(
            meter.words(done: 0, total: 0, at: 0).en == "making the index: 0 of 0 records (100 %)")
        #expect(meter.words(done: 5, total: 4, at: 9).en.contains("5 of 4 records (100 %)"))
        var stuck = ProgressMeter(Self.work, unit: .records)
        _ = stuck.words(done: 7, total: 9, at: 0)
        #expect(
            stuck.words(done: 7, total: 9, at: 60).en == "making the index: 7 of 9 records (77 %)")
    }

    @Test func `numbers are grouped by three`() {
        #expect(
            [0, 999, 1_000, -1_234_567].map { grouped($0) } == ["0", "999", "1,000", "-1,234,567"])
    }
}
