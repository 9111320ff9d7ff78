package import Records

/// How a time zone's clocks stood: from each moment on, so many minutes east of UTC.
package struct LocalTime: Hashable, Sendable {
    package struct Shift: Hashable, Sendable {
        package let from: Timestamp
        package let minutes: Int

        package init(from: Timestamp, minutes: Int) {
            (self.from, self.minutes) = (from, minutes)
        }
    }

    /// Before the first shift.
    private let minutes: Int
    /// Ascending.
    private let shifts: [Shift]

    /// China's, which has had no summer time since 1991.
    package static let beijing = LocalTime(minutes: 480)

    package init(minutes: Int, shifts: [Shift] = []) {
        self.minutes = minutes
        self.shifts = shifts.sorted { $0.from < $1.from }
    }

    package func minutes(at moment: Timestamp) -> Int {
        var (low, high) = (0, shifts.count)
        while low < high {
            let middle = low + (high - low) / 2
            if shifts[middle].from <= moment { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? minutes : shifts[low - 1].minutes
    }

    /// The day of a moment, as days since 1970-01-01.
    package func day(of moment: Timestamp) -> Int {
        moment.advanced(bySeconds: Int64(minutes(at: moment)) * 60).utcDate.dayNumber
    }

    /// The first moment of a day.
    package func start(of day: Int) -> Timestamp {
        let guess = Timestamp(microseconds: Int64(day) * 86_400_000_000)
        let moment = guess.advanced(bySeconds: -Int64(minutes(at: guess)) * 60)
        return guess.advanced(bySeconds: -Int64(minutes(at: moment)) * 60)
    }
}
