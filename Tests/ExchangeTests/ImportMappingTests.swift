import Exchange
import Phrases
import Testing

@Suite struct ImportMappingTests {
    private static let sound = """
        import: 1
        form: csv
        source: https://x.example
        stream: "p/{case}"
        id: "{@case}-{@n}"
        activity: "{what}"
        time: {from: "{on}", formats: [rfc3339, yyyy-MM-dd], zone: "+08:00"}
        operator: {person: P-1, unit: u}
        events:
          go:
            type: p.go
            fields:
              amount: {from: amount, as: fen}

        """

    @Test func `the sound mapping is read`() throws {
        #expect(try read(ImportMappingTests.sound).form == .csv)
    }

    @Test(arguments: [
        ("import: 1", "import: 2", 1, 1, "import: 1"),
        ("form: csv", "form: xml", 2, 7, "none of xes, csv"),
        ("source: https://x.example\n", "", 1, 1, "\"source\" is missing"),
        ("\"p/{case}\"", "\"{case}\"", 4, 9, "<procedure>/<case id>"),
        ("\"p/{case}\"", "\"p/{@n}\"", 4, 9, "cannot be made of"),
        ("{@case}-{@n}", "{@case}-{@m}", 5, 5, "braces"),
        ("\"{what}\"", "\"{what\"", 6, 11, "braces"),
        ("yyyy-MM-dd]", "yy-MM-dd]", 7, 41, "expected rfc3339"),
        ("\"+08:00\"", "Shanghai", 7, 60, "offset"),
        ("unit: u}", "unti: u}", 8, 11, "\"unit\" is missing"),
        ("unit: u}", "unit: u, role: x}", 8, 34, "no key \"role\""),
        ("type: p.go", "type: q.go", 11, 11, "expected p.<event>"),
        ("as: fen", "as: money", 13, 34, "none of string"),
        ("as: fen", "as: date, unit: yuan", 13, 15, "unit goes with"),
        ("{from: amount, as: fen}", "{as: fen}", 13, 15, "either from"),
        ("      amount:", "      operator:", 13, 7, "is not a field"),
        ("  go:\n", "  go: &a\n", 10, 3, ""),
        ("form: csv", "form: csv\nform: csv", 2, 1, "twice"),
        ("form: csv", "form: [", 4, 7, "not YAML"),
    ])
    func `a slip is reported with file, line and column`(
        old: String, new: String, line: Int, column: Int, words: String
    ) throws {
        let text = ImportMappingTests.sound.replacing(old, with: new, maxReplacements: 1)
        #expect(text != ImportMappingTests.sound)
        guard !words.isEmpty else {
            _ = try read(text)
            return
        }
        let errors = try #require(throws: MappingErrors.self) { try read(text) }
        let match = errors.errors.first { $0.reason.en.contains(words) }
        let error = try #require(match, "\(errors.errors.map(\.phrase.en))")
        #expect(error.phrase.en.hasPrefix("m.yaml:\(line):\(column): "))
        #expect(error.reason.zh != error.reason.en)
    }

    @Test(arguments: ["", "- a", "a", "\u{0}", "import: 1"])
    func `what is no mapping is refused`(text: String) {
        #expect(throws: MappingErrors.self) { try read(text) }
    }

    private func read(_ text: String) throws -> ImportMapping {
        try ImportMapping(name: "m.yaml", yaml: Array(text.utf8))
    }
}
