/// CSV that a spreadsheet opens as it is meant: Specs/exports.md section 7.
package struct CSVWriter {
    private let sink: any ByteSink

    private static let computing: Set<Character> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\r\n", "＝", "＋", "－", "＠", "'",
    ]

    /// Writes the byte order mark and the header.
    package init(_ columns: [String], to sink: any ByteSink) throws(ExportError) {
        self.sink = sink
        try sink.write("\u{FEFF}" + CSVWriter.line(columns.map { .text($0) }))
    }

    package func write(_ row: [Cell]) throws(ExportError) {
        try sink.write(CSVWriter.line(row))
    }

    static func line(_ row: [Cell]) -> String {
        row.map(text).joined(separator: ",") + "\r\n"
    }

    private static func text(_ cell: Cell) -> String {
        switch cell {
        case .empty: ""
        case .integer(let number): String(number)
        case .number(let number): "\(number)"
        case .text(let text): quoted(harmless(VisibleText.shown(text)))
        }
    }

    /// What would be computed gets an apostrophe; so does what begins with one, to be undone.
    static func harmless(_ text: String) -> String {
        guard let first = text.first, let scalar = text.unicodeScalars.first else { return text }
        // A combining mark behind it makes the sign another character, not another cell.
        let isComputing = computing.contains(first) || computing.contains(Character(scalar))
        return isComputing ? "'" + text : text
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { [0x2C, 0x22, 0x0D, 0x0A].contains($0) }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}

/// One table of the cases, as CSV.
package final class CSVExport: CaseExport {
    private let table: Table
    private var rows: TableRows
    private let writer: CSVWriter

    /// What is taken is of `source`, until ``turn(to:)``.
    package init(_ table: Table, _ source: ExportSource, to sink: any ByteSink) throws(ExportError)
    {
        (self.table, rows) = (table, TableRows(source))
        writer = try CSVWriter(table.columns, to: sink)
    }

    package func turn(to source: ExportSource) { rows = TableRows(source) }

    package func take(_ file: ExportedCase, _ pass: Int) throws(ExportError) {
        for row in rows.rows(of: file, in: table) { try writer.write(row) }
    }

    package func write(_ row: [Cell]) throws(ExportError) { try writer.write(row) }
}
