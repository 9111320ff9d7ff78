import Catalogue
import Records
import Rules

/// What of a generated year is owed by the calendar, and was not done.
struct YearlyTally {
    private let book: RuleBook
    private var duties: YearlyDuties
    /// Types that have to do with it.
    let types: Set<String>
    private var isFinished = false

    /// So many years after the last one are told of.
    private static let yearsAfter = 3

    init(_ book: RuleBook) {
        self.book = book
        duties = YearlyDuties(book)
        let catalogue = book.catalogue
        let owed = catalogue.procedures.flatMap { $0.duties + $0.disclosures.map(\.duty) }
        let starting = catalogue.eventTypes.filter { $0.startsYearly != nil }.map(\.name)
        types = Set(starting + owed.filter { $0.from == nil }.flatMap(\.to))
    }

    mutating func take(_ pattern: YearPattern, _ judge: DraftJudge) {
        guard pattern.draft.events.contains(where: { types.contains($0.type.name) }) else {
            return
        }
        for history in judge.histories(of: pattern.draft, without: pattern.unrecorded) {
            duties.take(history)
        }
    }

    /// How all of it stands, once, when all cases were taken; nil when asked again.
    mutating func finish(lastDay: Int) -> [DutyStanding]? {
        guard !isFinished else { return nil }
        isFinished = true
        let later = CivilDate(dayNumber: lastDay).adding(months: 12 * YearlyTally.yearsAfter)
        let now = book.clock.start(of: later.dayNumber + 1)
        return duties.standings(now: now)
    }

    /// What of it must be found.
    func truths(_ standings: [DutyStanding]) -> [YearTruth] {
        standings.filter { $0.isBreach && book.isOfBureau($0.duty) }.map { standing in
            let year = standing.id.drop { $0 != "@" }.dropFirst()
            let isOverdue = standing.state == .overdue
            return YearTruth(
                kind: .finding, rules: [standing.duty.id], event: String(year),
                stream: standing.stream,
                lastDay: isOverdue
                    ? standing.dueDay.map { CivilDate(dayNumber: $0).text } : nil,
                isAsserted: false)
        }
    }
}
