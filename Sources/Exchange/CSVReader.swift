import Phrases

/// How a CSV file is written.
package struct CSVOptions: Hashable, Sendable {
    package var encoding = SourceEncoding.utf8
    /// One ASCII character.
    package var delimiter = UInt8(ascii: ",")
    /// The columns' names; nil if the first row has them.
    package var columns: [String]?

    package init() {}
}

/// Reads CSV (RFC 4180): quotes, lines within quotes, a byte order mark, CRLF.
///
/// A row of the wrong length is refused; a stray quote or a byte outside the encoding ends the
/// reading, because what follows could be read in two ways.
struct CSVReader: RowReader {
    private let options: CSVOptions
    private let lines: LineSource
    private let names: NameTable

    init(_ bytes: ByteSource, names: NameTable, options: CSVOptions) {
        lines = LineSource(bytes)
        (self.names, self.options) = (names, options)
    }

    func read(_ body: (inout SourceRow) -> Bool) throws(ImportError) {
        var parser = CSVRowParser(lines, options)
        var row = SourceRow(names)
        let columns = try columns(&parser, &row)
        while let start = try parser.next() {
            if parser.fields.count == 1, parser.fields[0].isEmpty { continue }
            row.clear()
            row.place = SourcePlace(line: start)
            if parser.fields.count == columns.count {
                for (number, field) in zip(columns, parser.fields) { row.set(number, field) }
            } else {
                row.fail(
                    "the row has \(parser.fields.count) fields, the header \(columns.count)",
                    "该行有 \(parser.fields.count) 列，表头有 \(columns.count) 列")
            }
            guard body(&row) else { return }
        }
    }

    /// The numbers of the columns' names.
    private func columns(
        _ parser: inout CSVRowParser, _ row: inout SourceRow
    ) throws(ImportError) -> [Int] {
        var titles = options.columns ?? []
        if options.columns == nil {
            guard try parser.next() != nil else {
                throw lines.failure(nil, "the file is empty", "文件为空")
            }
            titles = parser.fields
        }
        var numbers: [Int] = []
        for (place, title) in titles.enumerated() {
            let name = trimmed(title)
            guard !name.isEmpty, let number = row.number(name), !numbers.contains(number) else {
                throw lines.failure(
                    nil, "column \(place + 1) has no name, or one that is used already",
                    "第 \(place + 1) 列没有名称，或名称重复")
            }
            numbers.append(number)
        }
        return numbers
    }

    private func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}

/// Takes one row after the other from the lines.
private struct CSVRowParser {
    private static let fieldCountMax = 4_096
    private static let quote = UInt8(ascii: "\"")

    private let lines: LineSource
    private let options: CSVOptions
    private(set) var fields: [String] = []
    private var field: [UInt8] = []
    private var isQuoted = false
    private var isFirstLine = true

    init(_ lines: LineSource, _ options: CSVOptions) {
        (self.lines, self.options) = (lines, options)
    }

    /// Fills ``fields`` and gives the line at which the row begins; nil at the end.
    mutating func next() throws(ImportError) -> Int? {
        fields.removeAll(keepingCapacity: true)
        field.removeAll(keepingCapacity: true)
        isQuoted = false
        var start = 0
        while let text = try nextLine() {
            if start == 0 { start = lines.line }
            try take(text)
            if !isQuoted { return start }
            guard field.count <= LineSource.lineBytesMax else {
                throw lines.failure(nil, "a quoted field is longer than 1 MiB", "引号内的内容超过 1 MiB")
            }
            field.append(UInt8(ascii: "\n"))
        }
        guard start == 0 else {
            throw lines.failure(
                nil, "the quotes opened in the row at line \(start) are never closed",
                "第 \(start) 行起的行中引号没有闭合")
        }
        return nil
    }

    private mutating func nextLine() throws(ImportError) -> String? {
        guard var line = try lines.next() else { return nil }
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]), options.encoding == .utf8 {
            line = UnsafeRawBufferPointer(rebasing: line.dropFirst(3))
        }
        isFirstLine = false
        switch options.encoding.decode(line) {
        case .success(let text): return text
        case .failure(let invalid):
            let name = options.encoding.rawValue
            throw lines.failure(
                invalid.column, "this is not \(name); set csv.encoding in the mapping or convert",
                "此处不是 \(name) 编码，请在映射中设置 csv.encoding 或转换文件")
        }
    }

    /// RFC 4180 section 2, rules 5 to 7.
    private mutating func take(_ text: String) throws(ImportError) {
        let bytes = Array(text.utf8)
        var place = 0
        var isClosed = false
        while place < bytes.count {
            let byte = bytes[place]
            if isQuoted {
                if byte != CSVRowParser.quote {
                    field.append(byte)
                } else if place + 1 < bytes.count, bytes[place + 1] == CSVRowParser.quote {
                    field.append(byte)
                    place += 1
                } else {
                    (isQuoted, isClosed) = (false, true)
                }
            } else if byte == options.delimiter {
                try endField()
                isClosed = false
            } else if byte == UInt8(ascii: "\r"), place == bytes.count - 1 {
                break
            } else if byte == CSVRowParser.quote, field.isEmpty, !isClosed {
                isQuoted = true
            } else if byte == CSVRowParser.quote || isClosed {
                throw strayQuote(bytes, place)
            } else {
                field.append(byte)
            }
            place += 1
        }
        if !isQuoted { try endField() }
    }

    private func strayQuote(_ bytes: [UInt8], _ place: Int) -> ImportError {
        let column = String(decoding: bytes[..<place], as: UTF8.self).unicodeScalars.count + 1
        return lines.failure(
            column, "quotes must enclose the whole field; double a quote that belongs to it",
            "引号应括住整个字段；字段内的引号应写成两个")
    }

    private mutating func endField() throws(ImportError) {
        guard fields.count < CSVRowParser.fieldCountMax else {
            throw lines.failure(nil, "more than 4,096 fields in a row", "一行超过 4096 列")
        }
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
    }
}
