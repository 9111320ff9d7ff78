import ArgumentParser
import CanonicalJSON
import Catalogue
import LedgerHome
import Merkle
import Phrases
import Projections
import Questions
import Records

struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Answer one of the 51 questions from the records, as of any moment. 回答 51 个问题之一。",
        discussion: """
            Without a number it lists the questions with their parameters. An answer names
            the moment, the head of the ledger, the records behind it and what was left
            out. Exit code 0 is an answer, also if it lists faults. Several ledgers are
            asked together: repeat --ledger. 不带编号时列出全部问题及参数；答案载明时点、账
            本头、所据记录与脱敏级别。可重复 --ledger 合并多个账本。
            """)

    @Argument(help: "The question's number. 问题编号。")
    var number: Int?

    @Option(help: "The year that is asked about. 年度。")
    var year: Int?

    @Option(help: "So many years, the last of which is --year. 年数。")
    var years: Int?

    @Option(help: ArgumentHelp("A day. 日期。", valueName: "day"))
    var day: String?

    @Option(help: "A stream or a document number. 案件流或文号。")
    var `case`: String?

    @Option(help: "A person's identifier. 人员标识。")
    var person: String?

    @Option(help: "A unified social credit code. 统一社会信用代码。")
    var enterprise: String?

    @Option(help: "A record's number. 记录序号。")
    var record: UInt64?

    @Option(help: "The register number of a report. 举报编号。")
    var code: String?

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let day, civilDay(day) == nil {
            throw ValidationError("--day \(day): a day such as 2025-06-30")
        }
        for (name, value, range) in [("year", year, 1900...9999), ("years", years, 1...100)] {
            if let value, !range.contains(value) {
                throw ValidationError(
                    "--\(name) \(value): between \(range.lowerBound) and \(range.upperBound)")
            }
        }
        guard let number else { return }
        guard let question = Question.all.first(where: { $0.number == number }) else {
            throw ValidationError("\(number): hanqing ask lists the questions")
        }
        if let refusal = question.refusal(of: given) {
            throw ValidationError(refusal[common.language()])
        }
    }

    private var given: GivenArguments {
        var given = GivenArguments()
        (given.year, given.years, given.day) = (year, years, day.flatMap(civilDay))
        (given.case, given.person, given.enterprise) = (self.case, person, enterprise)
        (given.record, given.code) = (record, code)
        return given
    }

    func run() async throws {
        guard let question = Question.all.first(where: { $0.number == number }) else {
            list(common.printer())
            return
        }
        try await ledgers.withPasts(asOf, common) { asked, printer in
            let answered = try await question.ask(asked.pasts, given)
            common.json
                ? printer.print(answered.json)
                : AnswerPage(printer, mark: asked.mark).show(answered)
        }
    }

    private func list(_ printer: Printer) {
        let language = printer.language
        for question in Question.all {
            if common.json {
                printer.print(question.json)
                continue
            }
            let asker = printer.coloured("[\(question.asker.title[language])]", .grey)
            printer.print("\(question.number)  \(asker) \(question.text[language])")
            for parameter in question.parameters {
                let option = "--\(parameter.kind.rawValue) \(parameter.kind.placeholder)"
                let words = "\(parameter.title[language]), \(parameter.fallback.title[language])"
                printer.print(printer.coloured("      \(option)  \(words)", .grey))
            }
        }
        printer.flush()
    }
}
