package import CanonicalJSON
package import Catalogue
package import Phrases
package import Projections
package import Records
package import Rules

/// One record of a case as it is exported.
package struct ExportedEntry: Sendable {
    package let sequence: UInt64
    package let revision: Int64
    package let recorded: Timestamp
    package let type: String
    package let title: Phrase
    /// As the catalogue in force at the record has it.
    package let definition: EventType?
    package let moment: Timestamp
    package let isDayOnly: Bool
    package let isAsserted: Bool
    package let isWithheld: Bool
    package let operatorPerson: String?
    package let operatorUnit: String?
    package let operatorPost: String?
    package let participants: [Participant]
    /// As corrected.
    package let data: JSONValue
    /// As first recorded.
    package let recordedData: JSONValue
    package let fate: CasePrefix.Fate?
    package let fateBy: UInt64?
    package let mends: UInt64?

    init(
        _ record: CaseRecord, _ standing: CaseEntry?, _ fold: CaseFold,
        _ catalogue: EventCatalogue, _ clock: LocalTime
    ) {
        (sequence, revision, recorded) = (record.sequence, record.revision, record.recorded)
        mends = record.mends
        (fate, fateBy) = (fold.fates[sequence]?.fate, fold.fates[sequence]?.by)
        definition = fold.types[sequence]
        guard let entry = record.entry else {
            (type, title) = ("withheld", Phrase(en: "withheld", zh: "已遮蔽"))
            (moment, isDayOnly, isAsserted, isWithheld) = (record.recorded, false, false, true)
            (operatorPerson, operatorUnit, operatorPost, participants) = (nil, nil, nil, [])
            (data, recordedData) = (.object([]), .object([]))
            return
        }
        type = entry.type
        title = catalogue.title(ofType: entry.type) ?? Phrase(en: entry.type, zh: entry.type)
        (moment, isDayOnly) = (entry.moment, entry.isDayOnly)
        (isAsserted, isWithheld) = (entry.isAsserted, false)
        // Whoever the law protects is left out here, so that no format can show him.
        let isProtected = Protection.coversOperator(of: definition)
        let submitter = isProtected ? nil : entry.data["operator"]
        operatorPerson = submitter?["person"]?.string
        operatorUnit = submitter?["unit"]?.string
        operatorPost = submitter?["post"]?.string
        recordedData = ExportedEntry.shown(entry.data, isProtected)
        // Withdrawn entries have left the history; they are still told of, as they were.
        data = ExportedEntry.shown(standing?.data ?? entry.data, isProtected)
        participants = (standing?.participants ?? entry.participants)
            .filter { !Protection.roles.contains($0.role) }
    }

    /// Data without those whom the law protects.
    private static func shown(_ data: JSONValue, _ isProtected: Bool) -> JSONValue {
        guard let members = data.members else { return data }
        return .object(
            members.compactMap { member in
                switch member.name {
                case "operator" where isProtected: nil
                case "participants": JSONMember(member.name, shown(participants: member.value))
                case "corrected": JSONMember(member.name, shown(member.value, isProtected))
                default: member
                }
            })
    }

    private static func shown(participants: JSONValue) -> JSONValue {
        .array(
            (participants.array ?? []).filter {
                !Protection.roles.contains($0["role"]?.string ?? "")
            })
    }

    /// Every field that has a value; of a list, each of its values.
    package var fieldValues: [(field: Field, value: JSONValue)] {
        (definition?.fields ?? []).flatMap { field -> [(field: Field, value: JSONValue)] in
            guard let value = data[field.name] else { return [] }
            return (field.isList ? value.array ?? [value] : [value]).map { (field, $0) }
        }
    }

    /// Fields whose value is one text, number, truth value or day.
    package var plainValues: [(field: Field, value: JSONValue)] {
        (definition?.fields ?? []).compactMap { field in
            guard field.isPlain, let value = data[field.name] else { return nil }
            switch value {
            case .null, .array, .object: return nil
            case .bool, .integer, .number, .string: return (field, value)
            }
        }
    }
}

extension Field {
    /// Whether a value is one text, number, truth value or day.
    package var isPlain: Bool {
        guard !isList else { return false }
        return switch type {
        case .organisation, .record, .target, .reference: false
        default: true
        }
    }
}
