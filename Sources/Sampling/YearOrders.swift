import Catalogue
import Rules

/// The orders of events that cases of a year follow, found when they are first asked for.
struct YearOrders {
    private let composer: CaseComposer
    private let seed: UInt64
    private let day: Int
    private var found: [[CaseOrder]?]
    private var turns: [Int]

    init(_ composer: CaseComposer, seed: UInt64, day: Int) {
        (self.composer, self.seed, self.day) = (composer, seed, day)
        let count = composer.book.catalogue.procedures.count
        found = Array(repeating: nil, count: count)
        turns = Array(repeating: 0, count: count)
    }

    /// The next order of the procedure with that number; nil if none is sound.
    mutating func next(_ procedure: Int) -> CaseOrder? {
        let orders = found[procedure] ?? all(procedure)
        found[procedure] = orders
        guard !orders.isEmpty else { return nil }
        defer { turns[procedure] += 1 }
        return orders[turns[procedure] % orders.count]
    }

    /// First those which together have every event that can occur, then the others.
    private func all(_ number: Int) -> [CaseOrder] {
        let procedure = composer.book.catalogue.procedures[number]
        let planner = CasePlanner(composer, procedure.id, seed: seed, from: day)
        var orders = procedure.events.compactMap { name in
            composer.book.catalogue.eventType(name).flatMap { planner.order(to: $0) }
        }
        var covered: Set<String> = []
        var first: [CaseOrder] = []
        while true {
            let gains = orders.map { Set($0.types.map(\.name)).subtracting(covered).count }
            guard let best = gains.indices.max(by: { (gains[$0], $1) < (gains[$1], $0) }),
                gains[best] > 0
            else { break }
            let order = orders.remove(at: best)
            covered.formUnion(order.types.map(\.name))
            first.append(order)
        }
        return first + orders
    }
}
