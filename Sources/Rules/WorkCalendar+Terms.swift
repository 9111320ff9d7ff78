package import Catalogue
import Records

/// An interruption of a clock, as days since 1970-01-01.
///
/// The day on which it begins still counts; the days after it do not, up to and with the day on
/// which it ends: as of a term, the first day is not counted.
package struct Pause: Hashable, Sendable {
    package let start: Int
    /// Nil while it lasts.
    package let end: Int?

    package init(start: Int, end: Int?) {
        (self.start, self.end) = (start, end)
    }
}

/// Where a term leads.
package enum TermEnd: Hashable, Sendable {
    /// Of a ceiling, the last day on which it is kept; of a floor, the first.
    ///
    /// Provisional if it depends on a day for which no notice has been given.
    case day(Int, isProvisional: Bool)
    /// The clock stands still since that day and has not been started again.
    case paused(since: Int)
}

extension WorkCalendar {
    /// The day on which `term` ends that begins with `start`, which is not counted; nil for hours,
    /// which run by the clock.
    ///
    /// 浙江省行政程序办法 65: a last day that is off rolls to the next workday. That protects who
    /// must act in time, so a floor does not roll. 民法典 202: months and years end on the day of
    /// the same number, or on the last of the month.
    package func end(of term: Term, after start: Int, pauses: [Pause] = []) -> TermEnd? {
        let stops = WorkCalendar.merged(pauses, after: start)
        switch term.unit {
        case .hour: return nil
        case .workday: return workdayEnd(term, after: start, stops)
        case .natural: return naturalEnd(term, start + term.amount, stops)
        case .month: return naturalEnd(term, WorkCalendar.day(start, months: term.amount), stops)
        case .year:
            return naturalEnd(term, WorkCalendar.day(start, months: term.amount * 12), stops)
        }
    }

    /// The day of the same number so many months later, or the last of that month.
    package static func day(_ day: Int, months: Int) -> Int {
        CivilDate(dayNumber: day).adding(months: months).dayNumber
    }

    private func workdayEnd(_ term: Term, after start: Int, _ stops: [Pause]) -> TermEnd {
        if term.amount <= 0 { return naturalEnd(term, start, []) }
        var (place, left) = (start, term.amount)
        for stop in stops {
            let counted = workdays(from: place, to: stop.start)
            if counted >= left { break }
            guard let end = stop.end else { return .paused(since: stop.start) }
            (place, left) = (end, left - counted)
        }
        let day = self.day(place, addingWorkdays: left)
        return .day(day, isProvisional: isProvisional(start + 1...day))
    }

    /// The end of a term that would end on `day` if nothing paused it.
    private func naturalEnd(_ term: Term, _ day: Int, _ stops: [Pause]) -> TermEnd {
        var day = day
        for stop in stops where stop.start < day {
            guard let end = stop.end else { return .paused(since: stop.start) }
            day += end - stop.start
        }
        guard term.bound == .atMost else { return .day(day, isProvisional: false) }
        let last = rolled(day)
        return .day(last, isProvisional: isProvisional(day...last))
    }

    private func isProvisional(_ days: ClosedRange<Int>) -> Bool {
        isProvisional(days.lowerBound) || isProvisional(days.upperBound)
    }

    /// Pauses in order, none empty, none overlapping another, none before `start`.
    private static func merged(_ pauses: [Pause], after start: Int) -> [Pause] {
        var merged: [Pause] = []
        for pause in pauses.sorted(by: { $0.start < $1.start }) {
            let end = pause.end ?? .max
            let from = max(pause.start, start, merged.last?.end ?? start)
            if merged.last.map({ $0.end == nil }) ?? false { break }
            guard end > from else { continue }
            if let last = merged.last, last.end == from {
                merged[merged.count - 1] = Pause(start: last.start, end: pause.end)
            } else {
                merged.append(Pause(start: from, end: pause.end))
            }
        }
        return merged
    }
}
