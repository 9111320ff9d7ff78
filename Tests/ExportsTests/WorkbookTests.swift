import CanonicalJSON
import Exports
import Foundation
import TestKit
import Testing

@Suite struct WorkbookTests {
    @Test func `another program's unpacker and XML reader find every row`() throws {
        let cases = try Sample.cases()
        let book = try read(cases, rows: [[.text("x"), .integer(-7), .number(2.5), .empty]])
        #expect(book["events"]?.array?.count == cases.flatMap(\.entries).count + 1)
        #expect(book["cases"]?.array?.count == cases.count + 1)
        let findings = try #require(book["findings"]?.array)
        #expect(findings.count == 2)
        #expect(findings[1].array?.prefix(3) == ["t:x", "n:-7", "n:2.5"])
        #expect(book["cases"]?.array?.first?.array?.prefix(2) == ["t:ledger", "t:stream"])
    }

    @Test func `texts come back as they were`() throws {
        let book = try read([], rows: awkwardTexts.map { [.text($0)] })
        let found = (book["findings"]?.array ?? []).dropFirst().map { $0.array?.first?.string }
        // A reader of the format undoes its escape of what looks like one.
        let read = found.map { String(($0 ?? "").dropFirst(2)).replacing("_x005F_", with: "_") }
        #expect(read == awkwardTexts)
    }

    @Test func `control characters are seen`() throws {
        let book = try read([], rows: [[.text("a\u{0}b")]])
        #expect(book["findings"]?.array?.last?.array?.first == "t:a␀b")
    }

    @Test func `a text that no cell holds is cut at a whole character`() throws {
        let long = String(repeating: "a", count: 32_765) + "𠮷𠮷"
        let book = try read([], rows: [[.text(long)]])
        let found = book["findings"]?.array?.last?.array?.first?.string
        #expect(found == "t:" + String(repeating: "a", count: 32_765) + "…")
    }

    @Test func `equal cases make equal files`() throws {
        let cases = try Sample.cases()
        #expect(try bytes(cases, rows: []) == bytes(cases, rows: []))
    }

    private func bytes(_ cases: [ExportedCase], rows: [[Cell]]) throws -> [UInt8] {
        let sink = MemorySink()
        let export = WorkbookExport(try Sample.source(), to: sink)
        try run(export, cases)
        try export.write(.findings, rows)
        try export.finish()
        return sink.bytes
    }

    /// The cells of each sheet: `t:` and a text, `n:` and a number.
    private func read(_ cases: [ExportedCase], rows: [[Cell]]) throws -> JSONValue {
        let home = try ScratchFolder()
        let file = home.url.appending(path: "book.xlsx")
        try Data(bytes(cases, rows: rows)).write(to: file)
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = ["python3", "-c", Self.reader, file.path]
        let output = Pipe()
        python.standardOutput = output
        try python.run()
        let found = try output.fileHandleForReading.readToEnd() ?? Data()
        python.waitUntilExit()
        try #require(python.terminationStatus == 0)
        return try JSONValue(parsing: found)
    }

    private static let reader = """
        import json, sys, zipfile
        import xml.etree.ElementTree as tree
        book = zipfile.ZipFile(sys.argv[1])
        assert book.testzip() is None
        for name in book.namelist(): tree.fromstring(book.read(name))
        main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        sheets = {}
        for place, sheet in enumerate(tree.fromstring(book.read("xl/workbook.xml"))[0]):
            part = tree.fromstring(book.read("xl/worksheets/sheet%d.xml" % (place + 1)))
            assert part.find(".//" + main + "pane").get("state") == "frozen"
            rows = []
            for row in part.iter(main + "row"):
                cells = []
                for cell in row:
                    text, number = cell.find(".//" + main + "t"), cell.find(main + "v")
                    cells.append(
                        "t:" + (text.text or "") if text is not None
                        else "n:" + number.text if number is not None else "")
                rows.append(cells)
            sheets[sheet.get("name")] = rows
        print(json.dumps(sheets))
        """
}
