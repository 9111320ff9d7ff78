import CanonicalJSON
import Catalogue
import Phrases
import Records

/// XES, IEEE 1849-2016: Specs/exports.md section 4.
package final class XESExport: CaseExport {
    private let source: ExportSource
    private let sink: any ByteSink

    package init(_ source: ExportSource, to sink: any ByteSink) {
        (self.source, self.sink) = (source, sink)
    }

    package func begin(_ pass: Int) throws(ExportError) {
        var text = #"<?xml version="1.0" encoding="UTF-8"?>"# + "\n"
        text += #"<log xes.version="1849-2016" xes.features="" "#
        text += #"xmlns="http://www.xes-standard.org/">"# + "\n"
        for (name, prefix) in [
            ("Concept", "concept"), ("Time", "time"), ("Organizational", "org"),
            ("Lifecycle", "lifecycle"),
        ] {
            text += #"<extension name="\#(name)" prefix="\#(prefix)" "#
            text += #"uri="http://www.xes-standard.org/\#(prefix).xesext"/>"# + "\n"
        }
        text += #"<classifier name="type" keys="concept:name"/>"# + "\n"
        text += XESExport.string("concept:name", source.origin)
        text += XESExport.int("hanqing:size", Int64(clamping: source.size))
        text += XESExport.string("hanqing:root", source.root)
        try sink.write(text)
    }

    package func take(_ file: ExportedCase, _ pass: Int) throws(ExportError) {
        var text = "<trace>\n" + XESExport.string("concept:name", file.stream)
        text += XESExport.string("hanqing:procedure", file.procedure)
        text += XESExport.string("hanqing:title", file.title)
        if let stage = file.stage { text += XESExport.string("hanqing:stage", stage.id) }
        text += XESExport.boolean("hanqing:ended", file.hasEnded)
        for entry in file.standing { text += event(entry) }
        try sink.write(text + "</trace>\n")
    }

    package func end(_ pass: Int) throws(ExportError) { try sink.write("</log>\n") }

    private func event(_ entry: ExportedEntry) -> String {
        var text = "<event>\n" + XESExport.string("concept:name", entry.type)
        text += XESExport.element("date", "time:timestamp", entry.moment.text)
        text += XESExport.string("lifecycle:transition", "complete")
        if let person = entry.operatorPerson { text += XESExport.string("org:resource", person) }
        if let unit = entry.operatorUnit { text += XESExport.string("org:group", unit) }
        text += XESExport.int("hanqing:seq", Int64(clamping: entry.sequence))
        text += XESExport.string("hanqing:title", entry.title[source.language])
        text += XESExport.boolean("hanqing:dayOnly", entry.isDayOnly)
        for (field, value) in entry.plainValues {
            text += XESExport.attribute("hanqing:field:\(field.name)", value)
        }
        return text + "</event>\n"
    }

    private static func attribute(_ key: String, _ value: JSONValue) -> String {
        switch value {
        case .bool(let flag): boolean(key, flag)
        case .integer(let number): int(key, number)
        case .number(let number): element("float", key, "\(number)")
        default: string(key, value.shownText)
        }
    }

    private static func string(_ key: String, _ value: String) -> String {
        element("string", key, value)
    }

    private static func int(_ key: String, _ value: Int64) -> String {
        element("int", key, String(value))
    }

    private static func boolean(_ key: String, _ value: Bool) -> String {
        element("boolean", key, value ? "true" : "false")
    }

    private static func element(_ kind: String, _ key: String, _ value: String) -> String {
        #"<\#(kind) key="\#(VisibleText.xml(key))" value="\#(VisibleText.xml(value))"/>"# + "\n"
    }
}
