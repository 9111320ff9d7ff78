package import CanonicalJSON
import Catalogue
import Records
package import Rules

/// What the indicators of a generated year must come to: computed from the cases as they were
/// planned, before anything is recorded.
package struct YearFigures {
    private let judge: DraftJudge
    /// One for each year.
    private var folds: [(year: Int, fold: IndicatorFold)]

    init(_ judge: DraftJudge, days: ClosedRange<Int>) {
        self.judge = judge
        let years =
            CivilDate(dayNumber: days.lowerBound)
            .year...CivilDate(
                dayNumber: days.upperBound
            ).year
        folds = years.compactMap { year in
            guard let first = CivilDate(year: year, month: 1, day: 1)?.dayNumber,
                let next = CivilDate(year: year + 1, month: 1, day: 1)?.dayNumber
            else { return nil }
            return (year, IndicatorFold(judge.book, period: first...next - 1))
        }
    }

    /// Takes a case; entries at the places `absent` are not there.
    mutating func take(_ writer: DraftWriter, without absent: Set<Int>) {
        for history in judge.histories(as: writer, without: absent) {
            let standings = history.standings(judge.book, now: CasePlanner.never)
            for place in folds.indices { folds[place].fold.take(history, standings: standings) }
        }
    }

    /// Takes what the calendar owes; gives the figures, each year's apart.
    mutating func finish(_ yearly: [DutyStanding]) -> [YearFigure] {
        let book = judge.book
        let late = Set(
            book.catalogue.indicators.filter { $0.measure == .lateEntries }.map(\.id))
        var figures: [YearFigure] = []
        for place in folds.indices {
            folds[place].fold.take(yearly)
            for figure in folds[place].fold.figures() {
                if late.contains(figure.indicator.id) { continue }
                if case .total(let ids) = figure.indicator.measure, !late.isDisjoint(with: ids) {
                    continue
                }
                figures.append(YearFigure(year: folds[place].year, figure: figure))
            }
        }
        return figures
    }
}

/// An indicator of a generated year, as of any moment after it.
package struct YearFigure: Sendable {
    package let year: Int
    package let figure: IndicatorFigure

    package var json: JSONValue {
        [
            "kind": "indicator", "indicator": .string(figure.indicator.id),
            "year": .integer(Int64(year)), "numerator": .integer(figure.numerator),
            "denominator": figure.denominator.map { .integer($0) } ?? .null,
            "unknown": .integer(Int64(figure.unknown.count)),
        ]
    }
}
