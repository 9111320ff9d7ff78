import Catalogue
import DurableFiles
import Phrases
package import Rules

/// The page over the reports of several ledgers: Specs/exports.md section 9.
package struct JointOverview {
    /// One ledger's report.
    package struct Part {
        let name: String
        /// The folder of its pages, beside this one.
        let folder: String
        let source: ExportSource
        let site: SiteExport
        let judgement: SiteJudgement

        package var pageCount: Int { site.pageCount }

        package init(
            name: String, folder: String, _ source: ExportSource, _ site: SiteExport,
            _ judgement: SiteJudgement
        ) {
            (self.name, self.folder, self.source) = (name, folder, source)
            (self.site, self.judgement) = (site, judgement)
        }
    }

    private let parts: [Part]
    private let figures: [JointFigure]
    private let words: ReportWords

    /// There is at least one part.
    package init(_ parts: [Part], _ figures: [JointFigure]) {
        (self.parts, self.figures) = (parts, figures)
        words = ReportWords(parts[0].source)
    }

    package func write(to path: String) throws(ExportError) {
        do throws(FileError) {
            try DurableFile.write(bytes, to: path)
        } catch {
            throw ExportError(error.phrase)
        }
    }

    var bytes: [UInt8] {
        let period = parts[0].judgement.period
        return ReportPage(
            sources: parts.map(\.source), title: words("Supervision report", "监督报告"),
            subtitle: """
                \(words("\(parts.count) ledgers", "\(parts.count) 个账本")) · \
                \(words.day(period.lowerBound)) — \(words.day(period.upperBound))
                """,
            body: "<section><h2>\(words("Ledgers", "各账本"))</h2>\n\(ledgers)</section>\n"
                + "<section><h2>\(words("Indicators", "指标"))</h2>\n\(indicators)</section>\n"
        ).bytes
    }

    private var ledgers: Markup {
        let counts = parts.map(counts)
        let rows = zip(parts, counts).map { part, counts -> [Markup] in
            ["<a href=\"\(part.folder)/index.html\">\(part.name)</a>"]
                + counts.map { "\(grouped($0))" }
        }
        let sums = (0..<4).map { column -> Markup in
            "<b>\(grouped(counts.reduce(0) { $0 + $1[column] }))</b>"
        }
        let heads = [
            words("Ledger", "账本"), words("Cases", "案件"), words("Records", "记录"),
            words("Duties overdue", "逾期未办"), words("Findings open", "未处理问题"),
        ]
        return .table(
            heads, rows + [["<b>\(words("All", "合计"))</b>"] + sums], numbers: [1, 2, 3, 4])
    }

    private func counts(_ part: Part) -> [Int] {
        let overdue = part.judgement.standings.count {
            $0.state == .overdue && part.judgement.isOfBureau($0.duty)
        }
        let open = part.judgement.findings.count { $0.state == .open && $0.kind != .lateEntry }
        return [part.site.caseCount, part.site.entryCount, overdue, open]
    }

    /// Of each indicator the sum, and below it what each ledger adds.
    private var indicators: Markup {
        FigureTable(words).table(
            figures.flatMap { joint in
                [(joint.indicator.id, words(joint.indicator.title), joint.sum)]
                    + joint.parts.map { part in
                        ("", "— \(parts[part.ledger].name)", part.figure)
                    }
            })
    }
}
