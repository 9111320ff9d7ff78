import ArgumentParser
import Catalogue
import LedgerHome
import Rules
import Sampling

struct CatalogueTraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Print what serves each demand of the plan. 打印规划各项要求与目录的对应表（Markdown）。")

    @OptionGroup var source: CatalogueCommand.Source
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let printer = common.printer(for: try? source.ledger.folder)
        try await answering(printer) {
            let catalogue = try await source.load(common)
            let exercises = Exercises(CaseComposer(try Ledger.ruleBook(catalogue)))
            let text = Traceability(catalogue, exercised: exercises.exercised).text
            printer.print(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
    }
}
