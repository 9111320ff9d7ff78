import CanonicalJSON
package import Catalogue
import Records

/// Runs the clocks of a case's duties.
struct DutyClock {
    let book: RuleBook
    let history: CaseHistory
    /// The moment as of which overdue and running are told apart.
    let now: Timestamp

    private var today: Int { book.day(of: now) }

    func standings() -> [DutyStanding] {
        history.entries.indices.flatMap { place in
            book.duties(from: history.entries[place].type).compactMap {
                ways($0, startedBy: place).worst
            }
        }
    }

    /// What was owed when a case went over into others is owed in each of them: the worst counts.
    ///
    /// Which of them is worst may change with ``now``.
    func ways(_ duty: Duty, startedBy place: Int) -> [DutyStanding] {
        let start = history.entries[place]
        let ways = history.continuations.filter { start.mayPrecede($0.join) }
        guard !ways.isEmpty else {
            return standing(duty, startedBy: place).map { [$0] } ?? []
        }
        return ways.compactMap { way -> DutyStanding? in
            let clock = DutyClock(book: book, history: way.whole, now: now)
            let place = way.whole.entries.firstIndex { $0.sequence == start.sequence }
            return place.flatMap { clock.standing(duty, startedBy: $0) }
        }
    }

    /// Nil if the entry does not start the duty's clock.
    func standing(_ duty: Duty, startedBy place: Int) -> DutyStanding? {
        let start = history.entries[place]
        guard book.isInForce(duty.basis, on: start.day),
            duty.when == nil || book.truth(duty.when, at: place, in: history) == .true
        else { return nil }
        let end = firstEnd(of: duty, after: place)
        let far = linkedEnd(of: duty, after: start)
        if end == nil, far == nil, let lapse = newest(of: duty.lapses, duty, after: place) {
            return DutyStanding(
                id: "\(duty.id)@\(start.sequence)", duty: duty, stream: history.stream,
                start: start.sequence, startDay: start.day, dueDay: nil, dueMoment: nil,
                isProvisional: false, end: lapse.sequence, endDay: lapse.day, state: .lapsed)
        }
        let from = restart(of: duty, after: place, before: end) ?? place
        guard let startDay = startDay(duty, from) else { return nil }
        let term = due(duty, from, startDay)
        let own = end.map { history.entries[$0] }
        let first = [own, far].compactMap { $0 }.min { $0.moment < $1.moment }
        return make(duty, start, startDay, term, first)
    }

    /// The first entry of a linked case that fulfils the duty.
    private func linkedEnd(of duty: Duty, after start: CaseEntry) -> CaseEntry? {
        guard duty.fulfilledWhen == nil else { return nil }
        return history.linked.first {
            duty.to.contains($0.type) && start.mayPrecede($0) && isMatch(duty, start, $0)
        }
    }

    /// Whether the end is not known to be about something else than the start.
    private func isMatch(_ duty: Duty, _ start: CaseEntry, _ end: CaseEntry) -> Bool {
        guard let match = duty.matches else { return true }
        let (one, other) = (start.data[match.from].named, end.data[match.to].named)
        return one.isEmpty || other.isEmpty || !one.isDisjoint(with: other)
    }

    // MARK: - Where it begins and ends

    private func firstEnd(of duty: Duty, after place: Int) -> Int? {
        let start = history.entries[place]
        return history.line.first { other in
            let entry = history.entries[other]
            return other != place && duty.to.contains(entry.type) && follows(other, place)
                && start.mayPrecede(entry) && isMatch(duty, start, entry)
                && (duty.fulfilledWhen == nil
                    || book.truth(duty.fulfilledWhen, at: other, in: history) == .true)
        }
    }

    /// Of two entries of one type, such as a second notice, the later answers the later.
    private func follows(_ other: Int, _ place: Int) -> Bool {
        let (entry, start) = (history.entries[other], history.entries[place])
        guard entry.type == start.type else { return true }
        return history.linePlaces[other] > history.linePlaces[place]
    }

    private func restart(of duty: Duty, after place: Int, before end: Int?) -> Int? {
        guard !duty.restarts.isEmpty else { return nil }
        let start = history.entries[place]
        return history.line.last { other in
            let entry = history.entries[other]
            return duty.restarts.contains(entry.type) && start.mayPrecede(entry)
                && (end.map { entry.mayPrecede(history.entries[$0]) } ?? true)
        }
    }

