import Catalogue
import Records
import Rules

/// Finds orders of events that run to an end: nothing broken, and nothing left undone that can be
/// done.
struct CasePlanner {
    private let maker: ExerciseMaker
    private var composer: CaseComposer { maker.composer }

    private static let roundCount = 24
    /// When everything that is owed has fallen due.
    static let never = Timestamp(microseconds: 7_258_118_400_000_000)

    init(_ composer: CaseComposer, _ procedure: String, seed: UInt64, from day: Int) {
        maker = ExerciseMaker(composer, procedure, seed, from: day)
    }

    /// An order that leads to `goal` and then does what is owed; nil if none is sound.
    func order(to goal: EventType) -> CaseOrder? {
        var chance = maker.chance(goal.name, 60)
        var found = maker.search(maker.order(goal, []), &chance) { _ in ([], []) }
        guard found.rest.score == 0 else { return nil }
        var left: Set<String> = []
        for _ in 0..<CasePlanner.roundCount {
            guard let owed = owed(found.draft, but: left) else { break }
            if let better = fulfilled(owed, found, &chance) {
                found = better
            } else {
                left.insert(owed.duty.id)
            }
        }
        return found.order
    }

    private func owed(_ draft: CaseDraft, but left: Set<String>) -> DutyStanding? {
        composer.judge.standings(of: draft, asOf: CasePlanner.never).first { standing in
            standing.state == .overdue && composer.book.isOfBureau(standing.duty)
                && !left.contains(standing.duty.id)
        }
    }

    private func fulfilled(
        _ owed: DutyStanding, _ found: OrderSearch, _ chance: inout Chance
    ) -> OrderSearch? {
        guard let start = owed.start.map({ Int($0) }) else { return nil }
        for name in owed.duty.to.prefix(3) {
            guard let ending = composer.book.catalogue.eventType(name),
                let order = order(found, with: ending, after: start)
            else { continue }
            let longer = maker.search(order, tries: 80, &chance) { _ in ([], []) }
            guard longer.rest.score == 0,
                !composer.judge.standings(of: longer.draft, asOf: CasePlanner.never).contains(
                    where: { $0.id == owed.id && $0.state == .overdue })
            else { continue }
            return longer
        }
        return nil
    }

    /// The order with one more event, and what must stand before that, as soon as may be.
    private func order(
        _ found: OrderSearch, with ending: EventType, after start: Int
    ) -> CaseOrder? {
        var order = found.order
        let first = start - order.companions.count
        let stream = found.draft.events[start].stream
        if stream == 0, ending.procedure == order.types.first?.procedure {
            let needed = composer.needs.order(of: [ending], without: order.absent)
            var place = first + 1
            for (index, type) in order.types.enumerated()
            where index >= place && needed.contains(where: { $0 === type }) && type !== ending {
                place = index + 1
            }
            let more = needed.dropLast().filter { type in
                !order.types[..<place].contains { $0 === type }
            }
            order.types.insert(contentsOf: more + [ending], at: place)
            return order
        }
        let needed = composer.needs.companions([ending.name])
        let there = order.types + order.companions + order.followers
        let more = needed.dropLast().filter { type in !there.contains { $0 === type } }
        guard more.allSatisfy({ $0.procedure == ending.procedure }) else { return nil }
        order.followers += more + [ending]
        return order
    }
}
