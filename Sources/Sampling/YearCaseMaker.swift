import Catalogue
import Records
import Rules

/// Makes the patterns of a year's cases: ordinary ones by their shares, and exercises among them.
struct YearCaseMaker {
    private let composer: CaseComposer
    private let patterns: YearPatternMaker
    private let seed: UInt64
    private let days: ClosedRange<Int>
    private let exercises: [Item]

    private var mix: YearMix
    private var orders: YearOrders
    private var day: Int
    /// Of the day: patterns that further cases of the day follow.
    private var pool: [[YearPattern]] = []
    private var casesOfDay = 0
    private var slot = 0
    private var exercised = 0
    private var attemptCount = 0

    /// A rule or a duty of a procedure.
    private enum Item {
        case rule(Rule, String)
        case duty(Duty, String)

        private var basis: [Clause] {
            switch self {
            case .rule(let rule, _): rule.basis
            case .duty(let duty, _): duty.basis
            }
        }

        func isInForce(on day: Int, _ book: RuleBook) -> Bool { book.isInForce(basis, on: day) }

        /// A day on which one of its laws was in force.
        func day(_ book: RuleBook) -> Int { Exercises.day(basis, book) ?? 0 }
    }

    /// So many different cases begin on one day; more of them are like these.
    private static let poolSize = 40
    private static let eventsACase = 10
    /// So long before the first day people stand in registers: some cases are that old.
    private static let holdersDays = 3_650
    private let slotsAnExercise: Int
    /// A ledger writes down so many refused attempts an hour one by one.
    private static let attemptCountMax = 60

    /// `eventCount` events in these days.
    init(_ composer: CaseComposer, seed: UInt64, days: ClosedRange<Int>, eventCount: Int) {
        (self.composer, self.seed, self.days) = (composer, seed, days)
        patterns = YearPatternMaker(judge: composer.judge, lastDay: days.upperBound)
        mix = YearMix(composer.book.catalogue)
        orders = YearOrders(composer, seed: seed, day: days.lowerBound)
        day = days.lowerBound
        exercises = YearCaseMaker.items(composer.book.catalogue)
        // In a year of some size each exercise comes up once.
        let slots = min(
            eventCount / YearCaseMaker.eventsACase,
            days.count(where: composer.book.calendar.isWorkday) * YearCaseMaker.poolSize)
        slotsAnExercise = min(max(slots * 3 / 4 / max(1, exercises.count), 6), 40)
    }

