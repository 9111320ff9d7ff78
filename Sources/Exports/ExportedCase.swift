package import CanonicalJSON
package import Catalogue
package import Phrases
package import Projections
import Records
package import Rules

/// A case as it is exported: Specs/exports.md section 1.
package struct ExportedCase: Sendable {
    package let stream: String
    package let procedure: String
    package let procedureTitle: Phrase
    package private(set) var title = ""
    package private(set) var stage: Stage?
    package private(set) var hasEnded = false
    package private(set) var aliases: [String] = []
    package private(set) var parties: [Party] = []
    /// All records, by number.
    package let entries: [ExportedEntry]
    /// Places of ``entries`` that stand, in the order in which they happened.
    package let line: [Int]

    /// A party as the case names it.
    package struct Party: Hashable, Sendable {
        package let name: String
        package let code: String?
    }

    package init(
        _ records: CaseRecords, effect: (UInt64) -> EventCatalogue, clock: LocalTime
    ) {
        let fold = CaseFold(records, effect: effect)
        let history = fold.history
        stream = records.stream
        procedure = String(history.procedure)
        let newest = records.records.last.map { effect($0.sequence) }
        let known = newest?.procedure(procedure)
        procedureTitle = known?.title ?? Phrase(en: procedure, zh: procedure)
        let standing = Dictionary(
            history.entries.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
        entries = records.records.map { record in
            ExportedEntry(
                record, standing[record.sequence], fold, effect(record.sequence), clock)
        }
        let places = Dictionary(
            entries.enumerated().map { ($1.sequence, $0) }, uniquingKeysWith: { first, _ in first })
        line = history.line.compactMap { places[history.entries[$0].sequence] }
        summarise(known?.stages ?? [])
    }

    /// What stands, in the order in which it happened.
    package var standing: [ExportedEntry] { line.map { entries[$0] } }

    private mutating func summarise(_ stages: [Stage]) {
        for entry in standing {
            guard let type = entry.definition else { continue }
            if let id = type.stage { stage = stages.first { $0.id == id } ?? stage }
            if type.ends { hasEnded = true }
            let words = type.caseTitle.compactMap { entry.data[$0]?.shownText }
            if !words.isEmpty { title = words.joined(separator: " ") }
            for (field, value) in entry.fieldValues {
                if field.isAlias, let alias = value.string, !aliases.contains(alias) {
                    aliases.append(alias)
                }
            }
            take(partiesOf: entry)
        }
    }

    /// A code in a field of its own belongs to the party that the same entry names.
    private mutating func take(partiesOf entry: ExportedEntry) {
        let fields = entry.fieldValues.filter(\.field.isParty)
        var found = fields.compactMap { field, value -> Party? in
            guard field.type != .uscc, let name = value.string ?? value["name"]?.string else {
                return nil
            }
            return Party(name: name, code: value["uscc"]?.string)
        }
        for (field, value) in fields where field.type == .uscc {
            guard let code = value.string else { continue }
            if let place = found.firstIndex(where: { $0.code == nil }) {
                found[place] = Party(name: found[place].name, code: code)
            } else {
                found.append(Party(name: code, code: code))
            }
        }
        for party in found where !parties.contains(party) { parties.append(party) }
    }
}

extension JSONValue {
    /// A value as people read it.
    package var shownText: String {
        switch self {
        case .string(let text): text
        case .object: self["name"]?.string ?? canonicalText
        case .array(let elements): elements.map(\.shownText).joined(separator: "、")
        default: canonicalText
        }
    }
}
