private import Foundation
private import FoundationXML
import Phrases

/// Reads XES (IEEE 1849), each event with the attributes of its trace, those under `trace.`.
///
/// A nested attribute is called `parent/child`. Extensions, globals, classifiers and the log's own
/// attributes say nothing of an event and are passed over.
struct XESReader: RowReader {
    private let bytes: ByteSource
    private let names: NameTable

    init(_ bytes: ByteSource, names: NameTable) {
        (self.bytes, self.names) = (bytes, names)
    }

    func read(_ body: (inout SourceRow) -> Bool) throws(ImportError) {
        try withoutActuallyEscaping(body) { (body) throws(ImportError) in
            let stream = SourceStream(bytes)
            let handler = XESHandler(names, body)
            let parser = XMLParser(stream: stream)
            parser.shouldResolveExternalEntities = false
            parser.delegate = handler
            let isSound = parser.parse()
            if let failure = stream.failure { throw failure }
            if handler.isStopped { return }
            if let reason = handler.failure {
                throw ImportError(bytes.path, handler.failurePlace, reason)
            }
            guard isSound, handler.isComplete else {
                throw ImportError(bytes.path, SourcePlace(line: parser.lineNumber), incomplete)
            }
        }
    }

    private var incomplete: Phrase {
        Phrase(
            en: "the log is not complete; get or export the file again",
            zh: "日志不完整，请重新获取或导出该文件")
    }
}

/// Follows the elements of one file.
private final class XESHandler: NSObject, XMLParserDelegate {
    private enum Level {
        case log, trace, event
        /// An attribute, by its full name.
        case attribute(String)
        /// `values` of a list, which adds nothing to the name.
        case transparent
    }

    private static let depthMax = 64
    private static let attributes: Set<String> = [
        "string", "date", "int", "float", "boolean", "id", "list", "container",
    ]

    private var row: SourceRow
    private let body: (inout SourceRow) -> Bool
    private var levels: [Level] = []
    private var skipped = 0
    private var traceValues: [(number: Int, value: String)] = []
    private var traceFault: RowRefusal?
    private var eventCount = 0
    private(set) var isStopped = false
    private(set) var isComplete = false
    private(set) var failure: Phrase?
    private(set) var failurePlace = SourcePlace(line: 0)

    init(_ names: NameTable, _ body: @escaping (inout SourceRow) -> Bool) {
        row = SourceRow(names)
        self.body = body
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        guard failure == nil, !isStopped else { return }
        guard skipped == 0 else {
            skipped += 1
            if skipped > XESHandler.depthMax { fail(parser, XESHandler.tooDeep) }
            return
        }
        guard levels.count < XESHandler.depthMax else { return fail(parser, XESHandler.tooDeep) }
        let local = name.utf8.contains(UInt8(ascii: ":")) ? localName(name) : name
        switch levels.last {
        case nil:
            guard local == "log" else { return fail(parser, XESHandler.notXES) }
            levels.append(.log)
        case .log where local == "trace": beginTrace()
        case .log where local == "event", .trace where local == "event": beginEvent(parser)
        case .log: skipped = 1
        case .attribute where local == "values": levels.append(.transparent)
        default: attribute(local, attributes)
        }
    }

    func parser(
        _ parser: XMLParser, didEndElement name: String, namespaceURI: String?,
        qualifiedName: String?
    ) {
        guard failure == nil, !isStopped else { return }
        guard skipped == 0 else { return skipped -= 1 }
        switch levels.popLast() {
        case .event:
            if !body(&row) {
                isStopped = true
                parser.abortParsing()
            }
            row.clear()
        case .trace:
            traceValues.removeAll(keepingCapacity: true)
            traceFault = nil
            row.clear()
            row.place.trace = nil
        case .log: isComplete = true
        default: break
        }
    }

    func parser(_ parser: XMLParser, foundInternalEntityDeclarationWithName: String, value: String?)
    {
        fail(parser, XESHandler.entity)
    }

    /// FoundationXML would mend what is broken and read on; here the first error is the end.
    func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
        let code = (error as NSError).code
        fail(
            parser,
            Phrase(
                en: "the XML is broken here (libxml2 error \(code)); get or export the file again",
                zh: "此处 XML 有误（libxml2 错误 \(code)），请重新获取或导出该文件"))
    }

    private func beginTrace() {
        levels.append(.trace)
        row.clear()
        eventCount = 0
    }

    private func beginEvent(_ parser: XMLParser) {
        if case .trace = levels.last, eventCount == 0 { takeTraceValues() }
        levels.append(.event)
        eventCount += 1
        row.clear()
        for (number, value) in traceValues { row.set(number, value) }
        row.fault = traceFault
        row.place.line = parser.lineNumber
        row.place.event = eventCount
    }

    /// The attributes of the trace stand before its events (IEEE 1849 section 7).
    private func takeTraceValues() {
        traceFault = row.fault
        traceValues = row.present.compactMap { number in row[number].map { (number, $0) } }
    }

    private func attribute(_ element: String, _ attributes: [String: String]) {
        guard XESHandler.attributes.contains(element) else { return skipped = 1 }
        guard let key = attributes["key"] else {
            row.fail("an attribute has no key", "属性没有 key")
            return skipped = 1
        }
        let name = fullName(key)
        levels.append(.attribute(name))
        guard let value = attributes["value"] else { return }
        row.set(name, value)
        if name == "trace.concept:name" { row.place.trace = value }
    }

    private func fullName(_ key: String) -> String {
        for level in levels.reversed() {
            switch level {
            case .transparent: continue
            case .attribute(let parent): return "\(parent)/\(key)"
            case .trace: return "trace.\(key)"
            default: return key
            }
        }
        return key
    }

    private func localName(_ name: String) -> String {
        String(name.drop { $0 != ":" }.dropFirst())
    }

    private func fail(_ parser: XMLParser, _ reason: Phrase) {
        guard failure == nil, !isStopped else { return }
        failure = reason
        failurePlace = SourcePlace(line: parser.lineNumber, column: parser.columnNumber)
        parser.abortParsing()
    }

    private static let tooDeep = Phrase(
        en: "elements are nested deeper than 64 levels", zh: "元素嵌套超过 64 层")
    private static let notXES = Phrase(
        en: "this is XML but not XES: its root is not <log>", zh: "是 XML 但不是 XES：根元素不是 <log>")
    private static let entity = Phrase(
        en: "an entity declaration is not read; remove it", zh: "不读取实体声明，请删去")
}
