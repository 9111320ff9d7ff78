package import Records

/// How many requests a token may make: Specs/access.md section 7.
package struct Rate: Hashable, Sendable {
    package let perSecond: Int
    /// Requests that may come at once after a rest.
    package let burst: Int

    package static let perSecondMax = 100_000
    package static let burstMax = 1_000_000

    /// Nil if a number is out of its range.
    package init?(perSecond: Int, burst: Int) {
        guard 1...Rate.perSecondMax ~= perSecond, 1...Rate.burstMax ~= burst else { return nil }
        (self.perSecond, self.burst) = (perSecond, burst)
    }

    private init(sound perSecond: Int, _ burst: Int) {
        (self.perSecond, self.burst) = (perSecond, burst)
    }

    package static func usual(for owner: Owner) -> Rate {
        owner.isPerson ? person : system
    }

    /// At the codes of reporters, by all together: whoever guesses comes from anywhere.
    package static let guesses = Rate(sound: 2, 20)

    private static let person = Rate(sound: 20, 100)
    private static let system = Rate(sound: 10_000, 20_000)
}

/// A token bucket: how many requests may still come.
///
/// It counts in millionths of a request, so that a gain of `perSecond` in a second is one of
/// `perSecond` millionths in a microsecond, without rounding. It has no clock of its own.
package struct TokenBucket: Hashable, Sendable {
    private var level: Int64
    private var moment: Timestamp

    private static let request: Int64 = 1_000_000

    /// A full one.
    package init(_ rate: Rate, at now: Timestamp) {
        level = Int64(rate.burst) * TokenBucket.request
        moment = now
    }

    package enum Verdict: Hashable, Sendable {
        case go
        /// Too fast: at least one request may come after so many seconds, at least 1.
        case wait(seconds: Int)
    }

    /// Takes one request out at `now`, if there is one.
    package mutating func take(_ rate: Rate, at now: Timestamp) -> Verdict {
        fill(rate, at: now)
        guard level < TokenBucket.request else {
            level -= TokenBucket.request
            return .go
        }
        let perSecond = Int64(rate.perSecond) * TokenBucket.request
        let missing = TokenBucket.request - level
        return .wait(seconds: Int((missing + perSecond - 1) / perSecond))
    }

    /// A clock that went back gives nothing: what it gave up to `moment` is given.
    private mutating func fill(_ rate: Rate, at now: Timestamp) {
        let full = Int64(rate.burst) * TokenBucket.request
        guard now > moment else {
            level = min(level, full)
            return
        }
        let elapsed = now.microseconds.subtractingReportingOverflow(moment.microseconds)
        let gain = elapsed.partialValue.multipliedReportingOverflow(by: Int64(rate.perSecond))
        let sum = level.addingReportingOverflow(gain.partialValue)
        let isOver = elapsed.overflow || gain.overflow || sum.overflow
        level = isOver ? full : min(sum.partialValue, full)
        moment = now
    }
}
