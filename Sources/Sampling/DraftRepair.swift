import CanonicalJSON
import Catalogue
import Records
import Rules

/// Changes a draft by chance until the engine finds nothing wrong but what is wanted.
///
/// Only what the broken rule looks at is changed, and a change stays that leaves no more wrong.
struct DraftRepair {
    private let judge: DraftJudge
    private let maker: DraftMaker
    private let schedule: DraftSchedule
    private let uses: [String: RuleUse]
    private static let settlingCountMax = 12

    init(_ judge: DraftJudge, _ maker: DraftMaker) {
        (self.judge, self.maker) = (judge, maker)
        schedule = DraftSchedule(judge)
        uses = RuleUse.all(judge.book)
    }

    /// What is still wrong or missing afterwards.
    ///
    /// Wanted flaws are to be there, and rules or duties that are to apply must apply to their event.
    /// What was merely not done yet does not count.
    @discardableResult
    func mend(
        _ draft: inout CaseDraft, wanting aims: [DraftAim] = [], applying: [DraftAim] = [],
        tries: Int = 400, _ chance: inout Chance
    ) -> DraftRest {
        func rest(_ draft: CaseDraft) -> DraftRest {
            let idle = applying.isEmpty ? [] : judge.idle(applying, in: draft)
            return DraftRest(judge.flaws(of: draft), aims, idle: idle)
        }
        var now = rest(draft)
        var (best, bestDraft) = (now, draft)
        // What days alone cannot mend costs much to try, and chance helps little.
        var settlings = 0
        for _ in 0..<tries where best.score > 0 && settlings < DraftRepair.settlingCountMax {
            guard let aim = chance.pick(now.missing + now.unwanted.map(\.aim)) else { break }
            var other = draft
            if uses[aim.rule] == nil { settlings += 1 }
            change(&other, for: aim, aims, &chance)
            let found = rest(other)
            if found.score <= now.score { (now, draft) = (found, other) }
            if found.score < best.score { (best, bestDraft) = (found, other) }
            if now.score > best.score { (now, draft) = (best, bestDraft) }
        }
        draft = bestDraft
        return best
    }

    // MARK: - Changes

    private func change(
        _ draft: inout CaseDraft, for aim: DraftAim, _ wanted: [DraftAim],
        _ chance: inout Chance
    ) {
        guard draft.events.indices.contains(aim.event) else { return }
        guard let use = uses[aim.rule] else {
            schedule.settle(&draft, but: Set(wanted.map(\.rule)), &chance)
            return
        }
        if let persons = use.persons, chance.percent(70) {
            changePersons(&draft, aim.event, persons, &chance)
        } else if use.asksForParticipants, chance.percent(50) {
            changeOpinion(&draft, aim.event, &chance)
        } else if use.asksForDays, chance.percent(25) {
            let day = draft.events[aim.event].day + chance.within(1...40)
            schedule.move(aim.event, to: day, &draft, &chance)
        } else if let key = chance.pick(use.fields) {
            changeField(&draft, aim.event, key, use, &chance)
        }
    }

    private func changePersons(
        _ draft: inout CaseDraft, _ event: Int, _ role: String, _ chance: inout Chance
    ) {
        for place in draft.events[event].participants.indices
        where draft.events[event].participants[place].role == role {
            draft.events[event].participants[place].person.place += 7
        }
    }

    private func changeOpinion(_ draft: inout CaseDraft, _ event: Int, _ chance: inout Chance) {
        let opinions = ["agree", "disagree", "reserve", "not-stated", "not-recorded"]
        let count = draft.events[event].participants.count
        guard count > 0 else { return }
        let place = chance.below(count)
        draft.events[event].participants[place].opinion = chance.pick(opinions)
    }

    private func changeField(
        _ draft: inout CaseDraft, _ judged: Int, _ key: FieldKey, _ use: RuleUse,
        _ chance: inout Chance
    ) {
        let own = draft.events[judged].type.name
        let places =
            own == key.type
            ? [judged] : draft.events.indices.filter { draft.events[$0].type.name == key.type }
        guard let place = chance.percent(70) ? places.last : chance.pick(places),
            let field = draft.events[place].type.field(key.field)
        else { return }
        let value = candidate(field, draft, place, use, &chance)
        guard value != nil || !field.isRequired else { return }
        draft.events[place].set(field.name, value)
    }

    /// Another value; nil leaves the field out.
    private func candidate(
        _ field: Field, _ draft: CaseDraft, _ place: Int, _ use: RuleUse,
        _ chance: inout Chance
    ) -> DraftValue? {
        if !field.isRequired, chance.percent(20) { return nil }
        if field.isList { return list(field, draft.events[place].type, use, &chance) }
        if chance.percent(25), let same = sameElsewhere(field, draft, place, use, &chance) {
            return same
        }
        switch field.type {
        case .boolean: return .plain(.bool(chance.percent(50)))
        case .enum: return chance.pick(field.values).map { .plain(.string($0)) }
        case .integer, .fen, .percent: return number(field, use, &chance)
        case .date: return .day(days(use, &chance))
        case .instant: return .moment(days(use, &chance) * 86_400 + chance.within(-3600...3600))
        default:
            let text = chance.pick(use.texts)
            if let text, chance.percent(50), field.type == .string || field.type == .text {
                return .plain(.string(text))
            }
            return maker.value(of: field, draft.events[place].type, &chance)
        }
    }

