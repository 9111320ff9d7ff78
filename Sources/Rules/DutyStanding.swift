package import Catalogue
package import Records

/// How a duty stands: Specs/judging.md section 6.
package struct DutyStanding: Hashable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case running, paused, met, late, early, overdue, deemed, lapsed
    }

    /// What it is called in a finding: `<duty>@<seq>`, or `<duty>@<year>`.
    package let id: String
    package let duty: Duty
    /// The case; of an annual duty, the procedure.
    package let stream: String
    /// The entry that started the clock; nil of an annual duty.
    package let start: UInt64?
    package let startDay: Int
    /// The last day (of a floor, the first permitted one); nil while the clock stands.
    package let dueDay: Int?
    /// Of a term in hours, the moment.
    package let dueMoment: Timestamp?
    package let isProvisional: Bool
    /// The entry that fulfilled it, and its day.
    package let end: UInt64?
    package let endDay: Int?
    package let state: State

    package var isBreach: Bool { state == .late || state == .early || state == .overdue }
}

extension [DutyStanding] {
    /// Of several ways in which a case went on, the standing that counts.
    package var worst: DutyStanding? { worstPlace.map { self[$0] } }

    package var worstPlace: Int? {
        indices.max { left, right in
            let (left, right) = (self[left], self[right])
            return (left.state.weight, left.endDay ?? .max)
                < (right.state.weight, right.endDay ?? .max)
        }
    }

    /// The last day on which time alone may change which of several ways is the worst, if it may.
    package var settlingDay: Int? {
        count > 1 ? compactMap { $0.mayRun ? $0.dueDay : nil }.max() : nil
    }
}

extension DutyStanding {
    /// Whether it ran before it fell due.
    fileprivate var mayRun: Bool { end == nil && (state == .overdue || state == .deemed) }

    /// The same, known to have no later end, at another moment.
    ///
    /// What has fallen due is told apart from what runs; nothing else changes with time alone.
    package func asOf(_ now: Timestamp, _ clock: LocalTime) -> DutyStanding {
        guard mayRun else { return self }
        let isRunning =
            dueMoment.map { now <= $0 } ?? dueDay.map { clock.day(of: now) <= $0 } ?? false
        guard isRunning else { return self }
        return DutyStanding(
            id: id, duty: duty, stream: stream, start: start, startDay: startDay, dueDay: dueDay,
            dueMoment: dueMoment, isProvisional: isProvisional, end: nil, endDay: nil,
            state: .running)
    }

    package init(
        id: String, duty: Duty, stream: String, start: UInt64, days: (start: Int, due: Int?),
        dueMoment: Timestamp?, isProvisional: Bool, end: (record: UInt64, day: Int)?, state: State
    ) {
        self.init(
            id: id, duty: duty, stream: stream, start: start, startDay: days.start,
            dueDay: days.due, dueMoment: dueMoment, isProvisional: isProvisional,
            end: end?.record, endDay: end?.day, state: state)
    }
}

extension DutyStanding.State {
    /// Of two ways in which a case went on, what counts more.
    fileprivate var weight: Int {
        switch self {
        case .overdue: 7
        case .late: 6
        case .early: 5
        case .running: 4
        case .paused: 3
        case .met: 2
        case .deemed: 1
        case .lapsed: 0
        }
    }
}
