import ArgumentParser
import CanonicalJSON
import Catalogue
import Foundation
import LedgerHome
import Phrases
import Records
import Rules

struct IndicatorsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicators",
        abstract: "Compute the figures that the plan demands. 计算规划要求的指标。",
        discussion: """
            Each figure has numerator, denominator and, with --json, the records behind both.
            Without a period: the current year. 每项指标给出分子、分母；--json 时列出各自的记录序号。
            """)

    @Argument(help: "Only this indicator, such as I.legality.decision. 只看该指标。")
    var id: String?

    @Option(help: ArgumentHelp("First day of the period. 起始日。", valueName: "day"))
    var from: String?

    @Option(help: ArgumentHelp("Last day of the period. 截止日。", valueName: "day"))
    var to: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        for (name, text) in [("--from", from), ("--to", to)] {
            if let text, civilDay(text) == nil {
                throw ValidationError("\(name) \(text): a day such as 2025-01-01")
            }
        }
        let period = try period()
        if period.first > period.last { throw ValidationError("--from is after --to") }
    }

    private func period() throws -> (first: Int, last: Int) {
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        let last = to.flatMap(civilDay) ?? civilDay("\(from?.prefix(4) ?? "\(year)")-12-31") ?? 0
        let first = from.flatMap(civilDay) ?? civilDay("\(CivilDate(dayNumber: last).year)-01-01")
        return (first ?? 0, last)
    }

    func run() async throws {
        let (first, last) = try period()
        try await ledger.withJudgement(asOf, period: first...last, common) { judgement, printer in
            let figures = judgement.figures.filter { id == nil || $0.indicator.id == id }
            guard !figures.isEmpty else {
                throw LedgerError(
                    en: "the catalogue in force has no indicator \(id ?? "at all")",
                    zh: id.map { "现行目录没有指标 \($0)" } ?? "现行目录没有指标")
            }
            if common.json {
                for figure in figures { printer.print(json(figure, first, last)) }
                return
            }
            show(figures, first, last, printer)
        }
    }

    private func show(
        _ figures: [IndicatorFigure], _ first: Int, _ last: Int, _ printer: Printer
    ) {
        printer.print(
            Phrase(
                en: "\(dayText(first)) to \(dayText(last))",
                zh: "\(dayText(first)) 至 \(dayText(last))"))
        printer.table(
            figures.map { figure in
                let over = figure.denominator.map { " / \($0)" } ?? ""
                let percent = figure.percent.map { String(format: "%.1f %%", $0) } ?? "—"
                return [
                    figure.indicator.id, figure.indicator.title[printer.language],
                    "\(figure.numerator)\(over)", figure.denominator == nil ? "" : percent,
                    target(figure.indicator), reached(figure, printer),
                    figure.unknown.isEmpty
                        ? ""
                        : printer.text(
                            en: "\(figure.unknown.count) not known",
                            zh: "\(figure.unknown.count) 条无法判断"),
                ]
            })
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

    private func json(_ figure: IndicatorFigure, _ first: Int, _ last: Int) -> JSONValue {
        func numbers(_ sequence: [UInt64]) -> JSONValue {
            .array(sequence.map { .integer(Int64($0)) })
        }
        return [
            "id": .string(figure.indicator.id), "title": phraseJSON(figure.indicator.title),
            "from": .string(dayText(first)), "to": .string(dayText(last)),
            "numerator": .integer(figure.numerator),
            "denominator": figure.denominator.map { .integer($0) } ?? .null,
            "percent": figure.percent.map { .number($0) } ?? .null,
            "reached": figure.isReached.map { .bool($0) } ?? .null,
            "met": numbers(figure.met), "all": numbers(figure.all),
            "unknown": numbers(figure.unknown),
        ]
    }
}
