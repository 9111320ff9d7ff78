import Catalogue
import DurableFiles
import Foundation
import Phrases
import Records
import Rules

/// Linked pages that need no server: Specs/exports.md section 9.
package final class SiteExport: CaseExport {
    private let folder: String
    private let draft: String
    private let source: ExportSource
    private let judgement: SiteJudgement
    private let hasCasePages: Bool
    private let pages: [(title: String, file: String)]
    private let tables: ReportTables
    private let findingsOf: [String: [Finding]]
    private let standingsOf: [String: [DutyStanding]]
    private var figures: SiteFigures
    private var lists: CaseListPages
    private var isFinished = false
    package private(set) var pageCount = 0
    package var caseCount: Int { figures.caseCount }
    package var entryCount: Int { figures.entryCount }

    /// `folder` must not exist yet; nothing of that name is there before ``end(_:)``.
    package init(
        _ folder: String, _ source: ExportSource, _ judgement: SiteJudgement, casePages: Bool
    ) throws(ExportError) {
        (self.folder, draft) = (folder, folder + ".new")
        (self.source, self.judgement, hasCasePages) = (source, judgement, casePages)
        for path in [folder, draft] where DurableFile.exists(path) {
            throw ExportError.isThere(path)
        }
        pages = SiteExport.pages(ReportWords(source))
        var tables = ReportTables(source)
        if casePages { tables.link = { "case/\($0).html" } }
        self.tables = tables
        figures = SiteFigures(source, period: judgement.period)
        findingsOf = Dictionary(grouping: judgement.findings, by: \.stream)
        standingsOf =
            casePages ? Dictionary(grouping: judgement.standings, by: \.stream) : [:]
        lists = CaseListPages(
            source, pages: pages, tables: tables,
            findingCounts: findingsOf.mapValues { $0.count { $0.kind != .lateEntry } })
    }

    /// Of a report that failed nothing is left.
    deinit {
        if pageCount > 0, !isFinished { try? FileManager.default.removeItem(atPath: draft) }
    }

    private static func pages(_ words: ReportWords) -> [(title: String, file: String)] {
        [
            (words("Overview", "总览"), "index.html"), (words("Duties", "职责与期限"), "duties.html"),
            (words("Findings", "发现的问题"), "findings.html"), (words("Cases", "案件"), "cases.html"),
            (words("Indicators", "指标"), "indicators.html"),
        ]
    }

    package func take(_ file: ExportedCase, _ pass: Int) throws(ExportError) {
        figures.take(file)
        try lists.take(file, write)
        guard hasCasePages else { return }
        let report = CaseReport(
            file, source, findings: findingsOf[file.stream] ?? [],
            standings: standingsOf[file.stream] ?? [], isOfBureau: judgement.isOfBureau)
        try write(
            "case/\(file.stream).html",
            report.bytes(
                pages: pages.map {
                    ($0.title, "../../" + $0.file)
                }))
    }

    package func end(_ pass: Int) throws(ExportError) {
        try lists.finish(write)
        let overview = SiteOverview(source, judgement, figures)
        try write("index.html", page(0, overview.title, overview.subtitle, overview.body))
        try write("cases.html", page(3, words("Cases", "案件"), "", overview.procedures))
        try write("indicators.html", page(4, words("Indicators", "指标"), period, overview.figures))
        try writeDuties()
        try writeFindings()
        do throws(FileError) {
            try DurableFile.move(draft, to: folder)
        } catch {
            throw ExportError(error.phrase)
        }
        isFinished = true
    }

    private var words: ReportWords { ReportWords(source) }

    private var period: Markup {
        let (first, last) = (judgement.period.lowerBound, judgement.period.upperBound)
        return "\(words.day(first)) — \(words.day(last))"
    }

    private func page(
        _ place: Int, _ title: String, _ subtitle: Markup, _ body: Markup
    ) -> [UInt8] {
        ReportPage(
            sources: [source], title: title, subtitle: subtitle, pages: pages,
            file: pages[place].file, body: body
        ).bytes
    }

    private func writeDuties() throws(ExportError) {
        func body(_ en: String, _ zh: String, _ states: Set<DutyStanding.State>) -> Markup {
            let chosen = judgement.standings.filter {
                states.contains($0.state) && judgement.isOfBureau($0.duty)
            }.sorted { ($0.dueDay ?? .max, $0.id) < ($1.dueDay ?? .max, $1.id) }
            let table = tables.duties(chosen, isOfBureau: judgement.isOfBureau, showsCase: true)
            return "<h2>\(words(en, zh)) (\(chosen.count))</h2>\n\(table)"
        }
        let parts =
            body("Overdue", "逾期未办", [.overdue]) + body("Running", "进行中", [.running, .paused])
            + body("Too late or too early", "逾期办理或过早", [.late, .early])
        try write(
            "duties.html",
            page(
                1, words("Duties", "职责与期限"),
                "\(words("Duties of the bureau; met ones are counted alone.", "本机关的职责；按期办结的只计数。"))",
                parts))
    }

    private func writeFindings() throws(ExportError) {
        // Many entries that were late are counted, not listed: they would hide the others.
        let shown = judgement.findings.filter { $0.kind != .lateEntry }
        let late = judgement.findings.count - shown.count
        let subtitle = words(
            "\(shown.count) findings, and \(late) late entries", "\(shown.count) 项，另有迟录 \(late) 条")
        try write(
            "findings.html",
            page(
                2, words("Findings", "发现的问题"), "\(subtitle)",
                tables.findings(shown, showsCase: true)))
    }

    private func write(_ name: String, _ bytes: [UInt8]) throws(ExportError) {
        do throws(FileError) {
            try DurableFile.write(bytes, to: draft + "/" + name)
        } catch {
            throw ExportError(error.phrase)
        }
        pageCount += 1
    }
}
