import ArgumentParser
import CanonicalJSON
import Catalogue
import Digests
import Foundation
import LedgerHome
import Phrases
import Projections
import Records
import Rules

struct IndicatorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicators",
        abstract: "Compute the figures that the plan demands. 计算规划要求的指标。",
        discussion: """
            Each figure has numerator, denominator and, with --json, the records behind
            both. Without a period: the current year. Of several ledgers (repeat --ledger)
            numerators and denominators are added up; each ledger's own stand beside.
            每项指标给出分子、分母；--json 时列出各自的记录序号。可重复 --ledger 合并多个账
            本：分子、分母相加。
            """)

    @Argument(help: "Only this indicator, such as I.legality.decision. 只看该指标。")
    var id: String?

    @Option(help: ArgumentHelp("First day of the period. 起始日。", valueName: "day"))
    var from: String?

    @Option(help: ArgumentHelp("Last day of the period. 截止日。", valueName: "day"))
    var to: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        for (name, text) in [("--from", from), ("--to", to)] {
            if let text, civilDay(text) == nil {
                throw ValidationError("\(name) \(text): a day such as 2025-01-01")
            }
        }
        guard period != nil else { throw ValidationError("--from is after --to") }
    }

    private var period: ClosedRange<Int>? {
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        return indicatorPeriod(from: from, to: to, thisYear: year)
    }

    func run() async throws {
        guard let period else { return }
        let withRecords = common.json
        let ids = id.map { Set([$0]) }
        try await ledgers.withPasts(asOf, common) { asked, printer in
            let computed = try await asked.map { one in
                (
                    figures: withRecords
                        ? try await one.past.figures(period, of: ids)
                        : try await one.past.sums(period, of: ids).map { IndicatorFigure($0) },
                    definitions: one.past.shelf.newest.catalogue.definitions()
                )
            }
            let figures = JointFigure.all(computed.members)
            guard !figures.isEmpty else {
                throw LedgerError(
                    en: "the catalogue in force has no indicator \(id ?? "at all")",
                    zh: id.map { "现行目录没有指标 \($0)" } ?? "现行目录没有指标")
            }
            if common.json {
                for figure in figures {
                    printer.print(figure.json(over: period, of: asked.origins))
                }
            } else {
                show(figures, asked, period, printer)
            }
            printer.heads(try await asked.map { try await AnswerHead($0.past) }.members)
        }
    }

    private func show(
        _ figures: [JointFigure], _ asked: LedgerGroup<AskedLedger>,
        _ period: ClosedRange<Int>, _ printer: Printer
    ) {
        let (first, last) = (period.lowerBound, period.upperBound)
        printer.print(
            Phrase(
                en: "\(dayText(first)) to \(dayText(last))",
                zh: "\(dayText(first)) 至 \(dayText(last))"))
        printer.table(
            figures.flatMap { figure in
                let title = figure.indicator.title[printer.language]
                let sum = figure.sum.map { cells($0, printer) + unknown(figure.parts, printer) }
                let whole = [figure.indicator.id, title] + (sum ?? [differs(printer)])
                guard !asked.isOne else { return [whole] }
                // Beside the sum, each ledger's own.
                let parts = figure.parts.map { part in
                    let name = asked.mark(part.ledger).joined()
                    return ["", "  " + printer.coloured(name, .grey)]
                        + cells(part.figure, printer) + unknown([part], printer)
                }
                return [whole] + parts
            })
    }

    /// Why there is no sum.
    private func differs(_ printer: Printer) -> String {
        printer.coloured(
            printer.text(
                en: "not added up: the catalogues define it differently",
                zh: "各账本目录的定义不同，不予合计"), .yellow)
    }

    private func unknown(_ parts: [JointFigure.Part], _ printer: Printer) -> [String] {
        let count = parts.reduce(0) { $0 + $1.figure.unknownCount }
        return count == 0
            ? [] : [printer.text(en: "\(count) not known", zh: "\(count) 条无法判断")]
    }

    private func cells(_ figure: IndicatorFigure, _ printer: Printer) -> [String] {
        let over = figure.denominator.map { " / \($0)" } ?? ""
        let percent = figure.percent.map { String(format: "%.1f %%", $0) } ?? "—"
        return [
            "\(figure.numerator)\(over)", figure.denominator == nil ? "" : percent,
            target(figure.indicator), reached(figure, printer),
        ]
    }

    private func target(_ indicator: Indicator) -> String {
        let unit: String
        if case .count = indicator.measure { unit = "" } else { unit = " %" }
        return switch indicator.target {
        case .atLeast(let least)?: "≥ \(least)\(unit)"
        case .atMost(let most)?: "≤ \(most)\(unit)"
        case nil: ""
        }
    }

    private func reached(_ figure: IndicatorFigure, _ printer: Printer) -> String {
        switch figure.isReached {
        case true?: printer.coloured(printer.text(en: "reached", zh: "达标"), .green)
        case false?: printer.coloured(printer.text(en: "not reached", zh: "未达标"), .red)
        case nil: ""
        }
    }
}

extension LedgerGroup<LedgerJudgement> {
    /// The indicators of all, added up where their definitions are the same.
    func figures() async throws -> [JointFigure] {
        let figures = try await map { one in
            (
                figures: one.figures, definitions: one.book.catalogue.definitions()
            )
        }
        return JointFigure.all(figures.members)
    }
}
