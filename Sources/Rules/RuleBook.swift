import CanonicalJSON
package import Catalogue
import Phrases
package import Records

/// A catalogue's rules, duties and indicators, ready to judge by.
package final class RuleBook: Sendable {
    package let catalogue: EventCatalogue
    package let calendar: WorkCalendar
    /// The catalogue's time zone.
    package let clock: LocalTime
    private let conditions: [ConditionKey: Expression]
    private let byEvent: [String: [PreparedRule]]
    private let byProcedure: [String: [PreparedRule]]
    private let dutiesByStart: [String: [Duty]]
    private let byID: (rules: [String: Rule], duties: [String: Duty])
    /// Duties whose clocks entries start, in the order of the catalogue.
    package let allDuties: [Duty]
    private let lawDays: [String: ClosedRange<Int>]
    private let gates: GateTypes

    /// Throws every condition that is wrong, at its place in the files.
    package init(
        _ catalogue: EventCatalogue, calendar: WorkCalendar, clock: LocalTime = .beijing
    ) throws(CatalogueErrors) {
        (self.catalogue, self.calendar) = (catalogue, calendar)
        self.clock = clock
        var gathering = ConditionGathering(catalogue)
        gathering.gather()
        guard gathering.errors.isEmpty else { throw CatalogueErrors(gathering.errors) }
        conditions = gathering.conditions
        gates = GateTypes(catalogue, gathering.conditions)
        let rules = catalogue.procedures.flatMap(\.rules)
        let duties = catalogue.procedures.flatMap { procedure in
            procedure.duties + procedure.disclosures.filter { !$0.to.isEmpty }.map(\.duty)
                + procedure.disclosures.flatMap(\.removalDuties)
        }
        allDuties = duties.filter { $0.from != nil }
        byID = (
            Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
            Dictionary(allDuties.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        )
        dutiesByStart = Dictionary(grouping: duties.filter { $0.from != nil }) { $0.from ?? "" }
        lawDays = Dictionary(
            catalogue.laws.map { law in
                let from = law.from.flatMap { CivilDateText.read($0)?.dayNumber } ?? .min
                let to = law.to.flatMap { CivilDateText.read($0)?.dayNumber } ?? .max
                return (law.id, from...max(from, to))
            }, uniquingKeysWith: { first, _ in first })
        let prepared = rules.map { [conditions, lawDays] in PreparedRule($0, conditions, lawDays) }
        byEvent = Dictionary(grouping: prepared.filter { !$0.rule.isTerminal }, by: \.rule.event)
        byProcedure = Dictionary(grouping: prepared.filter(\.rule.isTerminal)) { prepared in
            String(prepared.rule.event.prefix { $0 != "." })
        }
    }

    // MARK: - What applies

    package func rule(_ id: String) -> Rule? { byID.rules[id] }

    /// The duty with this id; where several have it, the one that this type of entry starts.
    package func duty(_ id: String, from type: String? = nil) -> Duty? {
        guard let type else { return byID.duties[id] }
        return duties(from: type).first { $0.id == id }
    }

    /// Rules judged on an entry of this type itself.
    func rules(on type: String) -> [PreparedRule] { byEvent[type] ?? [] }

    /// Rules by which nothing may follow one of the procedure's events.
    func terminals(of procedure: String) -> [PreparedRule] { byProcedure[procedure] ?? [] }

    /// Duties whose clock an entry of this type starts.
    package func duties(from type: String) -> [Duty] { dutiesByStart[type] ?? [] }

    /// Whether one of the laws was in force on that day.
    package func isInForce(_ basis: [Clause], on day: Int) -> Bool {
        basis.contains { lawDays[$0.law]?.contains(day) ?? false }
    }

    /// Whether a submitted event of this type can be refused by a rule.
    package func hasGate(_ type: String) -> Bool { gates.judged.contains(type) }

    /// Whether a gate looks for entries of this type.
    package func isSeenByGates(_ type: String) -> Bool { gates.seen.contains(type) }

    // MARK: - Days

    package func day(of moment: Timestamp) -> Int { clock.day(of: moment) }

    /// The day that a date or an instant in an event's data names.
    func day(_ value: JSONValue?) -> Int? {
        guard let text = value?.string else { return nil }
        if let date = CivilDateText.read(text) { return date.dayNumber }
        return Array(text.utf8).withUnsafeBytes { ZonedTime($0) }.map { day(of: $0.moment) }
    }

    // MARK: - Conditions

    /// What a condition of `rule` or duty comes to for an entry, given what stood before it on the
    /// line of occurrence; unknown for one in words, and true for none.
    func truth(
        _ condition: Condition?, at place: Int, in history: CaseHistory
    ) -> Truth {
        guard let condition else { return .true }
        let entry = history.entries[place]
        guard let expression = expression(condition, judging: entry.type) else { return .unknown }
        return expression.truth(in: history.context(at: place), calendar: calendar)
    }

    package func expression(_ condition: Condition, judging type: String) -> Expression? {
        guard case .expression(let text) = condition else { return nil }
        return conditions[ConditionKey(text: text, judged: type)]
    }

    func expression(_ text: String, judging type: String) -> Expression? {
        conditions[ConditionKey(text: text, judged: type)]
    }
}

/// An expression and the type of the event that it judges.
struct ConditionKey: Hashable, Sendable {
    let text: String
    let judged: String
}

extension Rule {
    var isTerminal: Bool {
        if case .terminal = demand { true } else { false }
    }
}

/// The types that rules of level `refuse` judge, and those that they look for: an appended event
/// costs no more than it must.
private struct GateTypes: Sendable {
    private(set) var judged: Set<String> = []
    private(set) var seen: Set<String> = ["entry.corrected", "entry.withdrawn"]

    init(_ catalogue: EventCatalogue, _ conditions: [ConditionKey: Expression]) {
        for procedure in catalogue.procedures {
            for rule in procedure.rules where rule.level == .refuse {
                judged.insert(rule.event)
                seen.insert(rule.event)
                var asked = [rule.when]
                switch rule.demand {
                case .requires(let types), .requiresAny(let types), .forbids(let types):
                    seen.formUnion(types)
                case .terminal: judged.formUnion(procedure.events)
                case .check(let condition): asked.append(condition)
                case .participants(_, .apartFrom(let other)): seen.insert(other.event)
                case .atMostOnce, .participants: break
                }
                for case .expression(let text)? in asked {
                    let key = ConditionKey(text: text, judged: rule.event)
                    seen.formUnion(conditions[key]?.usedEvents ?? [])
                }
            }
        }
        seen.formUnion(judged)
        seen.formUnion(catalogue.eventTypes.filter { $0.continues != nil }.map(\.name))
        seen.formUnion(catalogue.formerNames.filter { seen.contains($0.value) }.keys)
    }
}
