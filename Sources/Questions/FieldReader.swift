import CanonicalJSON
import Catalogue
import Projections
import Records
import Rules

/// Makes an entry's fields into values, and leaves out what the answer may not show.
struct FieldReader {
    private let catalogue: EventCatalogue
    private let shown: Set<ReadingClass>

    /// The role of those whose identity no answer shows.
    private static let reporter = "reporter"

    init(_ past: any PastView, _ arguments: Arguments) {
        catalogue = past.shelf.newest.catalogue
        shown = arguments.redaction.shown
    }

    /// The field's value; none if there is no entry or it has none.
    func value(_ entry: CaseEntry?, _ name: String) -> Value {
        guard let entry, let json = entry.data[name] else { return .none }
        guard let field = catalogue.eventType(entry.type)?.field(name) else { return .none }
        guard shown.contains(field.readingClass) else { return .hidden(field.readingClass) }
        return value(json, field)
    }

    private func value(_ json: JSONValue, _ field: Field) -> Value {
        if case .array(let elements) = json { return .list(elements.map { value($0, field) }) }
        switch field.type {
        case .fen: return json.integer.map { .fen($0) } ?? .none
        case .date:
            return Value(day: json.string.flatMap { CivilDateText.read($0)?.dayNumber })
        case .instant:
            let zoned = json.string.flatMap { text in
                Array(text.utf8).withUnsafeBytes { ZonedTime($0) }
            }
            return zoned.map { .moment($0.moment) } ?? .none
        case .organisation: return Value(json["name"]?.string)
        case .person: return person(json.string)
        case .record where !field.members.isEmpty:
            return .list(field.members.map { member(json, $0) }.filter { $0 != .none })
        default: break
        }
        return switch json {
        case .string(let text): .text(text)
        case .integer(let number): .integer(number)
        case .bool(let truth): .truth(truth)
        case .number(let number): .percent(number)
        case .null: .none
        case .array, .object: .text(json.canonicalText)
        }
    }

    /// A member of a record has a class of its own.
    private func member(_ json: JSONValue, _ field: Field) -> Value {
        guard let json = json[field.name] else { return .none }
        guard shown.contains(field.readingClass) else { return .hidden(field.readingClass) }
        return value(json, field)
    }

    /// A person's identifier.
    func person(_ id: String?) -> Value {
        guard let id, !id.isEmpty else { return .none }
        return shown.contains(.personal) ? .text(id) : .hidden(.personal)
    }

    /// Who had one of the roles in it; without roles, everybody.
    func persons(_ entry: CaseEntry?, _ roles: String...) -> Value {
        let found = (entry?.participants ?? []).filter {
            $0.role != FieldReader.reporter && (roles.isEmpty || roles.contains($0.role))
        }
        return found.isEmpty ? .none : .list(found.map { person($0.person) })
    }

    /// Who entered it; left out where a reporter may have done so himself.
    func enterer(_ entry: CaseEntry?) -> Value {
        guard let entry, !isByReporter(entry.type) else { return .none }
        return person(entry.operatorPerson)
    }

    private func isByReporter(_ type: String) -> Bool {
        catalogue.eventType(type)?.by.contains(FieldReader.reporter) ?? false
    }

    func title(ofType name: String) -> Value {
        catalogue.title(ofType: name).map { .phrase($0) } ?? .text(name)
    }
}

extension Answer.Column {
    static let stream = Answer.Column("stream", en: "case", zh: "案件")
    static let docNo = Answer.Column("docNo", en: "document number", zh: "文号")
    static let party = Answer.Column("party", en: "party", zh: "当事人")
    static let decided = Answer.Column("decided", en: "decided", zh: "决定日")
    static let due = Answer.Column("due", en: "due", zh: "期限")
    static let state = Answer.Column("state", en: "state", zh: "状态")
    static let finding = Answer.Column("finding", en: "finding", zh: "发现状态")
}
