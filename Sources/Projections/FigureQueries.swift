import GRDB
package import Rules

/// How many duties stand in one way.
package struct DutyCount: Sendable {
    package let duty: String
    package let state: DutyStanding.State
    /// Whether they fall due after the days that were left out.
    package let isLater: Bool
    package let count: Int
}

extension ProjectionFile {
    /// What entries of a period add to indicators, and cases as they stood at its end.
    package func sums(
        _ period: ClosedRange<Int>, entries: Set<String>, cases: Set<String>, in origin: String,
        size: UInt64
    ) throws(ProjectionError) -> [FactSum] {
        try read { db in
            guard let ledger = try ledger(db, origin) else { return [] }
            return try daySums.sums(
                db, ledger, Int64(clamping: size), period,
                entries: entries.union([DaySums.entries]), cases: cases)
        }
    }

    /// Duties that fall due in a period, but for some days and for those of cases that went on in
    /// several others.
    package func dutyCounts(
        _ ids: Set<String>, dueIn period: ClosedRange<Int>, but days: ClosedRange<Int>,
        in origin: String, size: UInt64
    ) throws(ProjectionError) -> [DutyCount] {
        let marks = ids.map { _ in "?" }.joined(separator: ", ")
        return try read { db in
            guard let ledger = try ledger(db, origin) else { return [] }
            // Most files have one ledger, and then no case need be looked up.
            let isOnly = try Int.fetchOne(db, sql: "SELECT count(*) FROM ledger") == 1
            let own = "(SELECT ledger FROM stream WHERE id = r.stream) = \(ledger)"
            let parts = ["now", "then"].map { table in
                """
                SELECT duty, state, dueDay > \(days.upperBound) AS later, count(*) AS n
                FROM duties_\(table) r
                WHERE duty IN (\(marks)) AND ways = 1
                    AND dueDay BETWEEN \(period.lowerBound) AND \(period.upperBound)
                    AND dueDay NOT BETWEEN \(days.lowerBound) AND \(days.upperBound)
                    AND fromRecord < \(size)\(table == "then" ? " AND toRecord >= \(size)" : "")
                    \(isOnly ? "" : "AND \(own)")
                GROUP BY 1, 2, 3
                """
            }
            let names = ids.sorted()
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT duty, state, later, sum(n)
                    FROM (\(parts.joined(separator: " UNION ALL ")))
                    GROUP BY 1, 2, 3
                    """, arguments: StatementArguments(names + names)
            ).compactMap { row in
                DutyStanding.State(rawValue: row[1]).map {
                    DutyCount(duty: row[0], state: $0, isLater: row[2], count: row[3])
                }
            }
        }
    }

    /// Whether the sums by day are those of the rows.
    package func sumsAgree() throws(ProjectionError) -> Bool {
        try read { db in try daySums.agree(db) }
    }

    private func ledger(_ db: Database, _ origin: String) throws -> Int64? {
        try Int64.fetchOne(db, sql: "SELECT id FROM ledger WHERE origin = ?", arguments: [origin])
    }
}
