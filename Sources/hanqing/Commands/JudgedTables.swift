import Exports
import LedgerHome
import Phrases
import Records
import Rules

/// The tables that come from judging the ledger.
struct JudgedTables {
    private let scope: ExportScope
    private let judgement: LedgerJudgement
    private let period: ClosedRange<Int>

    init(_ scope: ExportScope, _ year: Int?, _ printer: Printer) async throws {
        let source = scope.source
        let own = CivilDate(dayNumber: source.clock.day(of: source.asOf)).year
        period = yearDays(year ?? own)
        (self.scope, judgement) = (scope, try await scope.judgement(printer, period: period))
    }

    func rows(_ table: Table) -> [[Cell]] {
        let rows = TableRows(scope.source)
        return switch table {
        case .duties:
            judgement.standings.filter { scope.contains(judged: $0.stream) }
                .map { rows.row($0, isOfBureau: judgement.book.isOfBureau($0.duty)) }
        case .findings:
            judgement.findings.filter { scope.contains(judged: $0.stream) }.map { rows.row($0) }
        case .indicators: judgement.figures.map { rows.row($0, period: period) }
        case .events, .cases, .participants: []
        }
    }
}

/// The days of a year, since 1970-01-01.
func yearDays(_ year: Int) -> ClosedRange<Int> {
    let first = civilDay("\(year)-01-01") ?? 0
    return first...(civilDay("\(year)-12-31") ?? first)
}
