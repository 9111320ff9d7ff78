/// Tells how long to wait so that reading keeps to a rate.
///
/// Specs/scrub.md section 4.
///
/// It knows no clock: the caller says what time it is, from any beginning.
package struct RateLimiter: Sendable {
    /// Bytes a second; nil for no limit.
    package let bytesPerSecond: Int?
    /// The moment until which everything that was read is paid for.
    private var paidUntil: Duration?

    /// Time that was not used is credited for this long, and no longer.
    package static let creditMax = Duration.milliseconds(200)

    package init(bytesPerSecond: Int?) {
        self.bytesPerSecond = bytesPerSecond
    }

    /// How long to wait at `now` after `byteCount` more bytes were read.
    package mutating func delay(after byteCount: Int, at now: Duration) -> Duration {
        guard let bytesPerSecond, bytesPerSecond > 0 else { return .zero }
        let start = max(paidUntil ?? now, now - RateLimiter.creditMax)
        let price = Duration.seconds(Double(byteCount) / Double(bytesPerSecond))
        paidUntil = start + price
        return max(.zero, start + price - now)
    }
}