    /// Rules and duties of all procedures, those of one procedure apart.
    private static func items(_ catalogue: EventCatalogue) -> [Item] {
        let lists = catalogue.procedures.map { procedure in
            let published = procedure.disclosures.filter { !$0.to.isEmpty }.map(\.duty)
            return procedure.rules.map { Item.rule($0, procedure.id) }
                + (procedure.duties + published).map { Item.duty($0, procedure.id) }
        }
        let longest = lists.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in
            lists.compactMap { $0.indices.contains(place) ? $0[place] : nil }
        }
    }

    mutating func open(_ day: Int) {
        self.day = day
        pool.removeAll(keepingCapacity: true)
        casesOfDay = 0
    }

    /// The next case, or several that belong together.
    mutating func next() -> [YearPattern] {
        casesOfDay += 1
        if casesOfDay > YearCaseMaker.poolSize, let again = again() { return again }
        for _ in 0..<200 {
            slot += 1
            let made =
                slot % slotsAnExercise == 0
                ? exercise() : ordinary().map { [$0] } ?? []
            guard !made.isEmpty else { continue }
            pool.append(made)
            return made
        }
        return []
    }

    private func again() -> [YearPattern]? {
        let usable = pool.filter { $0.allSatisfy(\.attempts.isEmpty) }
        return usable.isEmpty ? nil : usable[casesOfDay % usable.count]
    }

    // MARK: - Ordinary cases

    private mutating func ordinary() -> YearPattern? {
        let number = mix.next()
        guard let order = orders.next(number) else { return nil }
        let procedure = composer.book.catalogue.procedures[number].id
        let maker = ExerciseMaker(composer, procedure, seed, from: day)
        for attempt in 0..<3 {
            var chance = Chance(Mixing.mixed(seed &+ UInt64(slot)) ^ UInt64(attempt))
            var draft = maker.laid(order, &chance)
            guard composer.repair.mend(&draft, &chance).score == 0 else { continue }
            let lateness = chance.percent(8) ? chance.next() : nil
            if let pattern = patterns.pattern(draft, today: day, lateness: lateness) {
                return pattern
            }
        }
        return nil
    }

    // MARK: - Exercises

    private mutating func exercise() -> [YearPattern] {
        defer { exercised += 1 }
        return trials(exercises[exercised % exercises.count]).flatMap { trial -> [YearPattern] in
            let aims = [trial.aim].compactMap { $0 } + trial.company
            let places = Array(trial.draft.events.indices)
            guard let aim = trial.aim,
                composer.judge.refusals(of: trial.draft, in: places)[aim.event] != nil
            else {
                return [patterns.pattern(trial.draft, today: day, wanting: aims)]
                    .compactMap { $0 }
            }
            var asserted = trial.draft
            asserted.events[aim.event].isAsserted = true
            var drafts = [asserted]
            if attemptCount < YearCaseMaker.attemptCountMax {
                attemptCount += 1
                drafts.append(trial.draft)
            }
            return drafts.compactMap { patterns.pattern($0, today: day, wanting: aims) }
        }
    }

    /// The trials of an exercise from today on, or from so long ago that they end within the years;
    /// none if there is no such exercise.
    private func trials(_ item: Item) -> [Exercise.Trial] {
        let first = item.isInForce(on: day, composer.book) ? day : item.day(composer.book)
        let trials = trials(item, from: first)
        let last = trials.compactMap { $0.draft.events.last?.day }.max() ?? day
        if last <= days.upperBound { return trials }
        return self.trials(item, from: first - (last - days.upperBound) - 40)
    }

    private func trials(_ item: Item, from day: Int) -> [Exercise.Trial] {
        for attempt in 0..<4 {
            let seed = seed &+ UInt64(attempt)
            let result =
                switch item {
                case .rule(let rule, let procedure):
                    ExerciseMaker(composer, procedure, seed, from: day).exercise(rule)
                case .duty(let duty, let procedure):
                    ExerciseMaker(composer, procedure, seed, from: day).exercise(duty)
                }
            if case .success(let exercise) = result { return exercise.trials }
        }
        return []
    }

    // MARK: - Who stands in registers

    /// Cases by which everybody whom a rule looks for in a register stands there before the first
    /// day.
    func holders() -> [YearPattern] {
        let catalogue = composer.book.catalogue
        var lists: [String: Set<Int>] = [:]
        let rules = catalogue.procedures.flatMap(\.rules)
        for rule in rules {
            guard case .participants(let role, .holds(let register)) = rule.demand else { continue }
            lists[register, default: []].insert(composer.maker.number(of: role))
            // Who must not act again stands there as well, and does act again in some exercise.
            for other in rules where other.event == rule.event {
                guard case .participants(role, .apartFrom(let one)) = other.demand else { continue }
                lists[register, default: []].insert(composer.maker.number(of: one.role))
            }
        }
        return catalogue.registers.flatMap { register in
            (lists[register.id] ?? []).sorted().flatMap { list in
                (0..<composer.shared.personsAList).compactMap { place in
                    holder(DraftWriter.number(list, place: place), of: register)
                }
            }
        }
    }

    private func holder(_ person: String, of register: Register) -> YearPattern? {
        guard let type = register.begins.first.flatMap({ composer.book.catalogue.eventType($0) })
        else { return nil }
        let maker = ExerciseMaker(
            composer, register.procedure, seed, from: days.lowerBound - YearCaseMaker.holdersDays)
        var chance = Chance(Mixing.number(of: person) ^ seed)
        let found = maker.search(maker.order(type, [register.holderEvent]), &chance) { _ in
            ([], [])
        }
        var draft = found.draft
        if let field = register.toField {
            for place in draft.events.indices where draft.events[place].type === type {
                let until = days.upperBound + 400 - draft.events[place].day
                draft.events[place].set(field, .day(until))
            }
        }
        if let field = register.fromField {
            for place in draft.events.indices where draft.events[place].type === type {
                draft.events[place].set(field, .day(0))
            }
        }
        guard found.rest.score == 0 else { return nil }
        return patterns.pattern(
            draft, today: days.lowerBound - YearCaseMaker.holdersDays,
            fixed: [register.holderField: person])
    }
}
