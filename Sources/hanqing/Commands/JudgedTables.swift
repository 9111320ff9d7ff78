import Exports
import LedgerHome
import Phrases
import Records
import Rules

/// What is exported of a ledger, and what its cases come to.
struct JudgedScope: Sendable {
    let scope: ExportScope
    let judgement: LedgerJudgement
    /// What figures are about, in days since 1970-01-01.
    let period: ClosedRange<Int>
}

extension LedgerGroup<ExportScope> {
    /// Judges the cases of each, with figures of a year, or else that of the moment.
    func judged(_ year: Int?, _ printer: Printer) async throws -> LedgerGroup<JudgedScope> {
        let line = JointProgress(
            printer.progress(Phrase(en: "judging the cases", zh: "正在逐案判断"), .records))
        return try await map { scope in
            let own = CivilDate(dayNumber: scope.source.clock.day(of: scope.source.asOf)).year
            let period = yearDays(year ?? own)
            return JudgedScope(
                scope: scope, judgement: try await scope.judgement(line, period: period),
                period: period)
        }
    }
}

/// The tables that come from judging the ledgers.
extension LedgerGroup<JudgedScope> {
    func rows(_ table: Table) async throws -> [[Cell]] {
        table == .indicators
            ? try await indicatorRows() : members.flatMap { $0.rows(table) }
    }

    /// Of each indicator a row for each ledger, and of several ledgers one for the sum.
    private func indicatorRows() async throws -> [[Cell]] {
        try await map { $0.judgement }.figures().flatMap { figure in
            let rows = figure.parts.map { part in
                let one = members[part.ledger]
                return TableRows(one.scope.source).row(part.figure, period: one.period)
            }
            guard !isOne, let sum = figure.sum else { return rows }
            let first = members[0]
            return rows + [
                TableRows(first.scope.source).row(
                    sum: sum, of: figure.parts.map(\.figure), period: first.period)
            ]
        }
    }
}

extension JudgedScope {
    fileprivate func rows(_ table: Table) -> [[Cell]] {
        let rows = TableRows(scope.source)
        return switch table {
        case .duties:
            judgement.standings.filter { scope.contains(judged: $0.stream) }
                .map { rows.row($0, isOfBureau: judgement.book.isOfBureau($0.duty)) }
        case .findings:
            judgement.findings.filter { scope.contains(judged: $0.stream) }.map { rows.row($0) }
        case .indicators, .events, .cases, .participants: []
        }
    }
}

/// The days of a year, since 1970-01-01.
func yearDays(_ year: Int) -> ClosedRange<Int> {
    let first = civilDay("\(year)-01-01") ?? 0
    return first...(civilDay("\(year)-12-31") ?? first)
}
