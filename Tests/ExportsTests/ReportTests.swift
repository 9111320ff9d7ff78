import CanonicalJSON
import Exports
import Phrases
import Testing

@Suite struct ReportTests {
    @Test func `a corrected entry shows both values, by whom and why`() throws {
        let page = try text(try Sample.mended(), .chinese)
        for part in [
            "<del>旧</del>", "<ins>新的</ins>", "错录", "P-2", "#4", "entry withdrawn", "未实际发生", "#5",
            "sample.example", Sample.root,
        ] {
            #expect(page.contains(part), "\(part)")
        }
    }

    @Test func `text can do nothing in a page`() throws {
        let page = try text(try Sample.mended("<script>alert('1')</script>&\"\u{1}"), .english)
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;␁"))
    }

    @Test(arguments: Language.allCases)
    func `a page needs nothing from outside`(language: Language) throws {
        for file in try Sample.cases() {
            let page = try text(file, language)
            #expect(!page.contains("src="))
            #expect(!page.contains("<link"))
            #expect(!page.contains("url("))
            #expect(page.contains("default-src 'none'"))
            for entry in file.entries { #expect(page.contains("#\(entry.sequence)<")) }
        }
    }

    @Test func `no format but OCSF shows who reported`() throws {
        let stream = "report/RP-1"
        let secret = "P-987654"
        let persons: JSONValue = [
            ["person": .string(secret), "role": "reporter", "unit": "", "evidence": "signed"],
            ["person": "P-3", "role": "handler", "unit": "虚构单位", "evidence": "signed"],
        ]
        let file = try Sample.exported(
            stream, [Sample.event("report.received", stream, [("participants", persons)])])
        let (sink, source) = (MemorySink(), try Sample.source())
        try run(XESExport(source, to: sink), [file])
        try run(PROVExport(source, to: sink), [file])
        try run(OCELExport(json: sink, source), [file])
        for table in Table.allCases where !table.isJudged {
            try run(CSVExport(table, source, to: sink), [file])
        }
        let all = try sink.text + text(file, .chinese)
        #expect(all.contains("P-3"))
        #expect(!all.contains(secret))
    }

    private func text(_ file: ExportedCase, _ language: Language) throws -> String {
        let report = CaseReport(
            file, try Sample.source(language), findings: [], standings: [],
            isOfBureau: { _ in true })
        return String(decoding: report.bytes, as: UTF8.self)
    }
}

@Suite struct VisibleTextTests {
    @Test func `what XML forbids is shown and nothing else is changed`() {
        for value in 0...0x1F as ClosedRange<UInt32> {
            let text = Unicode.Scalar(value).map { String(Character($0)) } ?? ""
            let isKept = [0x09, 0x0A, 0x0D].contains(value)
            let picture = Unicode.Scalar(0x2400 + value).map { String(Character($0)) }
            #expect(VisibleText.shown(text) == (isKept ? text : picture))
        }
        #expect(VisibleText.shown("a\u{7F}汉𠮷\u{FFFD}") == "a\u{7F}汉𠮷\u{FFFD}")
    }
}
