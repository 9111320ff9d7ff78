import CanonicalJSON
import Catalogue
import Records
package import Rules

/// Fictitious years of a bureau: cases of all procedures, interleaved as they happen, with known
/// breaches of every rule and limit among them.
///
/// Made as it is asked for, case by case; what is in memory does not grow with the number of
/// events. The same seed and size give the same bytes.
package struct SampledYear {
    private let composer: CaseComposer
    private let seed: UInt64
    private let eventCount: Int
    private let days: ClosedRange<Int>
    private let workdays: Int

    private var heap = EventHeap<OpenCase>()
    private var maker: YearCaseMaker
    private var truths: [YearTruth] = []
    private var yearly: YearlyTally
    private var tally: YearFigures?
    private var figures: [YearFigure] = []
    private let mender: YearMender?
    private var mends: [YearMend] = []
    /// The first day whose cases were not begun yet, and how many working days were.
    private var day: Int
    private var workdaysBegun = 0
    /// Events of all cases that were begun.
    private var plannedCount = 0
    private var caseCount = 0
    private var numbers: [String: Int] = [:]

    /// In fewer events fewer people act, or most events would be about who they are.
    private static let smallCount = 20_000

    private struct OpenCase {
        let pattern: YearPattern
        let writer: DraftWriter
        var next = 0
    }

    /// `eventCount` events over `years` years from `year` on.
    ///
    /// If it `isMended`, truths are as of after the entries about other entries: the events are the
    /// same. With `figures` the indicators are computed as well: every case is written twice.
    package init(
        _ book: RuleBook, seed: UInt64, eventCount: Int, year: Int, years: Int = 1,
        isMended: Bool = false, figures: Bool = false
    ) {
        composer = CaseComposer(
            book, personsAList: eventCount < SampledYear.smallCount ? 6 : 20)
        yearly = YearlyTally(book)
        self.eventCount = eventCount
        self.seed = Mixing.mixed(seed)
        let first = CivilDate(year: year, month: 1, day: 1)?.dayNumber ?? 0
        let last = (CivilDate(year: year + years, month: 1, day: 1)?.dayNumber ?? first + 1) - 1
        days = first...last
        day = first
        let calendar = composer.book.calendar
        workdays = max(1, (first...last).count { calendar.isWorkday($0) })
        mender =
            isMended
            ? YearMender(
                judge: composer.judge, seed: self.seed,
                time: CivilDate(dayNumber: last + 10).text + "T10:00:00+08:00",
                counted: yearly.types) : nil
        tally = figures ? YearFigures(composer.judge, days: days) : nil
        maker = YearCaseMaker(composer, seed: self.seed, days: days, eventCount: eventCount)
        for pattern in maker.holders() { begin(pattern) }
    }

    /// Appends the next event's canonical JSON; false if there is none left.
    package mutating func append(asLine: Bool, to events: inout SampledEvents) -> Bool {
        beginCases()
        guard let next = heap.pop() else {
            if let owed = yearly.finish(lastDay: days.upperBound) {
                truths += yearly.truths(owed)
                figures = tally?.finish(owed) ?? []
            }
            return false
        }
        var open = next.element
        open.writer.event(open.pattern.submissions[open.next].place).write(to: &events.bytes)
        if asLine { events.bytes.append(UInt8(ascii: "\n")) }
        events.ends.append(events.bytes.count)
        open.next += 1
        if open.next < open.pattern.submissions.count {
            heap.push(open, at: open.pattern.submissions[open.next].moment, next.number)
        }
        return true
    }

    /// What became known since it was last asked for.
    package mutating func takeTruths() -> [YearTruth] {
        defer { truths.removeAll(keepingCapacity: true) }
        return truths
    }

    /// What the indicators come to; empty until all events were made.
    package mutating func takeFigures() -> [YearFigure] {
        defer { figures.removeAll() }
        return figures
    }

    /// Entries about other entries that became known since they were last asked for.
    package mutating func takeMends() -> [YearMend] {
        defer { mends.removeAll(keepingCapacity: true) }
        return mends
    }

    // MARK: - Beginning cases

    /// All that may come before what is next.
    private mutating func beginCases() {
        let clock = composer.book.clock
        while day <= days.upperBound, heap.first.map({ clock.start(of: day) <= $0 }) ?? true {
            if composer.book.calendar.isWorkday(day) {
                workdaysBegun += 1
                let target = eventCount * workdaysBegun / workdays
                maker.open(day)
                while plannedCount < target {
                    for pattern in maker.next() { begin(pattern) }
                }
            }
            day += 1
        }
    }

    private mutating func begin(_ pattern: YearPattern) {
        let room = eventCount - plannedCount
        guard room > 0 else { return }
        let fitting =
            pattern.submissions.count <= room ? pattern : pattern.prefix(room, composer.judge)
        caseCount += 1
        let numbers = pattern.draft.procedures.map { procedure in
            self.numbers[procedure, default: 0] += 1
            return self.numbers[procedure] ?? 1
        }
        let writer = DraftWriter(
            composer.shared, pattern.draft, numbers: numbers,
            seed: Mixing.mixed(seed ^ UInt64(caseCount)), fixed: pattern.fixed)
        var absent = fitting.unrecorded
        if let mended = mender?.mend(fitting, writer, number: caseCount) {
            mends.append(mended.mend)
            truths += YearTruth.of(mended.pattern, writer)
            if let place = mended.mend.withdrawn(writer) { absent.insert(place) }
        } else {
            truths += YearTruth.of(fitting, writer)
        }
        tally?.take(writer, without: absent)
        yearly.take(fitting, composer.judge)
        plannedCount += fitting.submissions.count
        heap.push(
            OpenCase(pattern: fitting, writer: writer), at: fitting.submissions[0].moment,
            caseCount)
    }
}