    private func startDay(_ duty: Duty, _ place: Int) -> Int? {
        let entry = history.entries[place]
        switch duty.clock {
        case .term(_, let from, let field?) where from == entry.type:
            return book.day(entry.data[field]) ?? entry.day
        case .dueField(let field, _, _): return book.day(entry.data[field])
        default: return entry.day
        }
    }

    // MARK: - When it is due

    private enum Due {
        case day(Int, isProvisional: Bool, isFloor: Bool)
        case moment(Timestamp, isFloor: Bool)
        case paused(since: Int)
        case never
    }

    private func due(_ duty: Duty, _ place: Int, _ startDay: Int) -> Due {
        switch duty.clock {
        case .annual, .once, .words: return .never
        case .dueField(_, _, let offset): return extended(duty, place, moved(startDay, by: offset))
        case .term(let term, _, _):
            let isFloor = term.bound == .atLeast
            if term.unit == .hour {
                let entry = history.entries[place]
                let from = isFloor ? entry.moment : entry.latest
                return .moment(
                    from.advanced(bySeconds: Int64(term.amount) * 3600), isFloor: isFloor)
            }
            let longer = longest(duty, term, place)
            let pauses = pauses(duty, after: place)
            switch book.calendar.end(of: longer, after: startDay, pauses: pauses) {
            case .day(let day, let isProvisional)?:
                return extended(
                    duty, place, .day(day, isProvisional: isProvisional, isFloor: isFloor))
            case .paused(let since)?: return .paused(since: since)
            case nil: return .never
            }
        }
    }

    /// A term before or after the day that a field names.
    private func moved(_ day: Int, by offset: Term?) -> Due {
        guard let offset else { return .day(day, isProvisional: false, isFloor: false) }
        let sign = offset.bound == .atLeast ? -1 : 1
        let amount = sign * offset.amount
        let moved =
            switch offset.unit {
            case .workday: book.calendar.day(day, addingWorkdays: amount)
            case .natural: day + amount
            case .month: WorkCalendar.day(day, months: amount)
            case .year: WorkCalendar.day(day, months: amount * 12)
            case .hour: day
            }
        return .day(moved, isProvisional: book.calendar.isProvisional(moved), isFloor: false)
    }

    /// The term with its extension, where that is so much time more.
    private func longest(_ duty: Duty, _ term: Term, _ place: Int) -> Term {
        guard let extend = duty.extend, let more = extend.term, more.unit == term.unit,
            newest(of: extend.by, duty, after: place) != nil
        else { return term }
        return Term(bound: term.bound, amount: term.amount + more.amount, unit: term.unit)
    }

    /// The new last day that an extension names.
    private func extended(_ duty: Duty, _ place: Int, _ due: Due) -> Due {
        guard let extend = duty.extend, let entry = newest(of: extend.by, duty, after: place),
            case .day(let day, let isProvisional, let isFloor) = due
        else { return due }
        if let field = extend.untilField, let until = book.day(entry.data[field]) {
            return .day(until, isProvisional: isProvisional, isFloor: isFloor)
        }
        guard let more = extend.term, more.unit != duty.termUnit,
            case .day(let later, let isLaterProvisional)? = book.calendar.end(of: more, after: day)
        else { return due }
        return .day(later, isProvisional: isLaterProvisional, isFloor: isFloor)
    }

    private func newest(of types: [String], _ duty: Duty, after place: Int) -> CaseEntry? {
        let start = history.entries[place]
        let found = history.line.last { other in
            types.contains(history.entries[other].type)
                && start.mayPrecede(history.entries[other])
                && isMatch(duty, start, history.entries[other])
        }
        return found.map { history.entries[$0] }
    }

    // MARK: - Pauses

    private func pauses(_ duty: Duty, after place: Int) -> [Pause] {
        duty.pauses.flatMap { pause -> [Pause] in
            switch pause {
            case .from(let type):
                // Of the procedure: that somebody answers a finding lets no clock go on.
                let own = type.prefix { $0 != "." }
                return stops(type) { entry in
                    !duty.isPaused(by: entry.type) && entry.type.prefix { $0 != "." } == own
                }
            case .between(let type, let until):
                return stops(type) { entry in until.contains(entry.type) }
            case .fields(let type, let from, let to):
                return entries(type).compactMap { entry in
                    let start = book.day(entry.data[from])
                    return start.map { Pause(start: $0, end: book.day(entry.data[to])) }
                }
            case .days(let type, let field):
                return entries(type).compactMap { entry in
                    let days = entry.data[field]?.integer
                    return days.map { Pause(start: entry.day, end: entry.day + Int($0)) }
                }
            }
        }
    }

