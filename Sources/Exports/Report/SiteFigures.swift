package import Catalogue
import Phrases
import Projections
import Records
package import Rules

/// What judging the ledger gave, for a report.
package struct SiteJudgement {
    let findings: [Finding]
    let standings: [DutyStanding]
    let figures: [IndicatorFigure]
    let period: ClosedRange<Int>
    let isOfBureau: (Duty) -> Bool

    /// `period` is what the figures are about, in days since 1970-01-01.
    package init(
        findings: [Finding], standings: [DutyStanding], figures: [IndicatorFigure],
        period: ClosedRange<Int>, isOfBureau: @escaping (Duty) -> Bool
    ) {
        (self.findings, self.standings, self.figures) = (findings, standings, figures)
        (self.period, self.isOfBureau) = (period, isOfBureau)
    }
}

/// What a report counts while the cases go by.
struct SiteFigures {
    struct OfProcedure {
        var title: Phrase
        var open = 0
        var ended = 0
    }

    private(set) var procedures: [String: OfProcedure] = [:]
    /// Events of each month of the period, from the first.
    private(set) var months = [Int](repeating: 0, count: 12)
    private(set) var caseCount = 0
    private(set) var entryCount = 0
    private(set) var correctedCount = 0
    private(set) var withdrawnCount = 0
    private let year: Int
    private let source: ExportSource

    init(_ source: ExportSource, period: ClosedRange<Int>) {
        (self.source, year) = (source, CivilDate(dayNumber: period.lowerBound).year)
    }

    mutating func take(_ file: ExportedCase) {
        caseCount += 1
        entryCount += file.entries.count
        correctedCount += file.entries.count { $0.fate == .corrected }
        withdrawnCount += file.entries.count { $0.fate == .withdrawn }
        var own = procedures[file.procedure] ?? OfProcedure(title: file.procedureTitle)
        if file.hasEnded { own.ended += 1 } else { own.open += 1 }
        procedures[file.procedure] = own
        for entry in file.standing {
            let date = CivilDate(dayNumber: source.clock.day(of: entry.moment))
            if date.year == year { months[date.month - 1] += 1 }
        }
    }
}
