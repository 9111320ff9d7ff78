import Catalogue
import Rules

/// What must stand before an event, by the rules of the catalogue.
struct EventNeeds: Sendable {
    private let catalogue: EventCatalogue
    /// Events that must all stand before, and lists of which one must.
    private let all: [String: [String]]
    private let any: [String: [[String]]]

    /// Rules with a condition count if `conditional`.
    init(_ book: RuleBook) {
        catalogue = book.catalogue
        var (all, any): ([String: [String]], [String: [[String]]]) = ([:], [:])
        for rule in book.catalogue.procedures.flatMap(\.rules) where rule.when == nil {
            switch rule.demand {
            case .requires(let types): all[rule.event, default: []] += types
            case .requiresAny(let types): any[rule.event, default: []].append(types)
            default: break
            }
        }
        (self.all, self.any) = (all, any)
    }

    /// These events in the order in which they are given, each after what must stand before it;
    /// those called `without` are left out.
    func order(of types: [EventType], without: Set<String> = []) -> [EventType] {
        var order: [String] = []
        var open = without
        for type in types { add(type.name, to: &order, &open) }
        let procedure = types.last?.procedure
        return order.compactMap { catalogue.eventType($0) }.filter { $0.procedure == procedure }
    }

    private func add(_ name: String, to order: inout [String], _ open: inout Set<String>) {
        guard !order.contains(name), open.insert(name).inserted else { return }
        for type in all[name] ?? [] { add(type, to: &order, &open) }
        for types in any[name] ?? [] where !types.contains(where: { order.contains($0) }) {
            let free = types.filter { !open.contains($0) }
            let shortest = free.min { length($0, open) < length($1, open) }
            if let shortest { add(shortest, to: &order, &open) }
        }
        order.append(name)
    }

    private func length(_ name: String, _ open: Set<String>) -> Int {
        var order: [String] = []
        var open = open
        add(name, to: &order, &open)
        return order.count
    }

    /// Events of other procedures' cases that must stand before these; those called `without` are
    /// left out.
    func companions(of types: [EventType], without: Set<String> = []) -> [EventType] {
        let procedure = types.last?.procedure
        var names: [String] = []
        for type in types {
            let needed = (all[type.name] ?? []) + (any[type.name] ?? []).compactMap(\.first)
            names += needed.filter {
                !without.contains($0) && catalogue.eventType($0)?.procedure != procedure
            }
        }
        return companions(names, without: without)
    }

    /// These events of other procedures, each after what must stand before it.
    func companions(_ names: [String], without: Set<String> = []) -> [EventType] {
        var order: [String] = []
        var open = without
        for name in names { add(name, to: &order, &open) }
        return order.compactMap { catalogue.eventType($0) }
    }
}