    private func entries(_ type: String) -> [CaseEntry] {
        history.entries.filter { $0.type == type }
    }

    /// From each entry of a type to the first after it that lets the clock go on.
    private func stops(_ type: String, goesOn: (CaseEntry) -> Bool) -> [Pause] {
        history.line.indices.compactMap { index in
            let entry = history.entries[history.line[index]]
            guard entry.type == type else { return nil }
            let next = history.line[(index + 1)...].first { goesOn(history.entries[$0]) }
            return Pause(start: entry.day, end: next.map { history.entries[$0].day })
        }
    }

    // MARK: - How it stands

    private func make(
        _ duty: Duty, _ start: CaseEntry, _ startDay: Int, _ due: Due, _ end: CaseEntry?
    ) -> DutyStanding? {
        var (dueDay, dueMoment, isProvisional) = (Int?.none, Timestamp?.none, false)
        let state: DutyStanding.State
        switch due {
        case .never: return nil
        case .paused: state = end == nil ? .paused : .met
        case .moment(let moment, let isFloor):
            (dueMoment, dueDay) = (moment, book.day(of: moment))
            state = hourly(moment, isFloor, end, duty)
        case .day(let day, let provisional, let isFloor):
            (dueDay, isProvisional) = (day, provisional)
            state = daily(day, isFloor, end, duty)
        }
        return DutyStanding(
            id: "\(duty.id)@\(start.sequence)", duty: duty, stream: history.stream,
            start: start.sequence, startDay: startDay,
            dueDay: dueDay, dueMoment: dueMoment, isProvisional: isProvisional,
            end: end?.sequence, endDay: end?.day, state: state)
    }

    private func daily(
        _ day: Int, _ isFloor: Bool, _ end: CaseEntry?, _ duty: Duty
    ) -> DutyStanding.State {
        if let end {
            if isFloor { return end.day < day ? .early : .met }
            return end.day > day ? .late : .met
        }
        if isFloor || today <= day { return .running }
        return duty.deemed == nil ? .overdue : .deemed
    }

    private func hourly(
        _ moment: Timestamp, _ isFloor: Bool, _ end: CaseEntry?, _ duty: Duty
    ) -> DutyStanding.State {
        if let end {
            if isFloor { return end.latest < moment ? .early : .met }
            return end.moment > moment ? .late : .met
        }
        if isFloor || now <= moment { return .running }
        return duty.deemed == nil ? .overdue : .deemed
    }
}

extension JSONValue? {
    /// The values that a field names, one or a list; document numbers in their normal form.
    fileprivate var named: Set<String> {
        switch self {
        case .array(let values)?: Set(values.map(\.name))
        case let value?: [value.name]
        case nil: []
        }
    }
}

extension JSONValue {
    fileprivate var name: String { string.map(DocumentNumber.normalised) ?? canonicalText }
}

extension Duty {
    /// Whether an entry of this type, after all others, can change how the duty stands once its
    /// clock runs.
    func isMoved(by type: String) -> Bool {
        if to.contains(type) || lapses.contains(type) || restarts.contains(type)
            || extend?.by.contains(type) ?? false
        {
            return true
        }
        return pauses.contains { pause in
            switch pause {
            // Anything of the procedure lets the clock go on.
            case .from: true
            case .between(let from, let until): from == type || until.contains(type)
            case .fields(let event, _, _), .days(let event, _): event == type
            }
        }
    }

    fileprivate var termUnit: TimeUnit? {
        if case .term(let term, _, _) = clock { term.unit } else { nil }
    }

    fileprivate func isPaused(by type: String) -> Bool {
        pauses.contains { $0.event == type }
    }

    /// The type of entry that starts the clock; nil of an annual duty.
    package var from: String? {
        switch clock {
        case .term(_, let from, _), .dueField(_, let from, _): from
        case .annual, .once, .words: nil
        }
    }
}