    private func list(
        _ field: Field, _ type: EventType, _ use: RuleUse, _ chance: inout Chance
    ) -> DraftValue {
        guard field.type == .enum, chance.percent(50) else {
            return maker.value(of: field, type, &chance)
        }
        let named = field.values.filter { use.texts.contains($0) == chance.percent(50) }
        guard let word = chance.pick(named) else { return maker.value(of: field, type, &chance) }
        return .list([.plain(.string(word))])
    }

    private func number(
        _ field: Field, _ use: RuleUse, _ chance: inout Chance
    ) -> DraftValue {
        var number = chance.pick(use.numbers + [0, 1, 2, 10]) ?? 0
        if chance.percent(20) { number += Int64(chance.within(-1...1)) }
        if chance.percent(15), let other = chance.pick(use.numbers) {
            number = number.multipliedReportingOverflow(by: other).partialValue
        }
        return .plain(.integer(min(max(number, field.minimum), field.maximum)))
    }

    private func days(_ use: RuleUse, _ chance: inout Chance) -> Int {
        let steps = use.numbers.filter { abs($0) <= 40 }.map { Int($0) }
        let far = chance.pick(steps.flatMap { [$0, $0 * 30, $0 * 365] } + [0, 1, 7, 30, 90, 365])
        let days = (far ?? 0) + chance.within(-2...2)
        return chance.percent(40) ? -days : days
    }

    /// The value of another field that the rule compares with.
    private func sameElsewhere(
        _ field: Field, _ draft: CaseDraft, _ place: Int, _ use: RuleUse,
        _ chance: inout Chance
    ) -> DraftValue? {
        guard let key = chance.pick(use.fields) else { return nil }
        let others = draft.events.indices.filter {
            draft.events[$0].type.name == key.type && ($0 != place || key.field != field.name)
                && draft.events[$0].type.field(key.field)?.type == field.type
        }
        guard let other = others.last, let value = draft.events[other].value(key.field) else {
            return nil
        }
        let apart = draft.events[other].day - draft.events[place].day
        switch value {
        case .plain(.string(let word)) where field.type == .enum && !field.values.contains(word):
            return nil
        case .plain(.integer(let number)) where !(field.minimum...field.maximum ~= number):
            return nil
        case .day(let offset): return .day(offset + apart)
        case .moment(let offset):
            let seconds = draft.events[other].second - draft.events[place].second
            return .moment(offset + apart * 86_400 + seconds)
        default: return value
        }
    }
}

/// What is wrong with a draft though it is not wanted, and what is missing of what is.
struct DraftRest: Sendable {
    let unwanted: [DraftFlaw]
    let missing: [DraftAim]

    init(_ flaws: [DraftFlaw], _ aims: [DraftAim], idle: [DraftAim]) {
        unwanted = flaws.filter { !$0.isOmission && !aims.contains($0.aim) }
        missing = idle + aims.filter { aim in !flaws.contains { $0.aim == aim } }
    }

    var score: Int { unwanted.count + missing.count * 2 }
}

/// What a rule or a duty looks at.
struct RuleUse: Sendable {
    var fields: [FieldKey] = []
    var numbers: [Int64] = []
    var texts: [String] = []
    /// The role whose persons it counts or compares.
    var persons: String?
    var asksForParticipants = false
    var asksForDays = false

    /// Of every rule and every duty, by id.
    static func all(_ book: RuleBook) -> [String: RuleUse] {
        var uses: [String: RuleUse] = [:]
        for procedure in book.catalogue.procedures {
            for rule in procedure.rules {
                var use = RuleUse()
                use.add(rule.when, judging: rule.event, book)
                if case .check(let condition) = rule.demand {
                    use.add(condition, judging: rule.event, book)
                }
                if case .participants(let role, _) = rule.demand { use.persons = role }
                uses[rule.id] = use
            }
            for duty in procedure.duties {
                var use = RuleUse()
                if let from = duty.from { use.add(duty.when, judging: from, book) }
                for type in duty.to { use.add(duty.fulfilledWhen, judging: type, book) }
                if !use.fields.isEmpty { uses[duty.id] = use }
            }
        }
        return uses
    }

    private mutating func add(_ condition: Condition?, judging type: String, _ book: RuleBook) {
        guard let expression = condition.flatMap({ book.expression($0, judging: type) }) else {
            return
        }
        for type in expression.usedFields.keys.sorted() {
            for field in (expression.usedFields[type] ?? []).sorted() {
                fields.append(FieldKey(type: type, field: field))
            }
        }
        for constant in expression.constants {
            switch constant {
            case .integer(let number): numbers.append(number)
            case .string(let text): texts.append(text)
            default: break
            }
        }
        asksForParticipants = asksForParticipants || expression.asksForParticipants
        asksForDays = asksForDays || expression.text.contains("day")
    }
}
