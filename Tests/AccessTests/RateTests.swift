import Access
import Records
import TestKit
import Testing

@Suite struct RateTests {
    private static let seed = UInt64.random(in: 0...UInt64.max)

    @Test func `never more than the burst and the rate pass in any span`() throws {
        var random = Seeded(seed: Self.seed)
        for _ in 0..<60 {
            let rate = try #require(
                Rate(
                    perSecond: Int.random(in: 1...300, using: &random),
                    burst: Int.random(in: 1...100, using: &random)))
            var now = Maker.now
            var bucket = TokenBucket(rate, at: now)
            var passed: [Int64] = []
            for _ in 0..<600 {
                now = after(now, &random)
                if bucket.take(rate, at: now) == .go { passed.append(now.microseconds) }
            }
            #expect(!passed.isEmpty)
            for (first, start) in passed.enumerated() {
                for (last, end) in passed.enumerated().dropFirst(first) {
                    let allowed =
                        Int64(rate.burst) * 1_000_000 + Int64(rate.perSecond) * (end - start)
                    let count = Int64(last - first + 1)
                    guard count * 1_000_000 > allowed else { continue }
                    Issue.record("\(count) in \(end - start) µs at \(rate), seed \(Self.seed)")
                    return
                }
            }
        }
    }

    /// Mostly small steps, sometimes a rest.
    private func after(_ now: Timestamp, _ random: inout Seeded) -> Timestamp {
        let step = Int64.random(in: 0...20_000, using: &random)
        let rest = Int.random(in: 0..<40, using: &random) == 0
        return Timestamp(microseconds: now.microseconds + (rest ? step * 50 : step))
    }

    @Test func `who waits as long as he is told passes, and who waits less does not`() throws {
        var random = Seeded(seed: Self.seed)
        for _ in 0..<500 {
            let rate = try #require(
                Rate(perSecond: Int.random(in: 1...50, using: &random), burst: 1))
            var bucket = TokenBucket(rate, at: Maker.now)
            #expect(bucket.take(rate, at: Maker.now) == .go)
            let verdict = bucket.take(rate, at: Maker.now)
            #expect(verdict == .wait(seconds: 1), "seed \(Self.seed)")
            let gap = Int64((1_000_000 + rate.perSecond - 1) / rate.perSecond)
            let early = Timestamp(microseconds: Maker.now.microseconds + gap - 1)
            #expect(bucket.take(rate, at: early) != .go, "seed \(Self.seed)")
            let inTime = Timestamp(microseconds: Maker.now.microseconds + gap)
            #expect(bucket.take(rate, at: inTime) == .go, "seed \(Self.seed)")
        }
    }

    @Test func `a clock that goes back, or far ahead, gives no more than the burst`() throws {
        let rate = try #require(Rate(perSecond: 100_000, burst: 3))
        var bucket = TokenBucket(rate, at: Maker.now)
        func passes(at moment: Timestamp) -> Int {
            var count = 0
            while bucket.take(rate, at: moment) == .go { count += 1 }
            return count
        }
        #expect(passes(at: Maker.now) == 3)
        #expect(passes(at: Maker.now.advanced(bySeconds: -3600)) == 0)
        #expect(passes(at: Maker.now) == 0)
        #expect(passes(at: Timestamp(microseconds: .max)) == 3)
        #expect(passes(at: Timestamp(microseconds: .min)) == 0)
        #expect(passes(at: Timestamp(microseconds: .max)) == 0)
    }

    @Test func `a rate has bounds`() {
        for (perSecond, burst) in [(0, 1), (1, 0), (100_001, 1), (1, 1_000_001), (-1, 5)] {
            #expect(Rate(perSecond: perSecond, burst: burst) == nil)
        }
        #expect(Rate.usual(for: .person("P-1")) == Rate(perSecond: 20, burst: 100))
        #expect(Rate.usual(for: .system("s")) == Rate(perSecond: 10_000, burst: 20_000))
    }
}
