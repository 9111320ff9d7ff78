import Catalogue
import Rules

/// The events of a case, of cases that it names, and of cases that it leads to.
struct CaseOrder: Sendable {
    var types: [EventType]
    /// Before them all.
    var companions: [EventType]
    /// After them all.
    var followers: [EventType] = []
    /// Events that must not be in it.
    var absent: Set<String> = []
}

/// What came of an order.
struct OrderSearch {
    /// With what was missing.
    let order: CaseOrder
    let draft: CaseDraft
    let rest: DraftRest
}

// Looking for a case that an order gives.
extension ExerciseMaker {
    /// The order as a case with what is wanted and what must apply; events that are found to be
    /// missing are put in.
    func search(
        _ order: CaseOrder, tries: Int = 250, _ chance: inout Chance,
        wanting aims: (CaseDraft) -> (broken: [DraftAim], applying: [DraftAim])
    ) -> OrderSearch {
        var order = order
        var draft = laid(order, &chance)
        for _ in 0..<ExerciseMaker.completionCount {
            let wanted = aims(draft)
            let rest = composer.repair.mend(
                &draft, wanting: wanted.broken, applying: wanted.applying, tries: tries, &chance)
            guard rest.score > 0, let longer = completed(order, rest.unwanted) else {
                return OrderSearch(order: order, draft: draft, rest: rest)
            }
            order = longer
            draft = laid(order, &chance)
        }
        let wanted = aims(draft)
        let rest = composer.repair.mend(
            &draft, wanting: wanted.broken, applying: wanted.applying, tries: tries, &chance)
        return OrderSearch(order: order, draft: draft, rest: rest)
    }

    /// The order with what is missing by the first of these flaws that can be helped so.
    private func completed(_ order: CaseOrder, _ flaws: [DraftFlaw]) -> CaseOrder? {
        for flaw in flaws {
            let place = flaw.event - order.companions.count
            guard place < order.types.count else { continue }
            var longer = order
            if place >= 0 {
                let more = missing(flaw, in: order.types[..<place], order.absent)
                let after = order.types[place...].dropLast().filter { type in
                    !more.contains { $0 === type }
                }
                longer.types = order.types[..<place] + more + after + order.types.suffix(1)
            } else {
                let more = missing(flaw, in: order.companions[..<flaw.event], order.absent)
                longer.companions.insert(contentsOf: more, at: flaw.event)
            }
            if longer.types.map(\.name) != order.types.map(\.name)
                || longer.companions.count > order.companions.count
            {
                return longer
            }
        }
        return nil
    }

    /// What the broken rule asks for, and what must stand before that, unless it is there.
    private func missing(
        _ flaw: DraftFlaw, in before: ArraySlice<EventType>, _ absent: Set<String>
    ) -> [EventType] {
        guard case .breach(let breach) = flaw.kind else { return [] }
        var names = breach.names
        if case .check(let condition) = breach.rule.demand {
            let expression = book.expression(condition, judging: breach.rule.event)
            names = (expression?.usedEvents ?? []).sorted()
        }
        let procedure = breach.rule.event.prefix { $0 != "." }
        names.removeAll { absent.contains($0) || $0.prefix { $0 != "." } != procedure }
        switch breach.rule.demand {
        case .requires, .check: break
        case .requiresAny: names = Array(names.prefix(1))
        default: return []
        }
        let types = names.compactMap { book.catalogue.eventType($0) }
        return composer.needs.order(of: types, without: absent).filter { type in
            !before.contains { $0 === type }
        }
    }

    func laid(_ order: CaseOrder, _ chance: inout Chance) -> CaseDraft {
        var draft = composer.draft(
            procedure, order.types, companions: order.companions, followers: order.followers,
            &chance)
        composer.schedule.lay(&draft, from: day, &chance)
        return draft
    }
}
