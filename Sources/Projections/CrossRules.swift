import CanonicalJSON
import Catalogue
package import Rules

/// What cases are judged by.
package struct CaseRules: Sendable {
    package let shelf: RuleShelf
    let cross: CrossRules
    /// Without any act.
    let yearly: YearlyDuties
    /// Without any case.
    let indicators: IndicatorFold

    package init(_ shelf: RuleShelf) {
        self.shelf = shelf
        cross = CrossRules(shelf.newest)
        yearly = YearlyDuties(shelf.newest)
        indicators = IndicatorFold(shelf.newest, period: 0...0)
    }

    package var newest: RuleBook { shelf.newest }
}

/// What of a catalogue lets one case have to do with another.
struct CrossRules: Sendable {
    let links: CaseLinks
    let joins: CaseJoins
    /// Types of events that can name another case.
    let types: Set<String>
    /// Those with which a case goes on in another.
    let joinTypes: Set<String>
    /// Procedures that registers are folded from.
    let registerProcedures: Set<String>
    /// Of each type, the roles whose persons must stand in a register.
    let held: [String: [(role: String, register: String)]]

    init(_ book: RuleBook) {
        links = CaseLinks(book)
        joins = CaseJoins(book)
        joinTypes = joins.types
        types = links.types.union(joinTypes)
        registerProcedures = Set(book.catalogue.registers.map(\.procedure))
        var held: [String: [(role: String, register: String)]] = [:]
        for rule in book.catalogue.procedures.flatMap(\.rules) {
            guard case .participants(let role, .holds(let register)) = rule.demand else { continue }
            held[rule.event, default: []].append((role, register))
        }
        self.held = held
    }

    /// The cases that can have to do with one: those that it is linked with, all from which it may
    /// have come, and all in which it may go on.
    func surrounding(
        _ name: String, neighbours: (String) throws -> CaseNeighbours
    ) rethrows -> [String] {
        var found = try neighbours(name).linked
        for way in CaseNeighbours.ways {
            var open = [name]
            var seen: Set<String> = [name]
            while let next = open.popLast() {
                for other in try neighbours(next)[keyPath: way] where seen.insert(other).inserted {
                    open.append(other)
                }
            }
            found.formUnion(seen)
        }
        return found.subtracting([name]).sorted()
    }

    /// What a case may have to do with another that a field of one of its records names.
    func relations(
        _ stream: String, field path: String, to other: String
    ) -> Set<CaseRelation> {
        let (procedure, field) = (stream.prefix { $0 != "/" }, path.prefix { $0 != "." })
        let joined = joins.relations(String(procedure), field: String(field))
        let isLinked = links.pair(String(procedure), String(other.prefix { $0 != "/" }))
        return isLinked ? joined.union([.link]) : joined
    }

    /// The cases that an event names in a way that rules look at, or that a correction puts there.
    func targets(_ type: String, _ data: JSONValue, of stream: String) -> [CaseTarget] {
        let procedure = String(stream.prefix { $0 != "/" })
        guard let corrected = data["corrected"] else {
            guard types.contains(type) else { return [] }
            return links.targets(type, data, of: procedure) + joins.targets(type, data)
        }
        // Which type is corrected is told by another record: any of the procedure's will do.
        return types.filter { $0.hasPrefix(procedure + ".") }.flatMap {
            links.targets($0, corrected, of: procedure) + joins.targets($0, corrected)
        }
    }

    /// The cases that a whole case ever named.
    func targets(_ file: CaseRecords) -> Set<CaseTarget> {
        var found: Set<CaseTarget> = []
        for record in file.records {
            guard let entry = record.entry else { continue }
            found.formUnion(targets(entry.type, entry.data, of: file.stream))
        }
        return found.filter { $0.stream != file.stream }
    }

    /// What of the registers matters to a case.
    func relevant(
        _ held: [String: [RegisterFold.Held]], to file: CaseRecords
    ) -> [String: [RegisterFold.Held]] {
        var found: [String: [RegisterFold.Held]] = [:]
        for asked in consulted(file) {
            let spans = (held[asked.person] ?? []).filter {
                $0.register == asked.register && $0.days.contains(asked.day)
            }
            for span in spans where !(found[asked.person] ?? []).contains(span) {
                found[asked.person, default: []].append(span)
            }
        }
        return found
    }

    /// Who must stand in which register on which day, by any entry that the case ever had.
    func consulted(_ file: CaseRecords) -> Set<Consultation> {
        var found: Set<Consultation> = []
        for record in file.records {
            guard var entry = record.entry else { continue }
            var participants = entry.participants
            if let target = record.mends, let corrected = entry.data["corrected"] {
                let before = file.records.first { $0.sequence == target }?.entry
                guard let before, before.data["corrected"] == nil else { continue }
                participants = (corrected["participants"]?.array ?? []).compactMap(Participant.init)
                entry = before
            }
            for (role, register) in held[entry.type] ?? [] {
                for participant in participants where participant.role == role {
                    found.insert(
                        Consultation(
                            person: participant.person, register: register, day: entry.day))
                }
            }
        }
        return found
    }
}

/// The cases that one names or is named by, as far as rules can have to do with that.
struct CaseNeighbours: Sendable {
    var linked: Set<String> = []
    /// Those in which it may go on.
    var onward: Set<String> = []
    /// Those that may go on in it.
    var back: Set<String> = []

    /// The ways that are followed from case to case.
    static var ways: [KeyPath<CaseNeighbours, Set<String>>] { [\.onward, \.back] }

    mutating func insert(_ other: String, _ relation: CaseRelation) {
        switch relation {
        case .link: linked.insert(other)
        case .onward: onward.insert(other)
        case .back: back.insert(other)
        }
    }

    func union(_ other: CaseNeighbours?) -> CaseNeighbours {
        guard let other else { return self }
        return CaseNeighbours(
            linked: linked.union(other.linked), onward: onward.union(other.onward),
            back: back.union(other.back))
    }
}

/// That it matters whether somebody stands in a register on a day.
struct Consultation: Hashable, Sendable {
    let person: String
    let register: String
    let day: Int
}

/// What others have to do with a case.
package struct Surroundings: Sendable {
    /// Cases that it may be linked or joined with, with all their records.
    var others: [CaseRecords] = []
    /// Who held what, as known at which record.
    var held: [String: [RegisterFold.Held]] = [:]

    package static let none = Surroundings()
}
