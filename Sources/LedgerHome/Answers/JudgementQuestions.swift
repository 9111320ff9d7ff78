package import Catalogue
package import Rules

/// Which duties are asked for; without more, what runs, stands still or is overdue.
package struct DutyQuestion: Sendable {
    package var isOverdueOnly = false
    /// Also what was done.
    package var isAll = false
    /// Who entered or took part in what began it.
    package var person: String?
    package var unit: String?
    /// The duty's id.
    package var duty: String?

    package init() {}

    /// Those of a judgement, by the day on which they are due.
    package func standings(of judgement: LedgerJudgement) -> [DutyStanding] {
        judgement.standings.filter { isWanted($0, judgement) }.sorted(by: DutyQuestion.isBefore)
    }

    package static func isBefore(_ one: DutyStanding, _ other: DutyStanding) -> Bool {
        (one.dueDay ?? .max, one.id) < (other.dueDay ?? .max, other.id)
    }

    private func isWanted(_ standing: DutyStanding, _ judgement: LedgerJudgement) -> Bool {
        if isOverdueOnly, standing.state != .overdue { return false }
        let isOpen = [.running, .paused, .overdue].contains(standing.state)
        if !isAll, !isOverdueOnly, !isOpen { return false }
        if let duty, standing.duty.id != duty { return false }
        let operators = standing.start.flatMap { judgement.operators[$0] } ?? []
        if let person, !operators.contains(person) { return false }
        if let unit, standing.start.flatMap({ judgement.units[$0] }) != unit { return false }
        return true
    }
}

/// Which findings are asked for.
package struct FindingQuestion: Sendable {
    package var rule: String?
    package var level: Rule.Level?
    package var state: Finding.State?
    package var stream: String?

    package init() {}

    package func findings(of judgement: LedgerJudgement) -> [Finding] {
        judgement.findings.filter { finding in
            (rule.map { $0 == finding.rule } ?? true)
                && (level.map { $0 == finding.level } ?? true)
                && (state.map { $0 == finding.state } ?? true)
                && (stream.map { $0 == finding.stream } ?? true)
        }
    }
}

/// The days of a period: all of a year that is named in part, or of this year.
///
/// Nil if a text is no day, or the last day comes before the first.
package func indicatorPeriod(
    from: String?, to: String?, thisYear: Int
) -> ClosedRange<Int>? {
    let year = from.map { String($0.prefix(4)) } ?? "\(thisYear)"
    guard let last = civilDay(to ?? "\(year)-12-31"),
        let first = civilDay(from ?? "\(dayText(last).prefix(4))-01-01"), first <= last
    else { return nil }
    return first...last
}
