import Foundation
import GRDB
import Rules

/// What entries and cases add to the indicators, summed by day: Specs/projections.md section 4.
///
/// A figure as of a record is what the whole spans of records before it changed, and what the
/// rows say that the records since the last whole span made or replaced. Triggers keep the sums in
/// the transaction that changes the rows, so nothing that writes rows need know of them.
struct DaySums {
    /// Changes are summed whose records have the same quotient by this.
    let span: Int64

    /// Entries, on time or late: what the indicator of late entries counts.
    static let entries = ""

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
            _ row: String, from tables: String, by record: String, in span: Int64,
            times factor: Int, also: String = ""
        ) -> String {
            let sign = factor * sign
            return """
                SELECT s.ledger, \(indicator) AS indicator, \(day) AS day,
                    \(record) / \(span) AS span, \(value) AS value,
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
    ]

    /// The models whose rows are summed.
    static let models = Set(terms.map(\.model))

    /// The records by which rows of a table change sums, and how.
    private static let changes: [(table: String, record: String, factor: Int)] = [
        ("now", "fromRecord", 1), ("then", "fromRecord", 1), ("then", "toRecord", -1),
    ]

    static let creation = """
        CREATE TABLE daySum (
            ledger INTEGER NOT NULL, indicator TEXT NOT NULL, day INTEGER NOT NULL,
            span INTEGER NOT NULL, value TEXT NOT NULL, numerator INTEGER NOT NULL,
            denominator INTEGER NOT NULL, unknown INTEGER NOT NULL,
            PRIMARY KEY (ledger, indicator, day, span, value)) WITHOUT ROWID;
        """

    private static let addition = """
        ON CONFLICT (ledger, indicator, day, span, value) DO UPDATE SET
            numerator = numerator + excluded.numerator,
            denominator = denominator + excluded.denominator, unknown = unknown + excluded.unknown
        """

    private static let key = "ledger, indicator, day, span, value"
    private static let totals =
        "sum(numerator) AS numerator, sum(denominator) AS denominator, sum(unknown) AS unknown"

    /// All that the rows add up to.
    private var all: String {
        let parts = DaySums.terms.flatMap { term in
            DaySums.changes.map { change in
                let part = term.select(
                    "r", from: "\(term.model)_\(change.table) r, stream s",
                    by: "r.\(change.record)", in: span, times: change.factor)
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

    // MARK: - Keeping

    /// Sums what is there, and keeps the sums from then on.
    func keep(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM daySum; INSERT INTO daySum \(all)")
        for model in DaySums.models {
            for table in ["now", "then"] {
                try watch(db, model, table, "INSERT", of: "NEW", times: 1)
                try watch(db, model, table, "DELETE", of: "OLD", times: -1)
            }
        }
        for change in DaySums.changes {
            try db.execute(
                sql: """
                    CREATE INDEX IF NOT EXISTS measures_\(change.table)_\(change.record)
                    ON measures_\(change.table) (\(change.record));
                    """)
        }
    }

    private func watch(
        _ db: Database, _ model: String, _ table: String, _ event: String, of row: String,
        times factor: Int
    ) throws {
        let additions = DaySums.terms.filter { $0.model == model }.flatMap { term in
            DaySums.changes.filter { $0.table == table }.map { change in
                let part = term.select(
                    row, from: "stream s", by: "\(row).\(change.record)", in: span,
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
                WITH made AS (\(all)), kept AS (\(kept))
                SELECT NOT EXISTS (SELECT * FROM made EXCEPT SELECT * FROM kept)
                    AND NOT EXISTS (SELECT * FROM kept EXCEPT SELECT * FROM made)
                """) ?? false
    }

    // MARK: - Asking

    /// What adds to these indicators, of entries in the period and of cases at its end.
    func sums(
        _ db: Database, _ ledger: Int64, _ size: Int64, _ period: ClosedRange<Int>,
        entries: Set<String>, cases: Set<String>
    ) throws -> [FactSum] {
        let first = size / span * span
        let (low, high) = (period.lowerBound, period.upperBound)
        let (entries, cases) = (DaySums.list(entries), DaySums.list(cases))
        let inDays = "indicator IN (\(entries)) AND day BETWEEN \(low) AND \(high)"
        let upTo = "indicator IN (\(cases)) AND day <= \(high)"
        // With the plus, rows are found by the records that made them and not by all their days.
        let matters = """
            (+indicator IN (\(entries)) AND +day BETWEEN \(low) AND \(high)
                OR +indicator IN (\(cases)) AND +day <= \(high))
            """
        let columns = "indicator, value, numerator, denominator, unknown"
        var parts = [inDays, upTo].map {
            """
            SELECT \(columns) FROM daySum
            WHERE ledger = \(ledger) AND \($0) AND span < \(size / span)
            """
        }
        for term in DaySums.terms {
            for change in DaySums.changes {
                let record = "r.\(change.record)"
                var also = " AND \(record) >= \(first) AND \(record) < \(size)"
                // Of one day after another: the index is by day and then by record.
                if term.model == "timeline" {
                    also += " AND r.day IN (\(period.map(String.init).joined(separator: ",")))"
                }
                let part = term.select(
                    "r", from: "\(term.model)_\(change.table) r, stream s", by: record, in: span,
                    times: change.factor, also: also)
                parts.append(
                    """
                    SELECT \(columns) FROM (\(part))
                    WHERE +ledger = \(ledger) AND \(matters)
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

    private static func list(_ names: Set<String>) -> String {
        names.sorted().map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
    }
}
