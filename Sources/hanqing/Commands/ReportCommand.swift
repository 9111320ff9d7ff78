import ArgumentParser
import CanonicalJSON
import Exports
import LedgerHome
import Phrases
import Records
import Rules

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write linked pages that open without a server. 生成无需服务器的监督报告网页。",
        discussion: """
            Overview with charts, duties, findings, cases by procedure and indicators, in a new
            folder: open its index.html. --cases adds the report of every case.
            在新目录中生成总览、职责、问题、案件与指标页面，打开 index.html 即可；--cases 另附每个案件的报告。
            """)

    @Argument(help: "The new folder. 新目录。")
    var folder: String

    @Option(help: "The year that figures are about; otherwise that of the moment. 年度。")
    var year: Int?

    @Flag(help: "Also a page for each case. 另附每个案件的页面。")
    var cases = false

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledger: LedgerOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let year, !(1900...9998).contains(year) {
            throw ValidationError("--year \(year): a year such as 2025")
        }
    }

    func run() async throws {
        try await ledger.withLedger(.read, common) { ledger, printer in
            let moment = try asOf.moment()
            let source = try await ledger.exportSource(asOf: moment, printer.language)
            let scope = ExportScope(
                ledger: ledger, source: source, moment: moment, procedure: nil, stream: nil,
                effect: try ledger.cataloguesByRecord())
            do {
                let pages = try await write(scope, printer)
                tell(pages, printer)
            } catch let error as ExportError {
                throw LedgerError([error.phrase])
            }
        }
    }

    private func write(_ scope: ExportScope, _ printer: Printer) async throws -> Int {
        let source = scope.source
        let own = CivilDate(dayNumber: source.clock.day(of: source.asOf)).year
        let period = yearDays(year ?? own)
        let judgement = try await scope.judgement(printer, period: period)
        let site = try SiteExport(
            folder, source,
            SiteJudgement(
                findings: judgement.findings, standings: judgement.standings,
                figures: judgement.figures, period: period,
                isOfBureau: { judgement.book.isOfBureau($0) }), casePages: cases)
        try await scope.forEachCase(
            printer, Phrase(en: "writing pages", zh: "正在生成页面")
        ) { try site.take($0, 0) }
        try site.end(0)
        return site.pageCount
    }

    private func tell(_ pages: Int, _ printer: Printer) {
        if common.json {
            printer.print(["folder": .string(folder), "pages": .integer(Int64(pages))])
            return
        }
        printer.print(
            Phrase(
                en: "\(grouped(pages)) pages: open \(folder)/index.html",
                zh: "共 \(grouped(pages)) 页：请打开 \(folder)/index.html"))
    }
}
