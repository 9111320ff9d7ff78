import CanonicalJSON
package import Catalogue

/// What an answer shows to who reads at a level: Specs/questions.md section 2.
///
/// A value that is not shown is `{"leftOut": "<class>"}`. A reporter is shown at no level.
package struct AnswerLevel: Sendable {
    private let catalogue: EventCatalogue
    private let shown: Set<ReadingClass>

    private static let reporter = "reporter"

    package init(_ redaction: Redaction, _ catalogue: EventCatalogue) {
        (self.catalogue, shown) = (catalogue, redaction.shown)
    }

    func value(_ json: JSONValue, _ readingClass: ReadingClass) -> JSONValue {
        json == .null || shown.contains(readingClass) ? json : leftOut(readingClass)
    }

    /// A value that is put together from fields of several classes.
    private func value(_ json: JSONValue, _ classes: Set<ReadingClass>) -> JSONValue {
        ReadingClass.allCases.first { classes.contains($0) && !shown.contains($0) }
            .map(leftOut) ?? json
    }

    private func leftOut(_ readingClass: ReadingClass) -> JSONValue {
        ["leftOut": .string(readingClass.rawValue)]
    }

    /// The title of a case, which any field of its procedure that titles are made of may be in.
    func title(_ json: JSONValue, of procedure: String) -> JSONValue {
        value(json, catalogue.titleClasses(of: procedure))
    }

    func aliases(_ json: JSONValue, of procedure: String) -> JSONValue {
        value(json, catalogue.aliasClasses(of: procedure))
    }

    func person(_ id: String, roles: [String]) -> JSONValue {
        roles.contains(AnswerLevel.reporter) ? leftOut(.sealed) : value(.string(id), .personal)
    }

    /// Who entered an event; a type that reporters submit may be by one.
    func enterer(_ id: String, ofType type: String) -> JSONValue {
        let isByReporter =
            catalogue.eventType(type)?.by.contains(AnswerLevel.reporter) ?? false
        return isByReporter ? leftOut(.sealed) : value(.string(id), .personal)
    }

    /// What is said of a person beside his identifier.
    func detail(_ text: String?, roles: [String]) -> JSONValue {
        guard let text else { return .null }
        return roles.contains(AnswerLevel.reporter)
            ? leftOut(.sealed) : value(.string(text), .internal)
    }
}

extension EventCatalogue {
    fileprivate func titleClasses(of procedure: String) -> Set<ReadingClass> {
        classes(of: procedure) { type, field in type.caseTitle.contains(field.name) }
    }

    fileprivate func aliasClasses(of procedure: String) -> Set<ReadingClass> {
        classes(of: procedure) { $1.isAlias }
    }

    private func classes(
        of procedure: String, where isMeant: (EventType, Field) -> Bool
    ) -> Set<ReadingClass> {
        // Of what only an earlier catalogue knows, anything may be in it; the ledger's own records
        // are of no catalogue.
        guard procedure == "ledger" || procedures.contains(where: { $0.id == procedure }) else {
            return Set(ReadingClass.allCases.filter { !$0.isEncrypted })
        }
        var found: Set<ReadingClass> = []
        for type in eventTypes where type.procedure == nil || type.procedure == procedure {
            for field in type.fields where isMeant(type, field) {
                found.insert(field.readingClass)
                found.formUnion(field.members.map(\.readingClass))
            }
        }
        return found
    }
}
