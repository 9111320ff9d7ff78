import CanonicalJSON
import Catalogue
import Phrases
import Records
import Rules

/// W3C PROV-JSON, a bundle for each case: Specs/exports.md section 5.
package final class PROVExport: CaseExport {
    private let source: ExportSource
    private let sink: any ByteSink
    private var isFirst = true

    package init(_ source: ExportSource, to sink: any ByteSink) {
        (self.source, self.sink) = (source, sink)
    }

    package func begin(_ pass: Int) throws(ExportError) {
        let base = "https://\(PROVExport.encoded(source.origin))/"
        let prefixes: JSONValue = [
            "hq": .string(base), "prov": "http://www.w3.org/ns/prov#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        ]
        let ledger: JSONValue = [
            "hq:ledger": [
                "prov:type": "hq:Ledger", "hq:size": .integer(Int64(clamping: source.size)),
                "hq:root": .string(source.root),
            ]
        ]
        try sink.write(
            "{\"prefix\":\(prefixes.canonicalText),\"entity\":\(ledger.canonicalText),\"bundle\":{")
    }

    package func take(_ file: ExportedCase, _ pass: Int) throws(ExportError) {
        var bundle = PROVBundle(source.language)
        bundle.take(file)
        let name = JSONValue.string("hq:case/\(PROVExport.encoded(file.stream))").canonicalText
        try sink.write((isFirst ? "\n" : ",\n") + name + ":" + bundle.json.canonicalText)
        isFirst = false
    }

    package func end(_ pass: Int) throws(ExportError) { try sink.write("\n}}\n") }

    /// Percent-encoded outside `A–Z a–z 0–9 . _ ~ -` and `/`.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: "-"), UInt8(ascii: "/"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                result += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
            }
        }
        return result
    }
}

/// What PROV says of one case.
private struct PROVBundle {
    private let language: Language
    /// Of each kind, the statements by name, in the order in which they were made.
    private var kinds: [(kind: String, statements: [JSONMember])] = []
    private var named: Set<String> = []
    private var relationCount = 0
    private var state: String?

    init(_ language: Language) { self.language = language }

    var json: JSONValue {
        .object(kinds.map { JSONMember($0.kind, .object($0.statements)) })
    }

    mutating func take(_ file: ExportedCase) {
        for entry in file.entries { take(entry, file) }
    }

    private mutating func take(_ entry: ExportedEntry, _ file: ExportedCase) {
        let record = "hq:record/\(entry.sequence)"
        let time = JSONValue.string(entry.moment.text)
        say(
            "activity", record,
            [
                "prov:startTime": time, "prov:endTime": time,
                "prov:label": text(entry.title[language]), "prov:type": text(entry.type),
                "hq:recorded": text(entry.recorded.text), "hq:dayOnly": .bool(entry.isDayOnly),
            ])
        let new = "hq:state/\(entry.sequence)"
        say(
            "entity", new,
            ["prov:type": "hq:CaseState", "hq:stream": text(file.stream)])
        relate("wasGeneratedBy", ("prov:entity", new), ("prov:activity", record))
        if let state {
            relate("wasDerivedFrom", ("prov:generatedEntity", new), ("prov:usedEntity", state))
            relate("used", ("prov:activity", record), ("prov:entity", state))
        }
        state = new
        if let by = entry.fateBy {
            relate(
                "wasInvalidatedBy", ("prov:entity", new), ("prov:activity", "hq:record/\(by)"))
        }
        for document in entry.documents {
            let name = "hq:document/" + PROVExport.encoded(document.id)
            say("entity", name, ["prov:type": "hq:Document", "prov:label": text(document.name)])
            relate("used", ("prov:activity", record), ("prov:entity", name))
        }
        takeAgents(entry, record)
        for cause in entry.causes {
            relate(
                "wasInformedBy", ("prov:informed", record), ("prov:informant", "hq:record/\(cause)")
            )
        }
    }

    private mutating func takeAgents(_ entry: ExportedEntry, _ record: String) {
        var acts: [(person: String, role: String, unit: String?)] = []
        if let person = entry.operatorPerson {
            acts.append((person, "operator", entry.operatorUnit))
        }
        acts += entry.participants.map { ($0.person, $0.role, $0.unit) }
        var delegations: Set<String> = []
        for (person, role, unit) in acts {
            let agent = "hq:person/" + PROVExport.encoded(person)
            say("agent", agent, ["prov:type": ["$": "prov:Person", "type": "xsd:QName"]])
            relate(
                "wasAssociatedWith", ("prov:activity", record), ("prov:agent", agent),
                ("prov:role", role))
            guard let unit else { continue }
            let body = "hq:unit/" + PROVExport.encoded(unit)
            say(
                "agent", body,
                [
                    "prov:type": ["$": "prov:Organization", "type": "xsd:QName"],
                    "prov:label": text(unit),
                ])
            guard delegations.insert(person + "\n" + unit).inserted else { continue }
            relate(
                "actedOnBehalfOf", ("prov:delegate", agent), ("prov:responsible", body),
                ("prov:activity", record))
        }
    }

    private func text(_ text: String) -> JSONValue { .string(VisibleText.shown(text)) }

    /// Says something of what is called `name`, once.
    private mutating func say(_ kind: String, _ name: String, _ what: JSONValue) {
        guard named.insert(name).inserted else { return }
        add(kind, JSONMember(name, what))
    }

    private mutating func relate(_ kind: String, _ ends: (String, String)...) {
        relationCount += 1
        let ends = ends.map { JSONMember($0.0, .string($0.1)) }
        add(kind, JSONMember("_:r\(relationCount)", .object(ends)))
    }

    private mutating func add(_ kind: String, _ statement: JSONMember) {
        if let place = kinds.firstIndex(where: { $0.kind == kind }) {
            kinds[place].statements.append(statement)
        } else {
            kinds.append((kind, [statement]))
        }
    }
}
