import Exports
import TestKit
import Testing

@Suite struct CSVTests {
    @Test(arguments: awkwardTexts)
    func `a text comes back as it was`(text: String) throws {
        #expect(try cells([.text(text)]) == [text])
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func `any texts come back as they were`(seed: UInt64) throws {
        var chance = Seeded(seed: seed)
        let letters: [Character] = ["=", "'", "\"", ",", "\n", "\r", "\t", "a", "汉", "-", "@", " "]
        let texts = (0..<5).map { _ in
            String(
                (0..<Int.random(in: 0...6, using: &chance)).compactMap { _ in
                    letters.randomElement(using: &chance)
                })
        }
        #expect(try cells(texts.map { .text($0) }) == texts, "seed \(seed)")
    }

    @Test(arguments: awkwardTexts)
    func `no cell begins with what a spreadsheet computes`(text: String) throws {
        let raw = try rows(of: [.text(text)])[1][0]
        let first = raw.unicodeScalars.first
        #expect(first.map { !"=+-@\t\r\n＝＋－＠".unicodeScalars.contains($0) } ?? true)
    }

    @Test func `numbers are numbers`() throws {
        #expect(
            try rows(of: [.integer(-5), .number(12.5), .empty])[1] == ["-5", "12.5", ""])
    }

    @Test func `the file begins with a byte order mark and each line ends with CRLF`() throws {
        let sink = MemorySink()
        let writer = try CSVWriter(["a", "b"], to: sink)
        try writer.write([.text("x"), .integer(1)])
        #expect(sink.bytes == Array("\u{FEFF}a,b\r\nx,1\r\n".utf8))
    }

    @Test func `control characters are seen`() throws {
        #expect(try cells([.text("a\u{0}\u{1B}\u{FFFF}b")]) == ["a␀␛\u{FFFD}b"])
    }

    @Test func `each table has a row for each thing, with a cell for each column`() throws {
        let (cases, source) = (try Sample.cases(), try Sample.source())
        let rows = TableRows(source)
        let counts = Table.allCases.map { table -> Int in
            let all = cases.flatMap { rows.rows(of: $0, in: table) }
            #expect(all.allSatisfy { $0.count == table.columns.count }, "\(table)")
            return all.count
        }
        let entries = cases.flatMap(\.entries)
        #expect(
            counts == [entries.count, cases.count, entries.flatMap(\.participants).count, 0, 0, 0])
    }

    // MARK: - Reading back, by RFC 4180 and the page's rule for apostrophes

    private func cells(_ row: [Cell]) throws -> [String] {
        try rows(of: row)[1].map { cell in
            let scalars = cell.unicodeScalars
            return scalars.first == "'" ? String(scalars.dropFirst()) : cell
        }
    }

    private func rows(of row: [Cell]) throws -> [[String]] {
        let sink = MemorySink()
        let writer = try CSVWriter(row.indices.map { "c\($0)" }, to: sink)
        try writer.write(row)
        return parsed(Array(sink.text.unicodeScalars.dropFirst()))
    }

    private func parsed(_ text: [Unicode.Scalar]) -> [[String]] {
        var (rows, row, cell, isQuoted, place) = ([[String]](), [String](), "", false, 0)
        while place < text.count {
            let scalar = text[place]
            place += 1
            switch scalar {
            case "\"" where isQuoted && place < text.count && text[place] == "\"":
                cell.unicodeScalars.append("\"")
                place += 1
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                row.append(cell)
                cell = ""
            case "\r" where !isQuoted:
                rows.append(row + [cell])
                (row, cell) = ([], "")
                place += 1
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return rows
    }
}
