import CanonicalJSON
import Catalogue
package import Records

/// How duties stand that come with the calendar and not with a case: Specs/judging.md section 6.
package struct YearlyDuties: Sendable {
    private let book: RuleBook
    private let duties: [(duty: Duty, procedure: String)]
    private let fulfilling: Set<String>
    private let starting: [String: String]
    /// The first year of each, from what an entry with `startsYearly` says.
    private var firstYear: Int?
    private var acts: [String: [(day: Int, sequence: UInt64)]] = [:]

    package init(_ book: RuleBook) {
        self.book = book
        duties = book.catalogue.procedures.flatMap { procedure in
            (procedure.duties + procedure.disclosures.map(\.duty))
                .filter { $0.isYearly && !$0.to.isEmpty }
                .map { ($0, procedure.id) }
        }
        fulfilling = Set(duties.flatMap(\.duty.to))
        let starts = book.catalogue.eventTypes.compactMap { type in
            type.startsYearly.map { (type.name, $0) }
        }
        starting = Dictionary(starts, uniquingKeysWith: { first, _ in first })
    }

    /// What one entry has to do with them.
    package enum Fact: Hashable, Sendable {
        /// From this year on they are owed.
        case firstYear(Int, sequence: UInt64)
        /// Something was done that fulfils a duty.
        case act(duty: String, day: Int, sequence: UInt64)
    }

    /// Takes what a case has to do with them.
    package mutating func take(_ history: CaseHistory) {
        for fact in facts(of: history) { take(fact) }
    }

    package mutating func take(_ fact: Fact) {
        switch fact {
        case .firstYear(let year, _): firstYear = min(firstYear ?? year, year)
        case .act(let duty, let day, let sequence):
            acts[duty, default: []].append((day, sequence))
        }
    }

    /// Whether entries of this type have something to do with them.
    package func concern(_ type: String) -> Bool {
        fulfilling.contains(type) || starting[type] != nil
    }

    /// What a case has to do with them.
    package func facts(of history: CaseHistory) -> [Fact] {
        var facts: [Fact] = []
        for (place, entry) in history.entries.enumerated() {
            if let field = starting[entry.type], let year = entry.data[field]?.integer {
                facts.append(.firstYear(Int(year), sequence: entry.sequence))
            }
            guard fulfilling.contains(entry.type) else { continue }
            for duty in duties.map(\.duty) where duty.to.contains(entry.type) {
                guard
                    duty.fulfilledWhen == nil
                        || book.truth(duty.fulfilledWhen, at: place, in: history) == .true
                else { continue }
                facts.append(.act(duty: duty.id, day: entry.day, sequence: entry.sequence))
            }
        }
        return facts
    }

    /// Every yearly duty from the first year on, as of `now`; none if no entry says the year.
    package func standings(now: Timestamp) -> [DutyStanding] {
        guard let firstYear else { return [] }
        let today = book.day(of: now)
        return duties.flatMap { duty, procedure -> [DutyStanding] in
            switch duty.clock {
            case .annual(let annual):
                return windows(annual, firstYear, today).compactMap {
                    standing(duty, procedure, $0, annual.count, today)
                }
            case .once(let by):
                guard let last = CivilDateText.read(by)?.dayNumber,
                    let first = CivilDate(year: firstYear, month: 1, day: 1)?.dayNumber,
                    first <= last
                else { return [] }
                let year = CivilDate(dayNumber: last).year
                let window = Window(year: year, days: first...last, late: last + 366)
                return [standing(duty, procedure, window, 1, today)].compactMap { $0 }
            default: return []
            }
        }
    }

    /// The year that a duty is about, and the days on which it may be fulfilled.
    private struct Window {
        let year: Int
        let days: ClosedRange<Int>
        /// The last day on which it may be fulfilled late: then the next one begins.
        let late: Int
    }

    /// As far as they have begun.
    private func windows(
        _ annual: Duty.Annual, _ firstYear: Int, _ today: Int
    ) -> [Window] {
        var windows: [Window] = []
        var year = firstYear + annual.everyYears - 1
        while true {
            let place = annual.isOfNextYear ? year + 1 : year
            let first = place - annual.everyYears + 1
            guard let from = day(annual.from ?? "01-01", of: first),
                let by = day(annual.by, of: place), from <= by, from <= today,
                let next = day(annual.from ?? "01-01", of: place + 1)
            else { return windows }
            windows.append(Window(year: year, days: from...by, late: max(by, next - 1)))
            year += annual.everyYears
        }
    }

    /// `02-29` is the last day of February.
    private func day(_ monthDay: String, of year: Int) -> Int? {
        let day = CivilDateText.read("\(year)-\(monthDay)")
        return (day ?? (monthDay == "02-29" ? CivilDateText.read("\(year)-02-28") : nil))?.dayNumber
    }

    private func standing(
        _ duty: Duty, _ procedure: String, _ place: Window, _ count: Int, _ today: Int
    ) -> DutyStanding? {
        let (year, next, window) = (place.year, place.late, place.days)
        guard book.isInForce(duty.basis, on: window.upperBound) else { return nil }
        let acts = (acts[duty.id] ?? []).filter { $0.day >= window.lowerBound }
            .sorted { ($0.day, $0.sequence) < ($1.day, $1.sequence) }
        let done = acts.count >= count ? acts[count - 1] : nil
        let state: DutyStanding.State
        if let done, done.day <= window.upperBound {
            state = .met
        } else if let done, done.day <= next, count == 1, today > window.upperBound {
            state = .late
        } else {
            state = today > window.upperBound ? .overdue : .running
        }
        let end = state == .met || state == .late ? done : nil
        return DutyStanding(
            id: "\(duty.id)@\(year)", duty: duty, stream: procedure, start: nil,
            startDay: window.lowerBound, dueDay: window.upperBound, dueMoment: nil,
            isProvisional: false, end: end?.sequence, endDay: end?.day, state: state)
    }
}

extension Duty {
    fileprivate var isYearly: Bool {
        switch clock {
        case .annual, .once: true
        case .term, .dueField, .words: false
        }
    }
}
