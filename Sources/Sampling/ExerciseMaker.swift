import Catalogue
import Phrases
import Records
import Rules

/// Makes the exercise of one rule or duty.
struct ExerciseMaker {
    let composer: CaseComposer
    let procedure: String
    let day: Int
    let seed: UInt64

    var book: RuleBook { composer.book }
    private static let attemptCount = 8
    static let completionCount = 12
    static let longDays = 150

    init(_ composer: CaseComposer, _ procedure: String, _ seed: UInt64, from day: Int? = nil) {
        (self.composer, self.procedure, self.seed) = (composer, procedure, seed)
        self.day = day ?? CivilDate(year: 2025, month: 3, day: 3)?.dayNumber ?? 0
    }

    func exercise(_ rule: Rule) -> Result<Exercise, NoExercise> {
        if case .check(.words) = rule.demand { return .failure(.words) }
        if case .words? = rule.when { return .failure(.words) }
        guard let type = book.catalogue.eventType(rule.event) else { return .failure(.words) }
        do throws(NoExercise) {
            let trials = try trials(rule, type)
            return .success(Exercise(id: rule.id, trials: trials))
        } catch {
            return .failure(error)
        }
    }

    private func trials(_ rule: Rule, _ type: EventType) throws(NoExercise) -> [Exercise.Trial] {
        switch rule.demand {
        case .requires(let needed):
            var trials = [try kept(rule, type, with: needed)]
            for name in needed {
                trials.append(try broken(rule, type, .without(name), orders(type, rule, [name])))
            }
            return trials
        case .requiresAny(let needed):
            return [
                try kept(rule, type, with: Array(needed.prefix(1))),
                try broken(rule, type, .withoutAny, orders(type, rule, needed)),
            ]
        case .forbids(let bad):
            var trials = [try kept(rule, type)]
            for name in bad {
                trials.append(
                    try broken(rule, type, .after(name), orders(type, rule, after: [name])))
            }
            return trials
        case .atMostOnce:
            let twice = orders(type, rule).map { order in
                CaseOrder(types: order.types + [type], companions: order.companions, absent: [])
            }
            return [try kept(rule, type), try broken(rule, type, .again, twice)]
        case .terminal(let exceptions): return try terminal(rule, type, exceptions)
        case .check:
            return [try kept(rule, type), try broken(rule, type, .untrue, orders(type, rule))]
        case .participants(let role, let demand):
            return try participants(rule, type, role, demand)
        }
    }

    // MARK: - Orders

    /// Orders that end with `type`, without `absent` and with `after` before it; with all, some and
    /// none of the events that the rule's conditions ask for.
    func orders(
        _ type: EventType, _ rule: Rule, _ absent: [String] = [], after: [String] = []
    ) -> [CaseOrder] {
        let asked = asked(by: rule).filter { $0 != type.name || rule.isCheck }
        return subsets(asked.filter { !absent.contains($0) }).map { some in
            order(type, some + after, without: Set(absent))
        }
    }

    func order(_ type: EventType, _ before: [String], without: Set<String> = []) -> CaseOrder {
        let own = before.filter { $0.hasPrefix(procedure + ".") }
        let foreign = before.filter { !$0.hasPrefix(procedure + ".") }
        var types = own.filter { $0 != type.name }.compactMap { book.catalogue.eventType($0) }
        types = composer.needs.order(of: types + [type], without: without)
        if types.last !== type || own.contains(type.name) { types.append(type) }
        let companions =
            composer.needs.companions(foreign, without: without)
            + composer.needs.companions(of: types, without: without).filter { other in
                !foreign.contains(other.name)
            }
        var seen: Set<String> = []
        return CaseOrder(
            types: types, companions: companions.filter { seen.insert($0.name).inserted },
            absent: without)
    }

    /// Full names of the events that the rule's conditions ask for, in the order of the files.
    private func asked(by rule: Rule) -> [String] {
        var names: Set<String> = []
        var conditions = [rule.when].compactMap { $0 }
        if case .check(let condition) = rule.demand { conditions.append(condition) }
        for condition in conditions {
            names.formUnion(book.expression(condition, judging: rule.event)?.usedEvents ?? [])
        }
        return book.catalogue.procedures.flatMap(\.events).filter { names.contains($0) }
    }

