import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Records
package import Rules

/// Makes the rows of tables.
package struct TableRows: Sendable {
    private let source: ExportSource

    package init(_ source: ExportSource) { self.source = source }

    /// Those of one case; none of what judging gives.
    package func rows(of file: ExportedCase, in table: Table) -> [[Cell]] {
        switch table {
        case .events: file.entries.map { event($0, file) }
        case .cases: file.entries.isEmpty ? [] : [row(file)]
        case .participants: file.entries.flatMap { participants($0, file) }
        case .duties, .findings, .indicators: []
        }
    }

    /// The first cell of every row: numbers and names are unique in a ledger only.
    private var ledger: Cell { Cell(source.origin) }

    private func event(_ entry: ExportedEntry, _ file: ExportedCase) -> [Cell] {
        [
            ledger, Cell(entry.sequence), Cell(file.stream), Cell(entry.revision), Cell(entry.type),
            Cell(entry.title[source.language]), Cell(entry.moment.text), Cell(entry.isDayOnly),
            Cell(entry.recorded.text), Cell(entry.isAsserted), Cell(entry.operatorPerson),
            Cell(entry.operatorUnit), Cell(entry.operatorPost), Cell(entry.fate?.rawValue),
            Cell(entry.fateBy), Cell(entry.mends),
            entry.isWithheld ? .empty : Cell(entry.data.canonicalText),
        ]
    }

    private func row(_ file: ExportedCase) -> [Cell] {
        let standing = file.standing
        return [
            ledger, Cell(file.stream), Cell(file.procedure),
            Cell(file.procedureTitle[source.language]),
            Cell(file.title), Cell(file.aliases.joined(separator: "\n")), Cell(file.stage?.id),
            Cell(file.stage?.title[source.language]), Cell(file.hasEnded),
            Cell(file.parties.map(\.name).joined(separator: "\n")),
            Cell(file.parties.compactMap(\.code).joined(separator: "\n")),
            .integer(Int64(file.entries.count)), Cell(file.entries.first?.sequence),
            Cell(file.entries.last?.sequence), Cell(standing.first?.moment.text),
            Cell(standing.last?.moment.text),
        ]
    }

    private func participants(_ entry: ExportedEntry, _ file: ExportedCase) -> [[Cell]] {
        entry.participants.map { person in
            let title = source.catalogue.role(person.role)?.title[source.language]
            return [
                ledger, Cell(entry.sequence), Cell(file.stream), Cell(entry.type),
                Cell(entry.moment.text), Cell(person.person), Cell(person.role), Cell(title),
                Cell(person.unit), Cell(person.post), Cell(person.opinion), Cell(person.order),
                Cell(person.evidence), Cell(person.attachment),
            ]
        }
    }

    // MARK: - What judging gives

    package func row(_ standing: DutyStanding, isOfBureau: Bool) -> [Cell] {
        let due = standing.dueMoment?.text ?? standing.dueDay.map(day)
        return [
            ledger, Cell(standing.id), Cell(standing.duty.id), Cell(standing.stream),
            Cell(standing.state.rawValue), Cell(isOfBureau), Cell(standing.start),
            Cell(day(standing.startDay)), Cell(due), Cell(standing.end),
            Cell(standing.endDay.map(day)), Cell(standing.isProvisional),
            Cell(standing.duty.to.joined(separator: "\n")), Cell(basis(standing.duty.basis)),
        ]
    }

    package func row(_ finding: Finding) -> [Cell] {
        [
            ledger, Cell(finding.id), Cell(finding.kind.rawValue), Cell(finding.rule),
            Cell(finding.level.rawValue), Cell(finding.stream), Cell(finding.entry),
            Cell(day(finding.day)), Cell(finding.state.rawValue), Cell(finding.stateBy),
            Cell(finding.isAsserted), Cell(finding.isProvisional),
            Cell(finding.what[source.language]), Cell(basis(finding.basis)),
        ]
    }

    /// `period` is in days since 1970-01-01.
    package func row(_ figure: IndicatorFigure, period: ClosedRange<Int>) -> [Cell] {
        row(figure, period, of: ledger, unknownCount: figure.unknown.count)
    }

    /// Of several ledgers: what the indicator comes to in all, of no ledger in particular.
    package func row(
        sum: IndicatorFigure, of parts: [IndicatorFigure], period: ClosedRange<Int>
    ) -> [Cell] {
        let unknownCount = parts.reduce(0) { $0 + $1.unknown.count }
        return row(sum, period, of: .empty, unknownCount: unknownCount)
    }

    private func row(
        _ figure: IndicatorFigure, _ period: ClosedRange<Int>, of ledger: Cell, unknownCount: Int
    ) -> [Cell] {
        [
            ledger, Cell(figure.indicator.id), Cell(figure.indicator.title[source.language]),
            Cell(day(period.lowerBound)), Cell(day(period.upperBound)),
            .integer(figure.numerator), Cell(figure.denominator),
            figure.percent.map { .number($0) } ?? .empty,
            figure.isReached.map { Cell($0) } ?? .empty, .integer(Int64(unknownCount)),
        ]
    }

    private func day(_ number: Int) -> String { CivilDate(dayNumber: number).text }

    private func basis(_ clauses: [Clause]) -> String {
        clauses.map { $0.words(source.catalogue, source.language) }.joined(separator: "\n")
    }
}
