import Foundation
import GRDB
import Rules

/// What entries, cases and duties add to the indicators, summed by day: Specs/projections.md
/// section 4.
///
/// A figure as of a record is what the whole long spans of records before it changed, and the short
/// ones since, and what the rows say that the records since the last whole span made or replaced.
/// Triggers keep the sums of short spans in the transaction that changes the rows, so nothing that
/// writes rows need know of them; those of a long one are added up when it is over.
package struct DaySums {
    /// Changes are summed whose records have the same quotient by this.
    let span: Int64

    /// Records of a long span.
    private var longSpan: Int64 { span * 64 }

    /// Entries, on time or late: what the indicator of late entries counts.
    package static let entries = ""

    /// Sums of duties that fall due, by what has to be known of the day on which it is asked.
    enum DutyKind: String, CaseIterable {
        /// Nothing; of a case that went on in several others, whether time has settled it.
        case settled
        /// It is overdue after the day, and runs until then.
        case day
        /// It is overdue after a moment of about that day.
        case moment

        /// What they are called among the indicators.
        func indicator(_ duty: String) -> String { "duty/\(duty)/\(rawValue)" }

        fileprivate static let sql = """
            'duty/' || $.duty || '/' || CASE
                WHEN $.ways > 1 OR $.state <> 'overdue' OR $."end" IS NOT NULL THEN 'settled'
                WHEN $.dueMoment IS NULL THEN 'day' ELSE 'moment' END
            """
    }

    /// Some indicators and the days of which they are asked.
    struct Wanted {
        let indicators: Set<String>
        let days: ClosedRange<Int>
    }

    /// What a row of a model adds to a day; `$` stands for the row.
    private struct Term {
        let model: String
        var indicator = "$.indicator"
        let day: String
        var value = "coalesce($.\"distinct\", '')"
        var numerator = "$.numerator"
        var denominator = "$.denominator"
        var unknown = "$.outcome IN ('unknown', 'perhaps')"
        let condition: String
        /// -1: from that day on it does not count any more.
        var sign = 1

        /// `$` is `row`, and each sum is of the change by a record.
        func select(
            _ row: String, from tables: String, by record: String, in sums: DaySums,
            times factor: Int, also: String = ""
        ) -> String {
            let sign = factor * sign
            return """
                SELECT s.ledger, \(record) / \(sums.longSpan) AS long, \(indicator) AS indicator,
                    \(day) AS day, \(record) / \(sums.span) AS span, \(value) AS value,
                    \(sign) * (\(numerator)) AS numerator,
                    \(sign) * (\(denominator)) AS denominator, \(sign) * (\(unknown)) AS unknown
                FROM \(tables) WHERE s.id = $.stream AND \(condition)\(also)
                """.replacing("$", with: row)
        }
    }

    private static let terms = [
        Term(model: "measures", day: "$.day", condition: "1"),
        Term(
            model: "measures", day: "$.lastDay + 1",
            condition: "$.ofCase = 1 AND $.lastDay IS NOT NULL", sign: -1),
        Term(
            model: "timeline", indicator: "'\(entries)'", day: "$.day", value: "''",
            numerator: "$.late", denominator: "1", unknown: "0",
            condition: """
                $.day IS NOT NULL AND $.fate IS NOT 'withdrawn' AND s.name NOT LIKE 'ledger/%'
                AND $.type NOT IN ('entry.corrected', 'entry.withdrawn', 'withheld')
                """),
        Term(
            model: "duties", indicator: DutyKind.sql, day: "$.dueDay", value: "''",
            numerator: "$.state = 'met'", denominator: "1", unknown: "0",
            condition: """
                $.counts = 1 AND $.dueDay IS NOT NULL
                AND $.state IN (\(list(DutyStanding.State.allCases.filter(\.isCounted)
                    .map(\.rawValue))))
                """),
    ]

    /// The models whose rows are summed.
    static let models = Set(terms.map(\.model))

    /// The records by which rows of a table change sums, and how.
    private static let changes: [(table: String, record: String, factor: Int)] = [
        ("now", "fromRecord", 1), ("then", "fromRecord", 1), ("then", "toRecord", -1),
    ]

    static let creation = """
        CREATE TABLE daySum (
            ledger INTEGER NOT NULL, long INTEGER NOT NULL, indicator TEXT NOT NULL,
            day INTEGER NOT NULL, span INTEGER NOT NULL, value TEXT NOT NULL,
            numerator INTEGER NOT NULL, denominator INTEGER NOT NULL, unknown INTEGER NOT NULL,
            PRIMARY KEY (ledger, long, indicator, day, span, value)) WITHOUT ROWID;
        """

    private static let addition = """
        ON CONFLICT (ledger, long, indicator, day, span, value) DO UPDATE SET
            numerator = numerator + excluded.numerator,
            denominator = denominator + excluded.denominator, unknown = unknown + excluded.unknown
        """

    private static let key = "ledger, long, indicator, day, span, value"
    private static let totals =
        "sum(numerator) AS numerator, sum(denominator) AS denominator, sum(unknown) AS unknown"

    /// All that the rows add up to, by short spans.
    private var all: String {
        let parts = DaySums.terms.flatMap { term in
            DaySums.changes.map { change in
                let part = term.select(
                    "r", from: "\(term.model)_\(change.table) r, stream s",
                    by: "r.\(change.record)", in: self, times: change.factor)
                return """
                    SELECT \(DaySums.key), \(DaySums.totals) FROM (\(part)) GROUP BY \(DaySums.key)
                    """
            }
        }
        return """
            SELECT \(DaySums.key), \(DaySums.totals)
            FROM (\(parts.joined(separator: " UNION ALL ")))
            GROUP BY \(DaySums.key)
            HAVING sum(numerator) <> 0 OR sum(denominator) <> 0 OR sum(unknown) <> 0
            """
    }

    /// What short spans of `sums` add up to by long ones that are over; those stand at -1.
    private func long(_ sums: String) -> String {
        """
        SELECT f.ledger, -1, f.indicator, f.day, f.long, f.value, \(DaySums.totals)
        FROM \(sums) f JOIN ledger l ON l.id = f.ledger
        WHERE f.long >= 0 AND f.long < l.next / \(longSpan)
        GROUP BY f.ledger, f.long, f.indicator, f.day, f.value
        """
    }

    // MARK: - Keeping

    /// Sums what is there, and keeps the sums from then on.
    func keep(_ db: Database) throws {
        try db.execute(
            sql: """
                DELETE FROM daySum; INSERT INTO daySum \(all);
                INSERT INTO daySum \(long("daySum"));
                """)
        for model in DaySums.models {
            for table in ["now", "then"] {
                try watch(db, model, table, "INSERT", of: "NEW", times: 1)
                try watch(db, model, table, "DELETE", of: "OLD", times: -1)
            }
        }
        for change in DaySums.changes {
            for model in ["measures", "duties"] {
                try db.execute(
                    sql: """
                        CREATE INDEX IF NOT EXISTS \(model)_\(change.table)_\(change.record)
                        ON \(model)_\(change.table) (\(change.record));
                        """)
            }
        }
        for table in ["now", "then"] {
            try db.execute(
                sql: """
                    CREATE INDEX IF NOT EXISTS duties_\(table)_settled
                    ON duties_\(table) (settled) WHERE settled IS NOT NULL;
                    CREATE INDEX IF NOT EXISTS duties_\(table)_moment
                    ON duties_\(table) (dueDay) WHERE dueMoment IS NOT NULL;
                    """)
        }
    }

    /// Adds up the long spans of a ledger that are over since it had `low` records.
    func close(_ db: Database, _ ledger: Int64, from low: UInt64, to high: UInt64) throws {
        let first = Int64(low) / longSpan
        guard first < Int64(high) / longSpan else { return }
        let sums = "(SELECT * FROM daySum WHERE ledger = \(ledger) AND long >= \(first))"
        try db.execute(sql: "INSERT INTO daySum \(long(sums))")
    }

    /// Adds up all long spans of a ledger again.
    func closeAgain(_ db: Database, _ ledger: Int64, upTo next: UInt64) throws {
        try db.execute(sql: "DELETE FROM daySum WHERE ledger = \(ledger) AND long = -1")
        try close(db, ledger, from: 0, to: next)
    }

    private func watch(
        _ db: Database, _ model: String, _ table: String, _ event: String, of row: String,
        times factor: Int
    ) throws {
        let additions = DaySums.terms.filter { $0.model == model }.flatMap { term in
            DaySums.changes.filter { $0.table == table }.map { change in
                let part = term.select(
                    row, from: "stream s", by: "\(row).\(change.record)", in: self,
                    times: factor * change.factor)
                return "INSERT INTO daySum \(part) \(DaySums.addition);"
            }
        }
        try db.execute(
            sql: """
                CREATE TRIGGER IF NOT EXISTS daySum_\(model)_\(table)_\(event)
                AFTER \(event) ON \(model)_\(table) BEGIN
                \(additions.joined(separator: "\n"))
                END;
                """)
    }

    /// Whether the sums that were kept are those of the rows.
    func agree(_ db: Database) throws -> Bool {
        let kept = """
            SELECT * FROM daySum WHERE numerator <> 0 OR denominator <> 0 OR unknown <> 0
            """
        return try Bool.fetchOne(
            db,
            sql: """
                WITH short AS MATERIALIZED (\(all)),
                    made AS (SELECT * FROM short UNION ALL SELECT * FROM (\(long("short")))
                        WHERE numerator <> 0 OR denominator <> 0 OR unknown <> 0),
                    kept AS (\(kept))
                SELECT NOT EXISTS (SELECT * FROM made EXCEPT SELECT * FROM kept)
                    AND NOT EXISTS (SELECT * FROM kept EXCEPT SELECT * FROM made)
                """) ?? false
    }

    // MARK: - Asking

    /// What adds to indicators on some days, by the first `size` records.
    func sums(
        _ db: Database, _ ledger: Int64, _ size: Int64, _ wanted: [Wanted]
    ) throws -> [FactSum] {
        let first = size / span * span
        func matters(_ plus: String) -> String {
            wanted.map {
                """
                \(plus)indicator IN (\(DaySums.list($0.indicators)))
                    AND \(plus)day BETWEEN \($0.days.lowerBound) AND \($0.days.upperBound)
                """
            }.joined(separator: " OR ")
        }
        let columns = "indicator, value, numerator, denominator, unknown"
        var parts = [
            "long = -1 AND span < \(size / longSpan)",
            "long = \(size / longSpan) AND span < \(size / span)",
        ].flatMap { spans in
            wanted.map {
                """
                SELECT \(columns) FROM daySum
                WHERE ledger = \(ledger) AND \(spans)
                    AND indicator IN (\(DaySums.list($0.indicators)))
                    AND day BETWEEN \($0.days.lowerBound) AND \($0.days.upperBound)
                """
            }
        }
        let ofEntries = wanted.first { $0.indicators.contains(DaySums.entries) }?.days
        for term in DaySums.terms {
            for change in DaySums.changes {
                let record = "r.\(change.record)"
                var also = " AND \(record) >= \(first) AND \(record) < \(size)"
                // Of one day after another: the index is by day and then by record.
                if term.model == "timeline" {
                    let days = (ofEntries.map { Array($0) } ?? []).map(String.init)
                    also += " AND r.day IN (\(days.joined(separator: ",")))"
                }
                let part = term.select(
                    "r", from: "\(term.model)_\(change.table) r, stream s", by: record, in: self,
                    times: change.factor, also: also)
                // With the plus, rows are found by the records that made them and not by all their
                // days.
                parts.append(
                    """
                    SELECT \(columns) FROM (\(part))
                    WHERE +ledger = \(ledger) AND (\(matters("+")))
                    """)
            }
        }
        return try Row.fetchAll(
            db,
            sql: """
                SELECT indicator, value, \(DaySums.totals)
                FROM (\(parts.joined(separator: " UNION ALL ")))
                GROUP BY indicator, value
                """
        ).map { row in
            let (indicator, value) = (row[0] as String, row[1] as String)
            return FactSum(
                indicator: indicator == DaySums.entries ? nil : indicator, numerator: row[2],
                denominator: row[3], unknownCount: row[4],
                values: value.isEmpty ? [] : value.components(separatedBy: "\n"))
        }
    }

    private static func list(_ names: some Sequence<String>) -> String {
        names.sorted().map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
    }
}
