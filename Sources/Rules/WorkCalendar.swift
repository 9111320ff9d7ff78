package import Digests

/// The working days of a country: Monday to Friday, as its yearly notices change them.
///
/// Specs/rules.md, "Counting days". A day is a number, days since 1970-01-01, as in
/// ``Records/CivilDate/dayNumber``. Beyond the years that are notified the bare week holds, and
/// what is counted there is provisional.
package struct WorkCalendar: Hashable, Sendable {
    /// SHA-256 of the calendar's canonical JSON (RFC 8785): its version.
    package let digest: Digest
    /// The days for which notices have been given.
    package let notified: ClosedRange<Int>
    /// Days on which the week does not hold, ascending: weekdays that are off, weekends worked.
    private let exceptions: [Int]
    /// At `i`, how many more workdays than weekdays the first `i` exceptions make.
    private let balances: [Int]

    /// Whether a last day that is off rolls to the next workday.
    private let rolls: Bool

    /// Monday to Friday in every year, and no last day rolls: for those who have no such calendar.
    package static let plain = WorkCalendar(
        digest: .zero, notified: .min ... .max, exceptions: [], rolls: false)

    /// A calendar in which `exceptions` are as the week does not have them.
    init(
        digest: Digest, notified: ClosedRange<Int>, exceptions: some Sequence<Int>,
        rolls: Bool = true
    ) {
        (self.digest, self.notified, self.rolls) = (digest, notified, rolls)
        self.exceptions = exceptions.sorted()
        var balances = [0]
        for day in self.exceptions {
            balances.append(balances[balances.count - 1] + (Week.isWeekday(day) ? -1 : 1))
        }
        self.balances = balances
    }

    package func isWorkday(_ day: Int) -> Bool {
        let place = exceptionCount(before: day)
        let isException = place < exceptions.count && exceptions[place] == day
        return Week.isWeekday(day) != isException
    }

    /// Whether no notice has been given for `day`, so that only the week is known.
    package func isProvisional(_ day: Int) -> Bool { !notified.contains(day) }

    /// How many workdays lie after `start`, up to and with `end`; below zero if `end` is earlier.
    ///
    /// The first day is not counted: 浙江省行政程序办法 65.
    package func workdays(from start: Int, to end: Int) -> Int {
        count(before: end + 1) - count(before: start + 1)
    }

    /// The `amount`th workday after `day`, or before it if `amount` is below zero; for 0 `day`.
    package func day(_ day: Int, addingWorkdays amount: Int) -> Int {
        if amount == 0 { return day }
        return amount > 0
            ? workday(at: count(before: day + 1) + amount - 1)
            : workday(at: count(before: day) + amount)
    }

    /// `day`, or the next workday if it is off.
    package func rolled(_ day: Int) -> Int {
        !rolls || isWorkday(day) ? day : self.day(day, addingWorkdays: 1)
    }

    // MARK: - Workdays in order

    /// How many workdays there are before `day`, counted from the week's first Monday.
    private func count(before day: Int) -> Int {
        Week.count(before: day) + balances[exceptionCount(before: day)]
    }

    /// The workday before which there are `index`.
    private func workday(at index: Int) -> Int {
        // How many exceptions have at most so many workdays before them.
        var (low, high) = (0, exceptions.count)
        while low < high {
            let middle = low + (high - low) / 2
            if count(beforeException: middle) > index { high = middle } else { low = middle + 1 }
        }
        // The last of them may be the workday itself; after it the week holds until the next.
        if low > 0, !Week.isWeekday(exceptions[low - 1]), count(beforeException: low - 1) == index {
            return exceptions[low - 1]
        }
        return Week.weekday(at: index - balances[low])
    }

    private func count(beforeException place: Int) -> Int {
        Week.count(before: exceptions[place]) + balances[place]
    }

    private func exceptionCount(before day: Int) -> Int {
        var (low, high) = (0, exceptions.count)
        while low < high {
            let middle = low + (high - low) / 2
            if exceptions[middle] < day { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Monday to Friday, without any notice.
enum Week {
    /// 1970-01-05.
    private static let monday = 4

    static func isWeekday(_ day: Int) -> Bool {
        divide(day - monday, 7).rest < 5
    }

    /// How many weekdays there are from ``monday`` to before `day`; below zero for a day before it.
    static func count(before day: Int) -> Int {
        let (weeks, rest) = divide(day - monday, 7)
        return weeks * 5 + min(rest, 5)
    }

    /// The weekday before which there are `index`.
    static func weekday(at index: Int) -> Int {
        let (weeks, rest) = divide(index, 5)
        return monday + weeks * 7 + rest
    }

    private static func divide(_ value: Int, _ divisor: Int) -> (quotient: Int, rest: Int) {
        let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}
