import Catalogue
import Phrases

/// The lists of cases, a page for so many of each procedure.
///
/// Of each procedure only the page that is being filled is in memory.
struct CaseListPages {
    private struct Open {
        var rows: [[Markup]] = []
        var pageCount = 0
        var title: Phrase
    }

    private let source: ExportSource
    private let words: ReportWords
    private let pages: [(title: String, file: String)]
    private let tables: ReportTables
    private let findingCounts: [String: Int]
    private var open: [String: Open] = [:]

    private static let rowsOnPage = 500

    init(
        _ source: ExportSource, pages: [(title: String, file: String)], tables: ReportTables,
        findingCounts: [String: Int]
    ) {
        (self.source, self.pages, self.tables) = (source, pages, tables)
        (self.findingCounts, words) = (findingCounts, ReportWords(source))
    }

    /// The name of a page, from 1.
    static func file(_ procedure: String, _ number: Int) -> String {
        number == 1 ? "cases-\(procedure).html" : "cases-\(procedure)-\(number).html"
    }

    mutating func take(
        _ file: ExportedCase, _ write: (String, [UInt8]) throws(ExportError) -> Void
    ) throws(ExportError) {
        var own = open[file.procedure] ?? Open(title: file.procedureTitle)
        // The page before is written when it is known that another follows it.
        if own.rows.count == CaseListPages.rowsOnPage {
            try put(file.procedure, &own, isLast: false, write)
        }
        own.rows.append(row(file))
        open[file.procedure] = own
    }

    mutating func finish(
        _ write: (String, [UInt8]) throws(ExportError) -> Void
    ) throws(ExportError) {
        for procedure in open.keys.sorted() {
            guard var own = open[procedure] else { continue }
            try put(procedure, &own, isLast: true, write)
        }
    }

    private func row(_ file: ExportedCase) -> [Markup] {
        let state: Markup =
            file.hasEnded
            ? .badge(words("ended", "已终结"), .plain) : .badge(words("open", "办理中"), .open)
        let parties = file.parties.map(\.name).joined(separator: words(", ", "、"))
        let count = findingCounts[file.stream] ?? 0
        let first = file.standing.first.map { words.time($0).prefix(10) } ?? ""
        return [
            tables.stream(file.stream), "\(file.title)", "\(parties)",
            "\(file.stage.map { words($0.title) } ?? "") \(state)",
            "<span class=\"nowrap\">\(String(first))</span>", "\(file.entries.count)",
            count > 0 ? "<b class=\"bad\">\(count)</b>" : "0",
        ]
    }

    private func put(
        _ procedure: String, _ own: inout Open, isLast: Bool,
        _ write: (String, [UInt8]) throws(ExportError) -> Void
    ) throws(ExportError) {
        own.pageCount += 1
        let number = own.pageCount
        let name = CaseListPages.file(procedure, number)
        var links: [Markup] = []
        if number > 1 {
            let before = CaseListPages.file(procedure, number - 1)
            links.append("<a href=\"\(before)\">← \(words("before", "上一页"))</a>")
        }
        if !isLast {
            let next = CaseListPages.file(procedure, number + 1)
            links.append("<a href=\"\(next)\">\(words("next", "下一页")) →</a>")
        }
        let more: Markup = links.isEmpty ? "" : "<p>\(links.joined())</p>\n"
        let heads = [
            words("Case", "案件"), words("Title", "标题"), words("Parties", "当事人"),
            words("State", "状态"), words("Began", "开始"), words("Records", "记录"),
            words("Findings", "问题"),
        ]
        let page = ReportPage(
            sources: [source], title: words(own.title),
            subtitle: "\(words("Page \(number)", "第 \(number) 页"))", pages: pages,
            file: "cases.html", body: .table(heads, own.rows, numbers: [5, 6]) + more)
        try write(name, page.bytes)
        own.rows.removeAll(keepingCapacity: true)
    }
}
