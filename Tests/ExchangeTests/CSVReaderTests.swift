import Exchange
import Phrases
import Testing

@Suite struct CSVReaderTests {
    @Test func `GB 18030 with Chinese dates becomes the expected events`() async throws {
        let mapping = try Fixture.mapping("import/penalties-mapping.yaml")
        let imported = try await Imported(
            Fixture.bytes("import/penalties-gb18030.csv"), mapping)
        #expect(imported.report.failure == nil)
        #expect(imported.refused == [])
        try #require(imported.texts.count == 3)
        #expect(imported.texts[0].contains("\"partyName\":\"虚构样例𠮷化工有限公司\""))
        #expect(imported.texts[0].contains("\"filedOn\":\"2021-03-04\""))
        #expect(imported.texts[0].contains("\"subject\":\"penalty/XG-2021-7\""))
        #expect(imported.texts[0].contains("\"id\":\"XG-2021-7-1\",\"precision\":\"day\""))
        #expect(imported.texts[1].contains("\"time\":\"2021-05-14T00:00:00+08:00\""))
        #expect(imported.texts[1].contains("\"amount\":1234560"))
        #expect(imported.texts[1].contains("\"id\":\"XG-2021-7-2\""))
        #expect(imported.texts[2].contains("\"time\":\"2021-06-01T09:30:00+08:00\""))
        #expect(!imported.texts[2].contains("precision"))
        #expect(imported.texts[2].contains("\"partyName\":\"虚构\\\"样例\\\"机械厂\""))
    }

    @Test func `quotes, line ends within them, a byte order mark and CRLF are read`() async throws {
        let text =
            "\u{FEFF}case,what,on,note\r\nA-1,go,2025/3/4,\"one, \"\"two\"\"\r\nthree\"\r\n"
            + "\r\nA-1,go,20250305,\r\nA-1,go,２０２５年３月６日,x"
        let imported = try await Imported(text.utf8, try mapping())
        #expect(imported.report.failure == nil)
        try #require(imported.texts.count == 3)
        #expect(imported.texts[0].contains("\"note\":\"one, \\\"two\\\"\\r\\nthree\""))
        #expect(!imported.texts[1].contains("note"))
        #expect(imported.texts[2].contains("2025-03-06T00:00:00+08:00"))
    }

    @Test(arguments: [
        ("a\"b", 2, 13, "quotes"), ("\"ab\"c", 2, 15, "quotes"), ("\"ab", 2, 0, "never closed"),
    ])
    func `a stray quote ends the reading with its place`(
        field: String, line: Int, column: Int, words: String
    ) async throws {
        let text = "case,what,on,note\nA-1,go,2025-3-4,\(field)\nA-1,go,2025-3-4,\n"
        let imported = try await Imported(text.utf8, try mapping())
        let failure = try #require(imported.report.failure)
        #expect(failure.reason.en.contains(words))
        if column > 0 { #expect(failure.place.line == line) }
        #expect(imported.report.recorded == 0)
    }

    @Test(arguments: ["utf-8", "gb18030"])
    func `bytes outside the encoding are an error with line and column`(
        encoding: String
    ) async throws {
        let text = Array("case,what,on,note\nA-1,go,2025-3-4,ab".utf8) + [0xFF, 0x0A]
        let imported = try await Imported(text, try mapping("csv: {encoding: \(encoding)}"))
        let failure = try #require(imported.report.failure)
        #expect(failure.place == SourcePlace(line: 2, column: 19))
        #expect(failure.reason.en.contains(encoding))
    }

    @Test func `a row of the wrong length is refused and the next is read`() async throws {
        let text = "case,what,on,note\nA-1,go,2025-3-4\nA-1,go,2025-3-4,x\nA-1,go,31.2.2025,x\n"
        let imported = try await Imported(text.utf8, try mapping())
        #expect(imported.refused == ["invalid-time: 1", "malformed: 1"])
        #expect(imported.report.recorded == 1)
        #expect(imported.report.refusedKinds[1].samples.first?.place.line == 2)
    }

    @Test func `columns may be named by the mapping and parted by another character`() async throws
    {
        let options = "csv: {delimiter: tab, columns: [case, what, on, note]}"
        let imported = try await Imported("A-1\tgo\t2025-03-04\tx,y".utf8, try mapping(options))
        #expect(imported.texts.first?.contains("\"note\":\"x,y\"") == true)
    }

    @Test(arguments: ["", "a,a\n1,2", "a,\n1,2"])
    func `a header without names or with one twice ends the reading`(text: String) async throws {
        let imported = try await Imported(text.utf8, try mapping())
        #expect(imported.report.failure != nil)
    }

    private func mapping(_ csv: String = "") throws -> ImportMapping {
        let yaml = """
            import: 1
            form: csv
            \(csv)
            source: https://x.example
            stream: "p/{case}"
            id: "{@row}"
            activity: "{what}"
            time: {from: "{on}"}
            operator: {person: P-1, unit: u}
            events:
              go: {type: p.go, fields: {note: {from: note}}}
            """
        return try ImportMapping(name: "m.yaml", yaml: Array(yaml.utf8))
    }
}
