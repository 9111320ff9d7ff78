import CanonicalJSON
import Catalogue
import Phrases
import Rules

/// Makes events of a draft, each with the fields and persons that it must have and some that it
/// may.
struct DraftMaker {
    private let book: RuleBook
    /// How many persons a rule demands, by type and role.
    private let minima: [PersonsKey: Int]
    /// Fields in which a day is named by which something must be done.
    private let dueFields: Set<FieldKey>
    /// Fields by which the end of a duty is told to belong to its start: in a case, all the same.
    private let matched: Set<FieldKey>
    private let roleNumbers: [String: Int]

    init(_ book: RuleBook) {
        self.book = book
        var minima: [PersonsKey: Int] = [:]
        var dueFields: Set<FieldKey> = []
        var matched: Set<FieldKey> = []
        for procedure in book.catalogue.procedures {
            for rule in procedure.rules {
                guard case .participants(let role, let demand) = rule.demand else { continue }
                let count = if case .minimum(let count) = demand { count } else { 1 }
                let key = PersonsKey(type: rule.event, role: role)
                minima[key] = max(minima[key] ?? 0, count)
            }
            for duty in procedure.duties {
                if case .dueField(let field, let from, _) = duty.clock {
                    dueFields.insert(FieldKey(type: from, field: field))
                }
                if let match = duty.matches, let from = duty.from {
                    matched.insert(FieldKey(type: from, field: match.from))
                    for end in duty.to { matched.insert(FieldKey(type: end, field: match.to)) }
                }
                guard let extend = duty.extend, let field = extend.untilField else { continue }
                for type in extend.by { dueFields.insert(FieldKey(type: type, field: field)) }
            }
        }
        (self.minima, self.dueFields, self.matched) = (minima, dueFields, matched)
        roleNumbers = Dictionary(
            book.catalogue.roles.enumerated().map { ($1.id, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// An event on a day that is still to be settled.
    func event(_ type: EventType, stream: Int, _ chance: inout Chance) -> DraftEvent {
        let by = type.by.first ?? book.catalogue.roles.first?.id ?? ""
        var event = DraftEvent(
            type: type, stream: stream, day: 0, second: 0,
            enteredBy: PersonReference(list: number(of: by), place: 0))
        for field in type.fields where !field.readingClass.isEncrypted {
            guard field.isRequired || chance.percent(50) else { continue }
            event.fields.append(
                DraftMember(name: field.name, value: value(of: field, type, &chance)))
        }
        event.participants = participants(of: type)
        return event
    }

    // MARK: - Persons

    private func participants(of type: EventType) -> [DraftParticipant] {
        var roles = type.participants.map { ($0.role, max(1, $0.minimum), $0.needsOpinion) }
        for key in minima.keys.sorted(by: { $0.role < $1.role }) where key.type == type.name {
            let count = minima[key] ?? 0
            if let place = roles.firstIndex(where: { $0.0 == key.role }) {
                roles[place].1 = max(roles[place].1, count)
            } else {
                roles.append((key.role, count, false))
            }
        }
        return roles.flatMap { role, count, needsOpinion in
            (0..<count).map { place in
                DraftParticipant(
                    person: PersonReference(list: number(of: role), place: place), role: role,
                    opinion: needsOpinion ? "agree" : nil,
                    order: needsOpinion ? place + 1 : nil)
            }
        }
    }

    func number(of role: String) -> Int { roleNumbers[role] ?? book.catalogue.roles.count }

    private func person(_ field: Field) -> PersonReference {
        let other = book.catalogue.roles.count + 1 + Int(Mixing.number(of: field.name) % 8)
        return PersonReference(list: roleNumbers[field.name] ?? other, place: 0)
    }

    // MARK: - Values

    func value(of field: Field, _ type: EventType, _ chance: inout Chance) -> DraftValue {
        guard field.isList else { return single(field, type, &chance) }
        if field.type == .enum {
            let first = chance.below(field.values.count)
            let count = min(chance.within(1...2), field.values.count, field.itemsMax)
            return .list(
                (0..<count).map {
                    .plain(.string(field.values[(first + $0) % field.values.count]))
                })
        }
        let count = min(chance.within(1...2), field.itemsMax)
        return .list((0..<count).map { _ in single(field, type, &chance) })
    }

    private func single(_ field: Field, _ type: EventType, _ chance: inout Chance) -> DraftValue {
        if matched.contains(FieldKey(type: type.name, field: field.name)) { return common(field) }
        let key = field.isParty ? Mixing.number(of: "party \(field.type)") : chance.next()
        let isDue = dueFields.contains(FieldKey(type: type.name, field: field.name))
        switch field.type {
        case .string:
            return .made(
                field.isParty
                    ? .party(bytesMax: field.bytesMax)
                    : .string(title: field.title.zh, bytesMax: field.bytesMax), key: key)
        case .text: return .made(.text(title: field.title.zh, bytesMax: field.bytesMax), key: key)
        case .integer: return number(field, &chance)
        case .fen:
            let amount = Int64(chance.within(1...400)) * 100_000
            return .plain(.integer(min(max(amount, field.minimum), field.maximum)))
        case .percent: return .plain(.integer(Int64(chance.within(70...100))))
        case .boolean: return .plain(.bool(chance.percent(70)))
        case .date: return .day(FieldManner(field, isDue: isDue).days(&chance))
        case .instant: return .moment(FieldManner(field, isDue: isDue).days(&chance) * 86_400)
        case .enum:
            let word = chance.percent(60) ? field.values.first : chance.pick(field.values)
            return .plain(.string(word ?? ""))
        case .person: return .person(person(field))
        case .record: return .record(record(field, type, &chance))
        default: return .made(filler(field), key: key)
        }
    }

    /// What names the same thing in all events of a case.
    private func common(_ field: Field) -> DraftValue {
        let filler: DraftFiller
        switch field.type {
        case .integer: return .plain(.integer(max(1, field.minimum)))
        case .enum: return .plain(.string(field.values.first ?? ""))
        case .string, .text: filler = .string(title: "编号", bytesMax: min(60, field.bytesMax))
        default: filler = self.filler(field)
        }
        return .common(filler, key: Mixing.number(of: "match \(field.type)"))
    }

    private func number(_ field: Field, _ chance: inout Chance) -> DraftValue {
        if field.name.lowercased().hasSuffix("year") { return .year }
        let number = Int64(chance.within(1...9))
        return .plain(.integer(min(max(number, field.minimum), field.maximum)))
    }

    private func record(
        _ field: Field, _ type: EventType, _ chance: inout Chance
    ) -> [DraftMember] {
        if field.members.isEmpty {
            let note = DraftFiller.string(title: field.title.zh, bytesMax: 300)
            return [DraftMember(name: "note", value: .made(note, key: chance.next()))]
        }
        return field.members.filter(\.isRequired).map {
            DraftMember(name: $0.name, value: value(of: $0, type, &chance))
        }
    }

    private func filler(_ field: Field) -> DraftFiller {
        switch field.type {
        case .docNo: .docNo
        case .uscc: .uscc
        case .residentId: .residentId
        case .certificate: .certificate
        case .region: .region
        case .digest: .digest
        case .attachment: .attachment(title: field.title.zh)
        case .uri: .uri
        case .organisation: .organisation
        case .reference: .reference(field.procedure)
        case .target: .target
        case .caseId: .caseID
        default: .string(title: field.title.zh, bytesMax: max(30, field.bytesMax))
        }
    }
}

struct PersonsKey: Hashable {
    let type: String
    let role: String
}

struct FieldKey: Hashable {
    let type: String
    let field: String
}

/// What a field's name says of its day: most are the event's own.
struct FieldManner {
    private let days: ClosedRange<Int>

    private static let past = ["violation", "happened", "occurred", "since", "born", "built"]
    private static let future = [
        "until", "due", "ends", "expire", "deadline", "planned", "expected", "scheduled",
    ]

    init(_ field: Field, isDue: Bool) {
        let name = field.name.lowercased()
        if isDue || FieldManner.future.contains(where: { name.contains($0) }) {
            days = 25...30
        } else if FieldManner.past.contains(where: { name.contains($0) }) {
            days = -60 ... -20
        } else {
            days = 0...0
        }
    }

    func days(_ chance: inout Chance) -> Int { chance.within(days) }
}
