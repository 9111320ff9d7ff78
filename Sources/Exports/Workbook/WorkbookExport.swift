/// All tables as sheets of one workbook: Specs/exports.md section 8.
package final class WorkbookExport: CaseExport {
    private var rows: TableRows
    private let zip: ZipWriter
    private var names: [String] = []
    private var table = Table.events
    private var rowCount = 0
    private var buffer = ""

    private static let ofCases: [Table] = Table.allCases.filter { !$0.isJudged }
    private static let rowCountMax = 1_048_576
    private static let textCountMax = 32_767

    /// What is taken is of `source`, until ``turn(to:)``.
    package init(_ source: ExportSource, to sink: any ByteSink) {
        (rows, zip) = (TableRows(source), ZipWriter(sink))
    }

    package func turn(to source: ExportSource) { rows = TableRows(source) }

    package var passCount: Int { WorkbookExport.ofCases.count }

    package func begin(_ pass: Int) throws(ExportError) {
        try begin(WorkbookExport.ofCases[pass])
    }

    package func take(_ file: ExportedCase, _ pass: Int) throws(ExportError) {
        for row in rows.rows(of: file, in: table) { try write(row) }
    }

    package func end(_ pass: Int) throws(ExportError) { try endSheet() }

    /// A sheet whose rows are all there already.
    package func write(_ table: Table, _ rows: [[Cell]]) throws(ExportError) {
        try begin(table)
        for row in rows { try write(row) }
        try endSheet()
    }

    package func finish() throws(ExportError) {
        try part("xl/styles.xml", WorkbookParts.styles)
        try part("xl/workbook.xml", WorkbookParts.workbook(names))
        try part(
            "xl/_rels/workbook.xml.rels", WorkbookParts.workbookRelations(sheets: names.count))
        try part("_rels/.rels", WorkbookParts.rootRelations)
        try part("[Content_Types].xml", WorkbookParts.contentTypes(sheets: names.count))
        try zip.finish()
    }

    // MARK: - Sheets

    private func begin(_ table: Table) throws(ExportError) {
        self.table = table
        try beginSheet(table.rawValue)
    }

    private func beginSheet(_ name: String) throws(ExportError) {
        names.append(name)
        rowCount = 0
        try zip.begin("xl/worksheets/sheet\(names.count).xml")
        buffer = WorkbookParts.sheetHead
        try write(table.columns.map { .text($0) }, style: 2)
    }

    private func endSheet() throws(ExportError) {
        buffer += WorkbookParts.sheetEnd
        try flush()
        try zip.end()
    }

    private func write(_ row: [Cell]) throws(ExportError) {
        if rowCount == WorkbookExport.rowCountMax {
            try endSheet()
            let number = names.count { $0.hasPrefix(table.rawValue) } + 1
            try beginSheet("\(table.rawValue) \(number)")
        }
        try write(row, style: 1)
    }

    private func write(_ row: [Cell], style: Int) throws(ExportError) {
        rowCount += 1
        buffer += "<row>"
        for cell in row {
            switch cell {
            case .empty: buffer += "<c/>"
            case .integer(let number): buffer += "<c><v>\(number)</v></c>"
            case .number(let number): buffer += "<c><v>\(number)</v></c>"
            case .text(let text):
                buffer += #"<c s="\#(style)" t="inlineStr"><is><t xml:space="preserve">"#
                buffer += WorkbookExport.escaped(text) + "</t></is></c>"
            }
        }
        buffer += "</row>"
        if buffer.utf8.count > 1 << 16 { try flush() }
    }

    private func flush() throws(ExportError) {
        try zip.write(text: buffer)
        buffer = ""
    }

    private func part(_ name: String, _ text: String) throws(ExportError) {
        try zip.begin(name)
        try zip.write(text: text)
        try zip.end()
    }

    /// XML, no longer than a cell may be; what looks like the format's own escape is escaped.
    static func escaped(_ text: String) -> String {
        var text = text
        if text.utf16.count > textCountMax {
            var short = String(decoding: text.utf16.prefix(textCountMax - 1), as: UTF16.self)
            // Half of a pair at the cut has become one other character.
            if short.last == "\u{FFFD}" { short.removeLast() }
            text = short + "…"
        }
        let escape = /_x(?=[0-9A-Fa-f]{4}_)/
        return VisibleText.xml(text.replacing(escape, with: "_x005F_x"))
    }
}
