import CanonicalJSON
import Exports
import Foundation
import FoundationXML
import Testing

@Suite struct XESTests {
    @Test func `every case is a trace and every standing entry an event`() throws {
        let cases = try Sample.cases()
        let log = try read(cases)
        #expect(log.counts["trace"] == cases.count)
        #expect(log.counts["event"] == cases.reduce(0) { $0 + $1.line.count })
        #expect(log.values["concept:name"]?.contains(cases[0].stream) == true)
    }

    @Test func `of a mended case what stands is left, as corrected`() throws {
        let log = try read([try Sample.mended()])
        #expect(log.counts["event"] == 1)
        #expect(log.values["hanqing:seq"] == ["2"])
    }

    @Test(arguments: awkwardTexts)
    func `a text comes back as it was`(text: String) throws {
        let stream = "decision/D-1"
        let file = try Sample.exported(
            stream, [Sample.event("decision.proposed", stream, [("title", .string(text))])])
        #expect(try read([file]).values["hanqing:field:title"] == [text])
    }

    @Test func `control characters are seen, and the file can be read`() throws {
        let stream = "decision/D-1"
        let file = try Sample.exported(
            stream, [Sample.event("decision.proposed", stream, [("title", "a\u{1}b\u{FFFE}")])])
        #expect(try read([file]).values["hanqing:field:title"] == ["a␁b\u{FFFD}"])
    }

    private func read(_ cases: [ExportedCase]) throws -> ReadLog {
        let sink = MemorySink()
        try run(XESExport(try Sample.source(), to: sink), cases)
        let log = ReadLog()
        let parser = XMLParser(data: Data(sink.bytes))
        parser.delegate = log
        try #require(parser.parse(), "\(String(describing: parser.parserError))")
        return log
    }
}

/// How often each element stands in a log, and the values of each key.
private final class ReadLog: NSObject, XMLParserDelegate {
    private(set) var counts: [String: Int] = [:]
    private(set) var values: [String: [String]] = [:]

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        counts[name, default: 0] += 1
        guard let key = attributes["key"], let value = attributes["value"] else { return }
        values[key, default: []].append(value)
    }
}
