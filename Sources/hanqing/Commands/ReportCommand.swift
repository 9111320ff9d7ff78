import ArgumentParser
import CanonicalJSON
import DurableFiles
import Exports
import Foundation
import LedgerHome
import Phrases
import Rules

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write linked pages that open without a server. 生成无需服务器的监督报告网页。",
        discussion: """
            Overview with charts, duties, findings, cases by procedure and indicators, in a
            new folder: open its index.html. --cases adds the report of every case. Of
            several ledgers (repeat --ledger) each has a folder in it, under one overview.
            在新目录中生成总览、职责、问题、案件与指标页面，打开 index.html 即可；--cases
            另附每个案件的报告。可重复 --ledger：各账本一个子目录，另有合计总览。
            """)

    @Argument(help: "The new folder. 新目录。")
    var folder: String

    @Option(help: "The year that figures are about; otherwise that of the moment. 年度。")
    var year: Int?

    @Flag(help: "Also a page for each case. 另附每个案件的页面。")
    var cases = false

    @OptionGroup var asOf: AsOfOption
    @OptionGroup var ledgers: LedgersOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let year, !(1900...9998).contains(year) {
            throw ValidationError("--year \(year): a year such as 2025")
        }
    }

    func run() async throws {
        try await ledgers.withLedgers(common) { ledgers, printer in
            let moment = try asOf.moment(ledgers)
            let language = printer.language
            let scopes = try await ledgers.map { ledger in
                try await ExportScope(ledger, asOf: moment, language)
            }
            let judged = try await scopes.judged(year, printer)
            do {
                let pages =
                    judged.isOne
                    ? try await write(judged.members[0], to: folder, printer).pageCount
                    : try await writeAll(judged, printer)
                tell(pages, printer)
            } catch let error as ExportError {
                throw LedgerError([error.phrase])
            }
        }
    }

    /// The pages of one ledger.
    private func write(
        _ judged: JudgedScope, to folder: String, _ printer: Printer
    ) async throws -> SiteExport {
        let site = try SiteExport(
            folder, judged.scope.source, SiteJudgement(judged), casePages: cases)
        let line = JointProgress(
            printer.progress(Phrase(en: "writing pages", zh: "正在生成页面"), .records))
        try await judged.scope.forEachCase(line) { try site.take($0, 0) }
        try site.end(0)
        return site
    }

    /// A folder of pages for each, and a page over them; there when it is whole.
    private func writeAll(
        _ judged: LedgerGroup<JudgedScope>, _ printer: Printer
    ) async throws -> Int {
        let draft = folder + ".new"
        for path in [folder, draft] where DurableFile.exists(path) {
            throw ExportError.isThere(path)
        }
        do {
            var parts: [JointOverview.Part] = []
            for (place, one) in judged.members.enumerated() {
                let own = ReportCommand.folder(judged.names[place], place)
                let site = try await write(one, to: "\(draft)/\(own)", printer)
                parts.append(
                    JointOverview.Part(
                        name: judged.names[place], folder: own, one.scope.source, site,
                        SiteJudgement(one)))
            }
            let figures = try await judged.map { $0.judgement }.figures()
            try JointOverview(parts, figures).write(to: draft + "/index.html")
            try moved(draft, to: folder)
            return parts.reduce(1) { $0 + $1.pageCount }
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw error
        }
    }

    private func moved(_ draft: String, to folder: String) throws {
        do throws(FileError) {
            try DurableFile.move(draft, to: folder)
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// The name of a ledger as a folder's: what a name may hold that a folder's may not is a dash.
    static func folder(_ name: String, _ place: Int) -> String {
        let safe = name.map { $0.isLetter || $0.isNumber || "._-".contains($0) ? $0 : "-" }
        return "\(place + 1)-\(String(safe))"
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

extension SiteJudgement {
    init(_ judged: JudgedScope) {
        let judgement = judged.judgement
        self.init(
            findings: judgement.findings.filter { judged.scope.contains(judged: $0.stream) },
            standings: judgement.standings.filter { judged.scope.contains(judged: $0.stream) },
            figures: judgement.figures, period: judged.period,
            isOfBureau: { judgement.book.isOfBureau($0) })
    }
}
