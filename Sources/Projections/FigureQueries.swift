import GRDB
package import Rules

/// How many duties fell due.
package struct DutyCount: Sendable {
    package let duty: String
    package let metCount: Int
    package let count: Int
}

extension ProjectionFile {
    /// Before all days.
    private static let firstDay = -1_000_000

    /// What entries of a period add to indicators, and cases as they stood at its end.
    ///
    /// ``DaySums/entries`` among `entries` stands for what was entered on time or late.
    package func sums(
        _ period: ClosedRange<Int>, entries: Set<String>, cases: Set<String>, in origin: String,
        size: UInt64
    ) throws(ProjectionError) -> [FactSum] {
        try sums(
            [
                DaySums.Wanted(indicators: entries, days: period),
                DaySums.Wanted(
                    indicators: cases, days: ProjectionFile.firstDay...period.upperBound),
            ], in: origin, size)
    }

    /// Duties that fall due in a period, and of those that run until a day those before `day`.
    ///
    /// Without those with a term in hours that fall due on the days `today`, or later.
    package func dutyCounts(
        _ ids: Set<String>, dueIn period: ClosedRange<Int>, near today: ClosedRange<Int>,
        before day: Int, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [DutyCount] {
        let ends: [(DaySums.DutyKind, Int)] = [
            (.settled, .max), (.day, day - 1), (.moment, today.lowerBound - 1),
        ]
        let wanted = ends.compactMap { kind, end -> DaySums.Wanted? in
            let last = min(period.upperBound, end)
            guard period.lowerBound <= last else { return nil }
            return DaySums.Wanted(
                indicators: Set(ids.map { kind.indicator($0) }), days: period.lowerBound...last)
        }
        var names: [String: String] = [:]
        for id in ids { for kind in DaySums.DutyKind.allCases { names[kind.indicator(id)] = id } }
        return try sums(wanted, in: origin, size).compactMap { sum in
            sum.indicator.flatMap { names[$0] }.map {
                DutyCount(
                    duty: $0, metCount: Int(sum.numerator), count: Int(sum.denominator))
            }
        }
    }

    private func sums(
        _ wanted: [DaySums.Wanted], in origin: String, _ size: UInt64
    ) throws(ProjectionError) -> [FactSum] {
        try read { db in
            guard
                let ledger = try Int64.fetchOne(
                    db, sql: "SELECT id FROM ledger WHERE origin = ?", arguments: [origin])
            else { return [] }
            return try daySums.sums(db, ledger, Int64(clamping: size), wanted)
        }
    }

    /// Whether the sums by day are those of the rows.
    package func sumsAgree() throws(ProjectionError) -> Bool {
        try read { db in try daySums.agree(db) }
    }
}
