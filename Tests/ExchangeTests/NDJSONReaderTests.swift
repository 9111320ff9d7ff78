import Exchange
import Testing

@Suite struct NDJSONReaderTests {
    private static let rows = """
        import: 1
        form: ndjson
        source: https://x.example
        stream: "p/{case.no}"
        id: "{id}"
        activity: "{what}"
        time: {from: "{at}"}
        operator: {person: "{who}", prefix: P-, unit: u}
        unmapped: {attributes: ignore}
        events:
          go:
            type: p.go
            fields:
              amount: {from: amount, as: fen, unit: ten-thousand-yuan}
              share: {from: share, as: percent}
              open: {from: open, as: boolean}
              tags: {from: tags, split: "、", values: {甲: a, 乙: b}}
              first: {from: list.0}
        """

    @Test func `members within members are named with points, numbers keep their digits`()
        async throws
    {
        let line = """
            {"case":{"no":"7"},"id":"e1","what":"go","at":"2025-03-04T09:30:00+08:00","who":"a.b",\
            "amount":12.345600,"share":12.50,"open":true,"tags":"甲、乙","list":["x",{"y":1}],"z":null}
            """
        let imported = try await imported(line)
        #expect(imported.refused == [])
        let text = try #require(imported.texts.first)
        #expect(
            text.contains(
                "\"data\":{\"amount\":12345600,\"first\":\"x\",\"open\":true,\"operator\":"
                    + "{\"person\":\"P-a-b\",\"unit\":\"u\"},\"share\":12.5,\"tags\":[\"a\",\"b\"]}"
            ))
        #expect(imported.report.ignoredAttributes == [.init(name: "list.1.y", count: 1)])
    }

    @Test(arguments: [
        ("{", "malformed"), ("[]", "malformed"), ("{\"id\":\"e\",\"id\":\"f\"}", "malformed"),
        ("{\"id\":\"e\"}", "missing"),
    ])
    func `a line that is no row is refused and the next is read`(
        line: String, code: String
    ) async throws {
        let sound =
            "{\"case\":{\"no\":\"7\"},\"id\":\"e1\",\"what\":\"go\","
            + "\"at\":\"2025-03-04T09:30:00+08:00\",\"who\":\"ab\"}"
        let imported = try await imported("\(line)\n\n\(sound)\n")
        #expect(imported.refused == ["\(code): 1"])
        #expect(imported.report.recorded == 1)
    }

    @Test func `lines that are CloudEvents become late entries of the batch`() async throws {
        let mapping = try ImportMapping(
            name: "m.yaml", yaml: Array("import: 1\nform: cloudevents\n".utf8))
        let head = "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"p.go\","
        let tail = "\"subject\":\"p/7\",\"time\":\"2025-03-04T00:00:00Z\",\"data\":{\"a\":1.0}}"
        let lines = [
            head + "\"traceparent\":\"x\"," + tail, head + "\"asserted\":false," + tail,
            head + "\"correlationid\":\"x\"," + tail, head + "\"expectedrevision\":1," + tail,
        ]
        let imported = try await Imported(lines.joined(separator: "\n").utf8, mapping)
        #expect(imported.refused == ["malformed: 3"])
        #expect(
            imported.texts == [
                "{\"asserted\":true,\"correlationid\":\"\(imported.report.batch.id)\","
                    + "\"data\":{\"a\":1},\"id\":\"1\",\"source\":\"s\",\"specversion\":\"1.0\","
                    + "\"subject\":\"p/7\",\"time\":\"2025-03-04T00:00:00Z\",\"type\":\"p.go\"}"
            ])
    }

    private func imported(_ text: String) async throws -> Imported {
        try await Imported(
            text.utf8, try ImportMapping(name: "m.yaml", yaml: Array(NDJSONReaderTests.rows.utf8)))
    }
}
