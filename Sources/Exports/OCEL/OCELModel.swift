import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Records
import Rules

/// An attribute of an event or an object; the values of OCEL's JSON are strings.
struct OCELAttribute: Hashable {
    enum Kind: String {
        case string, integer, float, boolean, time
    }

    let name: String
    let kind: Kind
    let value: String

    init(_ name: String, _ kind: Kind, _ value: String) {
        (self.name, self.kind, self.value) = (name, kind, VisibleText.shown(value))
    }

    init(_ name: String, _ value: JSONValue) {
        switch value {
        case .integer(let number): self.init(name, .integer, String(number))
        case .number(let number): self.init(name, .float, "\(number)")
        case .bool(let flag): self.init(name, .boolean, flag ? "true" : "false")
        default: self.init(name, .string, value.shownText)
        }
    }
}

struct OCELRelation: Hashable {
    let object: String
    let qualifier: String
}

struct OCELEvent {
    let id: String
    let type: String
    let moment: Timestamp
    let attributes: [OCELAttribute]
    let relations: [OCELRelation]
}

struct OCELObject {
    let id: String
    let type: String
    /// With nil for what it had from the beginning.
    var attributes: [(attribute: OCELAttribute, since: Timestamp?)] = []
    var relations: [OCELRelation] = []
}

/// Makes events and objects of a case: Specs/exports.md section 3.
struct OCELModel {
    let source: ExportSource

    static let person = "person"
    static let organisation = "organisation"
    static let document = "document"

    /// The type of a procedure's cases.
    static func type(of procedure: some StringProtocol) -> String {
        [person, organisation, document].contains(String(procedure))
            ? "case:\(procedure)" : String(procedure)
    }

    func events(of file: ExportedCase) -> [OCELEvent] {
        file.entries.map { event($0, file) }
    }

    private func event(_ entry: ExportedEntry, _ file: ExportedCase) -> OCELEvent {
        var attributes = [
            OCELAttribute("seq", .integer, String(entry.sequence)),
            OCELAttribute("revision", .integer, String(entry.revision)),
            OCELAttribute("recorded", .time, entry.recorded.text),
            OCELAttribute("dayOnly", .boolean, entry.isDayOnly ? "true" : "false"),
            OCELAttribute("asserted", .boolean, entry.isAsserted ? "true" : "false"),
        ]
        let texts = [
            ("fate", entry.fate?.rawValue), ("operator", entry.operatorPerson),
            ("unit", entry.operatorUnit),
        ]
        attributes += texts.compactMap { name, text in
            text.map { OCELAttribute(name, .string, $0) }
        }
        attributes += [("fateBy", entry.fateBy), ("mends", entry.mends)].compactMap {
            name, number in number.map { OCELAttribute(name, .integer, String($0)) }
        }
        let own = Set(OCELModel.uniform)
        attributes += entry.plainValues.map { field, value in
            OCELAttribute(own.contains(field.name) ? "data.\(field.name)" : field.name, value)
        }
        return OCELEvent(
            id: source.name(of: entry.sequence), type: entry.type, moment: entry.moment,
            attributes: attributes, relations: relations(entry, file))
    }

    /// What every event may have; a field of the same name has `data.` in front.
    private static let uniform = [
        "seq", "revision", "recorded", "dayOnly", "asserted", "fate", "fateBy", "mends",
        "operator", "unit",
    ]

    private func relations(_ entry: ExportedEntry, _ file: ExportedCase) -> [OCELRelation] {
        var all = [OCELRelation(object: file.stream, qualifier: "case")]
        all += OCELModel.persons(entry).map {
            OCELRelation(object: "person:" + $0.person, qualifier: $0.qualifier)
        }
        all += entry.organisations.map { OCELRelation(object: $0.id, qualifier: $0.qualifier) }
        all += entry.documents.map { OCELRelation(object: $0.id, qualifier: $0.qualifier) }
        var seen: Set<OCELRelation> = []
        return all.filter { seen.insert($0).inserted }
    }

    private static func persons(
        _ entry: ExportedEntry
    ) -> [(person: String, qualifier: String)] {
        (entry.operatorPerson.map { [($0, "operator")] } ?? [])
            + entry.participants.map { ($0.person, $0.role) } + entry.namedPersons
    }

    /// The case itself, with its states.
    func object(of file: ExportedCase) -> OCELObject {
        var object = OCELObject(id: file.stream, type: OCELModel.type(of: file.procedure))
        for (name, text) in [
            ("title", file.title), ("aliases", file.aliases.joined(separator: "\n")),
        ] where !text.isEmpty {
            object.attributes.append((OCELAttribute(name, .string, text), nil))
        }
        var stage: String?
        for entry in file.standing {
            if let new = entry.definition?.stage, new != stage {
                stage = new
                object.attributes.append((OCELAttribute("stage", .string, new), entry.moment))
            }
            if entry.definition?.ends == true {
                object.attributes.append((OCELAttribute("ended", .boolean, "true"), entry.moment))
            }
        }
        var seen: Set<OCELRelation> = []
        object.relations = links(of: file).filter { seen.insert($0).inserted }
        return object
    }

    /// Cases that a case names.
    func links(of file: ExportedCase) -> [OCELRelation] {
        file.standing.flatMap(\.otherCases).filter { $0.stream != file.stream }
            .map { OCELRelation(object: $0.stream, qualifier: $0.qualifier) }
    }

    /// Persons, organisations and documents that a case names, perhaps several times.
    func others(of file: ExportedCase) -> [OCELObject] {
        file.entries.flatMap { entry -> [OCELObject] in
            let persons = OCELModel.persons(entry).map {
                OCELObject(id: "person:" + $0.person, type: OCELModel.person)
            }
            let organisations = entry.organisations.map { body in
                OCELObject(
                    id: body.id, type: OCELModel.organisation,
                    attributes: OCELModel.fixed([("name", body.name), ("uscc", body.code)]))
            }
            let documents = entry.documents.map { document in
                OCELObject(
                    id: document.id, type: OCELModel.document,
                    attributes: OCELModel.fixed([
                        ("name", document.name), ("mediaType", document.mediaType),
                    ]))
            }
            return persons + organisations + documents
        }
    }

    private static func fixed(
        _ texts: [(String, String?)]
    ) -> [(attribute: OCELAttribute, since: Timestamp?)] {
        texts.compactMap { name, text in
            text.map { (OCELAttribute(name, .string, $0), nil) }
        }
    }
}

/// The attributes that the events or objects of each type have been seen with.
struct OCELTypes {
    private(set) var names: [String] = []
    private(set) var attributes: [String: [(name: String, kind: OCELAttribute.Kind)]] = [:]

    /// Those of `new` that the type did not have yet.
    mutating func add(_ type: String, _ new: [OCELAttribute]) -> [OCELAttribute] {
        if attributes[type] == nil {
            names.append(type)
            attributes[type] = []
        }
        var added: [OCELAttribute] = []
        for attribute in new
        where attributes[type]?.contains(where: { $0.name == attribute.name }) == false {
            attributes[type]?.append((attribute.name, attribute.kind))
            added.append(attribute)
        }
        return added
    }
}