    /// The whole list first, the empty one last.
    private func subsets(_ names: [String]) -> [[String]] {
        let names = Array(names.prefix(4))
        let masks = (0..<(1 << names.count)).sorted {
            ($1.nonzeroBitCount, $0) < ($0.nonzeroBitCount, $1)
        }
        return masks.map { mask in names.indices.filter { mask >> $0 & 1 == 1 }.map { names[$0] } }
    }

    // MARK: - Searching

    /// A case in which the rule applies to the last event and is kept.
    func kept(
        _ rule: Rule, _ type: EventType, with needed: [String] = []
    ) throws(NoExercise) -> Exercise.Trial {
        for order in orders(type, rule, after: needed) {
            for attempt in 0..<ExerciseMaker.attemptCount {
                var chance = chance(rule.id, attempt)
                let found = search(order, &chance) { draft in
                    ([], [DraftAim(rule: rule.id, event: draft.events.count - 1)])
                }
                if found.rest.score == 0 { return trial(.kept, found.draft) }
            }
        }
        throw NoExercise(
            en: "no order was found in which it applies and all is kept", zh: "未找到适用且全部守规的顺序")
    }

    /// A case in which nothing is wrong but this, or as little as can be.
    private func broken(
        _ rule: Rule, _ type: EventType, _ way: Exercise.Way, _ orders: [CaseOrder]
    ) throws(NoExercise) -> Exercise.Trial {
        var best: Exercise.Trial?
        for order in orders {
            for attempt in 0..<ExerciseMaker.attemptCount {
                var chance = chance(rule.id, attempt + 10)
                let found = search(order, &chance) { draft in
                    ([DraftAim(rule: rule.id, event: draft.events.count - 1)], [])
                }
                guard found.rest.missing.isEmpty else { continue }
                let company = found.rest.unwanted.map(\.aim)
                if company.count < best?.company.count ?? .max {
                    let aim = DraftAim(rule: rule.id, event: found.draft.events.count - 1)
                    best = trial(way, found.draft, aim, company: company)
                }
                if company.isEmpty { break }
            }
            if best?.company.isEmpty == true { break }
        }
        if let best { return best }
        throw NoExercise(
            en: "no order was found in which it is broken", zh: "未找到违反该规则的顺序")
    }

    func chance(_ id: String, _ attempt: Int) -> Chance {
        Chance(Mixing.mixed(seed) ^ Mixing.number(of: id) &+ UInt64(attempt))
    }

    func trial(
        _ way: Exercise.Way, _ draft: CaseDraft, _ aim: DraftAim? = nil,
        company: [DraftAim] = [], asOf moment: Timestamp? = nil,
        state: DutyStanding.State? = nil
    ) -> Exercise.Trial {
        Exercise.Trial(
            way: way, draft: draft, aim: aim, company: company, moment: moment, state: state)
    }

    // MARK: - Endings

    /// After the event comes each event of the procedure in turn that the rule does not except.
    private func terminal(
        _ rule: Rule, _ type: EventType, _ exceptions: [String]
    ) throws(NoExercise) -> [Exercise.Trial] {
        let kept = try kept(rule, type)
        let others = (book.catalogue.procedure(procedure)?.events ?? []).filter {
            $0 != rule.event && !exceptions.contains($0)
        }
        var best: Exercise.Trial?
        for name in others {
            guard let other = book.catalogue.eventType(name) else { continue }
            var order = order(other, [rule.event])
            guard order.types.last === other else { continue }
            order.types.removeAll { $0 === type }
            order.types.insert(type, at: order.types.count - 1)
            guard
                let trial = try? broken(rule, other, .after(rule.event), [order]),
                trial.company.count < best?.company.count ?? .max
            else { continue }
            best = trial
            if trial.company.isEmpty { break }
        }
        guard let best else {
            throw NoExercise(en: "nothing can follow it", zh: "其后没有可办理的事件")
        }
        return [kept, best]
    }
}

extension Rule {
    fileprivate var isCheck: Bool {
        if case .check = demand { true } else { false }
    }
}
