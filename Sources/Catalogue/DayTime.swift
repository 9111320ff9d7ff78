/// A time of day to the minute, `HH:MM`, from `00:00` to `23:59`.
package struct DayTime: Hashable, Comparable, Sendable {
    package let minutes: Int

    /// Nil unless it is written exactly as ``text`` writes it.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
            0..<24 ~= hour, 0..<60 ~= minute
        else { return nil }
        minutes = hour * 60 + minute
        guard self.text == text else { return nil }
    }

    package var text: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minutes / 60)):\(two(minutes % 60))"
    }

    package static func < (left: DayTime, right: DayTime) -> Bool {
        left.minutes < right.minutes
    }
}
