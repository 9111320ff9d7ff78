import Catalogue
import Records
import Rules

/// Puts a draft's events on days: forward, on working days, floors kept and ceilings met.
struct DraftSchedule {
    private let judge: DraftJudge
    private var book: RuleBook { judge.book }

    /// How often days are moved before what is still wrong is left to be told.
    private static let moveCountMax = 240
    private static let idleCountMax = 24
    private static let morning = 9 * 3600
    private static let evening = 17 * 3600 + 1800

    init(_ judge: DraftJudge) {
        self.judge = judge
    }

    /// From the first working day from `day` on, some days apart.
    func lay(_ draft: inout CaseDraft, from day: Int, _ chance: inout Chance) {
        var last = book.calendar.rolled(day)
        for place in draft.events.indices {
            if place > 0, chance.percent(60) {
                last = book.calendar.day(last, addingWorkdays: chance.within(1...2))
            }
            draft.events[place].day = last
        }
        setClocks(&draft, from: 0, &chance)
        settle(&draft, &chance)
    }

    /// Moves events until no duty is met too early or too late, or it does not help any more.
    func settle(
        _ draft: inout CaseDraft, but wanted: Set<String> = [], _ chance: inout Chance
    ) {
        var (least, idle) = (Int.max, 0)
        for _ in 0..<DraftSchedule.moveCountMax {
            let broken = judge.standings(of: draft).filter {
                ($0.state == .early || $0.state == .late) && !wanted.contains($0.duty.id)
            }
            idle = broken.count < least ? 0 : idle + 1
            least = min(least, broken.count)
            guard idle < DraftSchedule.idleCountMax, let standing = broken.first,
                mend(standing, &draft, &chance)
            else { return }
        }
    }

    private func mend(
        _ standing: DutyStanding, _ draft: inout CaseDraft, _ chance: inout Chance
    ) -> Bool {
        guard let start = standing.start.map({ Int($0) }), let end = standing.end.map({ Int($0) })
        else { return false }
        if standing.state == .early {
            if let moment = standing.dueMoment {
                put(end, at: moment, &draft, &chance)
            } else if let due = standing.dueDay {
                move(end, to: due, &draft, &chance)
            }
            return true
        }
        if case .dueField(let field, _, _) = standing.duty.clock {
            return put(off: field, standing, start, end, &draft, &chance)
        }
        guard start < end else { return false }
        return hurry(start, end, &draft, &chance)
    }

    // MARK: - Moves

    /// Moves an event and all after it to a working day from `day` on; pauses after it are kept.
    func move(_ place: Int, to day: Int, _ draft: inout CaseDraft, _ chance: inout Chance) {
        let gaps = draft.events.indices.dropFirst(place + 1).map {
            book.calendar.workdays(from: draft.events[$0 - 1].day, to: draft.events[$0].day)
        }
        draft.events[place].day = book.calendar.rolled(day)
        for (offset, gap) in gaps.enumerated() {
            let before = draft.events[place + offset].day
            draft.events[place + offset + 1].day = book.calendar.day(
                before, addingWorkdays: max(0, gap))
        }
        setClocks(&draft, from: place, &chance)
    }

    private func put(
        _ place: Int, at moment: Timestamp, _ draft: inout CaseDraft, _ chance: inout Chance
    ) {
        let day = book.day(of: moment)
        move(place, to: day, &draft, &chance)
        guard draft.events[place].day == day else { return }
        let start = book.clock.start(of: day)
        let second = Int((moment.microseconds - start.microseconds) / 1_000_000)
        draft.events[place].second = max(draft.events[place].second, min(second + 60, 86_000))
        setClocks(&draft, from: place + 1, &chance)
    }

    /// Names a later day by which something must be done.
    private func put(
        off field: String, _ standing: DutyStanding, _ start: Int, _ end: Int,
        _ draft: inout CaseDraft, _ chance: inout Chance
    ) -> Bool {
        guard let due = standing.dueDay, let done = standing.endDay else { return false }
        let later = done - due + chance.within(3...20)
        switch draft.events[start].value(field) {
        case .day(let offset)?: draft.events[start].set(field, .day(offset + later))
        case .moment(let offset)?:
            draft.events[start].set(field, .moment(offset + later * 86_400))
        default: return false
        }
        return true
    }

    /// Brings what lies between two events together: first their ends, then their beginnings.
    private func hurry(
        _ start: Int, _ end: Int, _ draft: inout CaseDraft, _ chance: inout Chance
    ) -> Bool {
        let before = draft.events.map(\.day)
        let gaps = (start + 1...end).map { draft.events[$0].day - draft.events[$0 - 1].day }
        let first = draft.events[start].day
        if chance.percent(70), gaps.contains(where: { $0 > 0 }) {
            let rest = draft.events.indices.dropFirst(end + 1).map {
                book.calendar.workdays(from: draft.events[$0 - 1].day, to: draft.events[$0].day)
            }
            for place in start + 1...end { draft.events[place].day = first }
            for (offset, gap) in rest.enumerated() {
                draft.events[end + offset + 1].day = book.calendar.day(
                    draft.events[end + offset].day, addingWorkdays: max(0, gap))
            }
        } else {
            for place in start..<end { draft.events[place].day = draft.events[end].day }
        }
        setClocks(&draft, from: 0, &chance)
        return before != draft.events.map(\.day) || chance.percent(50)
    }

    // MARK: - Times of day

    /// Times within working hours, one event after another; the day's first keeps its own.
    func setClocks(_ draft: inout CaseDraft, from place: Int, _ chance: inout Chance) {
        for place in draft.events.indices.dropFirst(place) {
            let second = DraftSchedule.morning + chance.within(0...7_200)
            guard place > 0 else {
                draft.events[place].second = second
                continue
            }
            let before = draft.events[place - 1]
            if draft.events[place].day <= before.day {
                draft.events[place].day = before.day
                let next = before.second + chance.within(60...600)
                draft.events[place].second = min(next, 86_340)
            } else {
                draft.events[place].second = second
            }
        }
    }
}
