import Catalogue
import Records
import Rules

// Duties: at the last permitted moment, one unit later, and not at all; floors likewise.
extension ExerciseMaker {
    func exercise(_ duty: Duty) -> Result<Exercise, NoExercise> {
        do throws(NoExercise) {
            return .success(Exercise(id: duty.id, trials: try trials(duty)))
        } catch {
            return .failure(error)
        }
    }

    private func trials(_ duty: Duty) throws(NoExercise) -> [Exercise.Trial] {
        switch duty.clock {
        case .words: throw .words
        case .annual, .once:
            throw NoExercise(
                en: "comes with the calendar, not with a case", zh: "按年度计，不随个案产生")
        case .term, .dueField: break
        }
        if case .words? = duty.when { throw .words }
        guard let from = duty.from.flatMap({ book.catalogue.eventType($0) }) else { throw .words }
        let base = try base(duty, from)
        let isFloor =
            if case .term(let term, _, _) = duty.clock {
                term.bound == .atLeast
            } else {
                false
            }
        var trials = [try at(0, .onTime, .met, duty, base)]
        if isFloor {
            trials.append(try at(-1, .oneEarlier, .early, duty, base))
        } else {
            trials.append(try at(1, .oneLater, .late, duty, base))
            trials.append(try undone(duty, from))
        }
        return trials
    }

    /// A case that ends with what fulfils the duty, and the event that starts its clock.
    private struct Base {
        let draft: CaseDraft
        let start: Int
    }

    private func base(_ duty: Duty, _ from: EventType) throws(NoExercise) -> Base {
        let endings = duty.to.compactMap { book.catalogue.eventType($0) }.filter {
            $0.procedure == procedure
        }
        for ending in endings {
            for before in [[], asked(by: duty)] {
                for attempt in 0..<12 {
                    var chance = chance(duty.id, attempt)
                    guard let order = order(from, ending, before, isTight: attempt % 2 == 1) else {
                        continue
                    }
                    let found = search(order, &chance) { draft in
                        ([], [DraftAim(rule: duty.id, event: opening(from, draft))])
                    }
                    let start = opening(from, found.draft)
                    let end = UInt64(found.draft.events.count - 1)
                    guard found.rest.score == 0, start < end,
                        standing(duty, found.draft, start)?.end == end
                    else { continue }
                    return Base(draft: shortened(found.draft, duty, start), start: start)
                }
            }
        }
        throw NoExercise(
            en: "no order was found in which it is fulfilled and all is kept",
            zh: "未找到履行该职责且全部守规的顺序")
    }

    /// With a clock that began long before the case, where a field says when, and where the term is
    /// long: else the case would last as long.
    private func shortened(_ draft: CaseDraft, _ duty: Duty, _ start: Int) -> CaseDraft {
        guard case .term(_, _, let field?) = duty.clock,
            case .day(let offset)? = draft.events[start].value(field),
            let due = standing(duty, draft, start)?.dueDay, let last = draft.events.last?.day,
            due - last > ExerciseMaker.longDays
        else { return draft }
        var shorter = draft
        shorter.events[start].set(field, .day(offset - (due - last) + 40))
        return composer.judge.flaws(of: shorter).allSatisfy(\.isOmission) ? shorter : draft
    }

    /// The last of its kind that is not the last event.
    private func opening(_ from: EventType, _ draft: CaseDraft) -> Int {
        draft.events.dropLast().lastIndex { $0.type === from } ?? draft.events.count
    }

    /// What starts the clock, then what stops it; as little as can be between them if `isTight`.
    private func order(
        _ from: EventType, _ ending: EventType, _ before: [String], isTight: Bool
    ) -> CaseOrder? {
        if from.procedure != procedure {
            var order = self.order(ending, before)
            order.companions += composer.needs.companions([from.name]).filter { type in
                !order.companions.contains { $0 === type }
            }
            return order
        }
        let asked = before.filter { $0 != from.name && $0 != ending.name }
            .compactMap { book.catalogue.eventType($0) }
        var types = composer.needs.order(of: asked + [from])
        let needed = composer.needs.order(of: asked + [from, ending]).filter { type in
            !types.contains { $0 === type } && type !== ending
        }
        if isTight {
            types.insert(contentsOf: needed, at: types.count - 1)
        } else {
            types += needed
        }
        types.append(ending)
        return CaseOrder(types: types, companions: composer.needs.companions(of: types))
    }

    private func asked(by duty: Duty) -> [String] {
        var names: Set<String> = []
        if let when = duty.when, let from = duty.from {
            names.formUnion(book.expression(when, judging: from)?.usedEvents ?? [])
        }
        return book.catalogue.procedures.flatMap(\.events).filter { names.contains($0) }
    }

    private func standing(
        _ duty: Duty, _ draft: CaseDraft, _ start: Int, asOf moment: Timestamp? = nil
    ) -> DutyStanding? {
        composer.judge.standings(of: draft, asOf: moment).first {
            $0.duty.id == duty.id && $0.start == UInt64(start)
        }
    }

    /// The case with its last event so many units after the last permitted moment.
    private func at(
        _ units: Int, _ way: Exercise.Way, _ state: DutyStanding.State, _ duty: Duty, _ base: Base
    ) throws(NoExercise) -> Exercise.Trial {
        var best: Exercise.Trial?
        for attempt in 0..<4 {
            var chance = chance(duty.id, attempt + 20)
            var draft = base.draft
            for _ in 0..<6 {
                guard let stand = standing(duty, draft, base.start) else { break }
                put(&draft, units, after: stand)
                composer.schedule.settle(&draft, but: [duty.id], &chance)
            }
            if let stand = standing(duty, draft, base.start) { put(&draft, units, after: stand) }
            guard standing(duty, draft, base.start)?.state == state else { continue }
            let isBreach = state != .met && book.isOfBureau(duty)
            let aim = isBreach ? DraftAim(rule: duty.id, event: base.start) : nil
            let rest = DraftRest(
                composer.judge.flaws(of: draft), [aim].compactMap { $0 }, idle: [])
            guard rest.missing.isEmpty, rest.unwanted.count < best?.company.count ?? .max else {
                continue
            }
            best = trial(way, draft, aim, company: rest.unwanted.map(\.aim), state: state)
            if rest.unwanted.isEmpty { break }
        }
        if let best { return best }
        throw NoExercise(
            en: "its end could not be put on the last permitted moment", zh: "无法将完成日置于期限届满之时")
    }

    private func put(_ draft: inout CaseDraft, _ units: Int, after stand: DutyStanding) {
        let last = draft.events.count - 1
        if let moment = stand.dueMoment {
            let then = moment.advanced(bySeconds: Int64(units))
            draft.events[last].day = book.day(of: then)
            let start = book.clock.start(of: draft.events[last].day)
            draft.events[last].second =
                Int((then.microseconds - start.microseconds) / 1_000_000)
        } else if let due = stand.dueDay {
            draft.events[last].day = due + units
            let before = draft.events[last - 1]
            draft.events[last].second =
                before.day == due + units ? min(before.second + 300, 86_399) : 36_000
        }
    }

    /// Judged when the last day is over and nothing was done.
    private func undone(_ duty: Duty, _ from: EventType) throws(NoExercise) -> Exercise.Trial {
        let before = asked(by: duty)
        for attempt in 0..<4 {
            var chance = chance(duty.id, attempt + 40)
            let asked = attempt % 2 == 0 ? [] : before
            let maker = ExerciseMaker(composer, from.procedure ?? procedure, seed, from: day)
            let order = maker.order(from, asked.filter { $0 != from.name })
            let found = maker.search(order, &chance) { draft in
                ([], [DraftAim(rule: duty.id, event: draft.events.count - 1)])
            }
            let draft = found.draft
            let start = draft.events.count - 1
            guard found.rest.score == 0, let stand = standing(duty, draft, start) else { continue }
            let moment =
                stand.dueMoment?.advanced(bySeconds: 1)
                ?? stand.dueDay.map { book.clock.start(of: $0 + 1) }
            let state = moment.flatMap { standing(duty, draft, start, asOf: $0) }?.state
            guard let moment, let state, state == .overdue || state == .deemed else { continue }
            let isBreach = state == .overdue && book.isOfBureau(duty)
            let aim = isBreach ? DraftAim(rule: duty.id, event: start) : nil
            return trial(.undone, draft, aim, asOf: moment, state: state)
        }
        throw NoExercise(
            en: "no order was found in which it is left undone", zh: "未找到未履行该职责的顺序")
    }
}
