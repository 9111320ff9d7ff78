import Foundation
import GRDB
package import Rules

/// A row of a judged model with what names it.
package struct PastDuty: Sendable {
    package let stream: String
    package let duty: String
    /// The type of its start, where several duties have one id.
    package let from: String?
    package let start: UInt64
    package let persons: [String]
    package let unit: String?
    /// Whether there is more than one of ``ways``.
    let isSplit: Bool
    /// How it stands in each way in which the case went on, if nothing more happens.
    package let ways: [Way]
    package let life: (state: String, by: UInt64?)?

    package struct Way: Sendable {
        package let state: DutyStanding.State
        package let startDay: Int
        package let dueDay: Int?
        package let dueMoment: Int64?
        package let isProvisional: Bool
        package let end: (record: UInt64, day: Int)?
        /// Whether it is the one that counts when it is told no more by the day which does.
        let counts: Bool
    }

    /// What it adds to the counts of ``ProjectionFile/dutyCounts(_:dueIn:near:before:in:size:)``.
    package func count(dueIn period: ClosedRange<Int>) -> DutyCount? {
        guard isSplit, let way = ways.first(where: { $0.counts }), way.state.isCounted,
            way.dueDay.map(period.contains) ?? false
        else { return nil }
        return DutyCount(duty: duty, metCount: way.state == .met ? 1 : 0, count: 1)
    }
}

/// A finding as it is kept.
package struct PastFinding: Sendable {
    package let stream: String
    package let kind: String
    package let rule: String
    package let entry: UInt64
    package let day: Int
    package let isAsserted: Bool
    package let names: [String]
    package let state: String
    package let stateBy: UInt64?
}

extension ProjectionFile {
    /// The cases of a procedure that had a record by then, in the order of their first records,
    /// after the one whose first record is `after`.
    package func streams(
        of procedure: String, in origin: String, size: UInt64, after: Int64 = -1,
        limit: Int = .max
    ) throws(ProjectionError) -> [String] {
        try read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM stream
                    WHERE ledger = (SELECT id FROM ledger WHERE origin = ?1)
                        AND procedure = ?2 AND first > ?3 AND first < ?4
                    ORDER BY first LIMIT ?5
                    """,
                arguments: [origin, procedure, after, Int64(clamping: size), limit])
        }
    }

    /// Some persons who took part in something.
    package func persons(
        in origin: String, limit: Int
    ) throws(ProjectionError) -> [String] {
        try read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT p.person FROM participants_now p
                    JOIN stream s ON s.id = p.stream
                    WHERE s.ledger = (SELECT id FROM ledger WHERE origin = ?1) LIMIT ?2
                    """, arguments: [origin, limit])
        }
    }

    /// How many cases and standing entries there were by then, without the ledger's own.
    package func counts(
        in origin: String, size: UInt64
    ) throws(ProjectionError) -> (cases: Int, entries: Int) {
        let form = { (table: String, also: String) in
            """
            SELECT count(*) AS n FROM timeline_\(table) t JOIN stream s ON s.id = t.stream
            WHERE s.ledger = (SELECT id FROM ledger WHERE origin = ?1) AND t.fromRecord < ?2\(also)
                AND s.procedure <> 'ledger' AND t.fate IS NOT 'withdrawn'
                AND t.type NOT IN ('entry.corrected', 'entry.withdrawn', 'withheld')
            """
        }
        return try read { db in
            let cases = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM stream
                    WHERE ledger = (SELECT id FROM ledger WHERE origin = ?1) AND first < ?2
                        AND procedure <> 'ledger'
                    """, arguments: [origin, Int64(clamping: size)])
            let entries = try Int.fetchOne(
                db,
                sql: "SELECT sum(n) FROM (\(form("now", "")) UNION ALL "
                    + "\(form("then", " AND t.toRecord >= ?2")))",
                arguments: [origin, Int64(clamping: size)])
            return (cases ?? 0, entries ?? 0)
        }
    }

    /// The cases in which something was ever named by then, in the order of their first records.
    package func streams(
        naming key: MentionKey, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [String] {
        var parts = [
            "SELECT stream FROM mentions_"
        ].flatMap { part in
            ["now", "then"].map {
                part + $0 + " WHERE \"key\" = ?2 AND kind = ?4 AND fromRecord < ?3"
            }
        }
        if case .person = key {
            for table in ["now", "then"] {
                parts.append(
                    "SELECT stream FROM timeline_\(table) WHERE operator = ?2 AND fromRecord < ?3")
                parts.append(
                    "SELECT stream FROM participants_\(table) WHERE person = ?2 AND fromRecord < ?3"
                )
            }
        }
        return try read { db in
            try String.fetchAll(
                db,
                // With the plus, cases are found by number and not by going through the ledger's.
                sql: """
                    SELECT name FROM stream
                    WHERE +ledger = (SELECT id FROM ledger WHERE origin = ?1)
                        AND id IN (\(parts.joined(separator: " UNION ")))
                    ORDER BY first
                    """, arguments: [origin, key.text, Int64(clamping: size), key.kind])
        }
    }

    /// Duties as they stood by the first `size` records, by case and start.
    package func duties(
        _ wanted: Wanted, in origin: String, size: UInt64, dueIn days: ClosedRange<Int>? = nil,
        also condition: String = ""
    ) throws(ProjectionError) -> [PastDuty] {
        let also =
            (days.map { " AND r.dueDay BETWEEN \($0.lowerBound) AND \($0.upperBound)" } ?? "")
            + condition
        let rows = try judged(DutiesModel(), "duty", wanted, origin, size, also: also)
        var found: [PastDuty] = []
        for (stream, row) in rows {
            let way = PastDuty.Way(
                state: DutyStanding.State(rawValue: row["state"]) ?? .running,
                startDay: row["startDay"], dueDay: row["dueDay"], dueMoment: row["dueMoment"],
                isProvisional: row["provisional"] as Int == 1,
                end: (row["end"] as Int64?).map { (UInt64($0), row["endDay"] as Int? ?? 0) },
                counts: row["counts"] as Int == 1)
            let (duty, start) = (row["duty"] as String, UInt64(row["start"] as Int64))
            if let last = found.last, last.stream == stream, last.duty == duty, last.start == start
            {
                found[found.count - 1] = last.with(way)
                continue
            }
            found.append(
                PastDuty(
                    stream: stream, duty: duty, from: row["from"], start: start,
                    persons: (row["persons"] as String).components(separatedBy: "\n"),
                    unit: row["unit"],
                    isSplit: row["ways"] as Int > 1, ways: [way],
                    life: (row["life"] as String?).map {
                        ($0, (row["lifeBy"] as Int64?).map { UInt64($0) })
                    }))
        }
        return found
    }

    /// Rules broken and late entries by the first `size` records, by case.
    package func findings(
        _ wanted: Wanted, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [PastFinding] {
        try judged(FindingsModel(), "rule", wanted, origin, size).map { stream, row in
            PastFinding(
                stream: stream, kind: row["kind"], rule: row["rule"],
                entry: UInt64(row["entry"] as Int64), day: row["day"],
                isAsserted: row["asserted"] as Int == 1,
                names: (row["names"] as String).split(separator: "\n").map(String.init),
                state: row["state"], stateBy: (row["stateBy"] as Int64?).map { UInt64($0) })
        }
    }

    /// Duties that fell or fall due on some days.
    package func duties(
        _ ids: Set<String>, dueIn days: ClosedRange<Int>, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [PastDuty] {
        let found = try duties(Wanted(ids: ids), in: origin, size: size, dueIn: days)
        // Of several ways in which a case went on, others may be due on other days.
        let split = Set(found.filter { $0.isSplit }.map(\.stream))
        guard !split.isEmpty else { return found }
        let whole = try duties(Wanted(streams: split, ids: ids), in: origin, size: size)
        return found.filter { !split.contains($0.stream) } + whole
    }

    /// Duties of which it is told by the moment whether they are overdue: those that fall due by
    /// an hour of a day that is near, and those of cases that went on in several others.
    package func openDuties(
        _ ids: Set<String>, near days: ClosedRange<Int>, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [PastDuty] {
        let split = " AND r.settled >= \(days.lowerBound)"
        let moments = " AND r.ways = 1 AND r.dueMoment IS NOT NULL"
        return try
            (duties(Wanted(), in: origin, size: size, also: split)
            + duties(Wanted(), in: origin, size: size, dueIn: days, also: moments))
            .filter { ids.contains($0.duty) }
    }

    /// What yearly duties count, all or some of them.
    package func yearlyFacts(
        _ ids: Set<String>?, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [YearlyDuties.Fact] {
        let firstYears =
            ids == nil
            ? []
            : try judged(
                YearlyModel(), "duty", Wanted(), origin, size, also: " AND r.duty IS NULL")
        let acts = try judged(YearlyModel(), "duty", Wanted(ids: ids), origin, size)
        return (firstYears + acts).compactMap { _, row in
            let sequence = UInt64(row["seq"] as Int64)
            if let year = row["firstYear"] as Int? {
                return .firstYear(year, sequence: sequence)
            }
            guard let duty = row["duty"] as String?, let day = row["day"] as Int? else {
                return nil
            }
            return .act(duty: duty, day: day, sequence: sequence)
        }
    }

    /// What entries of some days added to indicators, and cases as they stood at the last.
    package func measures(
        _ period: ClosedRange<Int>, entries: Set<String>, cases: Set<String>, in origin: String,
        size: UInt64
    ) throws(ProjectionError) -> [IndicatorFact] {
        let (first, last) = (period.lowerBound, period.upperBound)
        let inDays = " AND r.day BETWEEN \(first) AND \(last)"
        let standing = " AND r.day <= \(last) AND (r.lastDay IS NULL OR r.lastDay >= \(last))"
        return try measures(entries, origin, size, also: inDays)
            + measures(cases, origin, size, also: standing)
    }

    private func measures(
        _ indicators: Set<String>, _ origin: String, _ size: UInt64, also: String
    ) throws(ProjectionError) -> [IndicatorFact] {
        let wanted = Wanted(ids: indicators)
        return try judged(MeasuresModel(), "indicator", wanted, origin, size, also: also).map {
            _, row in
            IndicatorFact(
                indicator: row["indicator"], sequence: UInt64(row["seq"] as Int64),
                days: (row["day"], row["lastDay"]), isOfCase: row["ofCase"] as Int == 1,
                outcome: IndicatorFact.Outcome(rawValue: row["outcome"]) ?? .unknown,
                numerator: row["numerator"], denominator: row["denominator"],
                values: (row["distinct"] as String?)?.components(separatedBy: "\n") ?? [])
        }
    }

    /// Standing entries of some days, and whether they were made too late.
    package func entries(
        _ period: ClosedRange<Int>, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [(sequence: UInt64, day: Int, isLate: Bool)] {
        let also =
            " AND r.day BETWEEN \(period.lowerBound) AND \(period.upperBound)"
            + " AND r.fate IS NOT 'withdrawn' AND s.name NOT LIKE 'ledger/%'"
            + " AND r.type NOT IN ('entry.corrected', 'entry.withdrawn', 'withheld')"
        return try judged(TimelineModel(), "type", Wanted(), origin, size, also: also).map {
            _, row in (UInt64(row["seq"] as Int64), row["day"], row["late"] as Int == 1)
        }
    }

    /// The rows that stood then, in the order of cases and of what they are about.
    private func judged(
        _ model: some ReadModel, _ column: String, _ wanted: Wanted, _ origin: String,
        _ size: UInt64, also: String = ""
    ) throws(ProjectionError) -> [(String, Row)] {
        let columns = model.columns.map { ", r.\"\($0.name)\"" }.joined()
        let order = model.columns.contains { $0.name == "start" } ? ", r.start, r.duty" : ""
        var conditions = ""
        var values: [(any DatabaseValueConvertible)?] = []
        func list(_ names: Set<String>) -> String {
            values += names.sorted().map { $0 as (any DatabaseValueConvertible)? }
            return names.map { _ in "?" }.joined(separator: ", ")
        }
        // With the plus, rows are found by their own index and not by going through all cases.
        let isByCase = wanted.streams != nil || wanted.procedures != nil
        let ledger = isByCase ? "s.ledger" : "+s.ledger"
        let form = { (table: String, condition: String) -> String in
            """
            SELECT s.name, s.first, r.fromRecord, r.place\(columns)
            FROM \(model.name)_\(table) r JOIN stream s ON s.id = r.stream
            WHERE \(ledger) = (SELECT id FROM ledger WHERE origin = ?) AND r.fromRecord < ?
                \(condition)
            """
        }
        var parts: [String] = []
        for table in ["now", "then"] {
            values += [origin, Int64(clamping: size)]
            conditions = also
            if table == "then" {
                conditions += " AND r.toRecord >= ?"
                values.append(Int64(clamping: size))
            }
            if let ids = wanted.ids { conditions += " AND r.\"\(column)\" IN (\(list(ids)))" }
            if let streams = wanted.streams { conditions += " AND s.name IN (\(list(streams)))" }
            if let procedures = wanted.procedures {
                let ranges = procedures.sorted().map { procedure in
                    values += ["\(procedure)/", "\(procedure)0"]
                    return "s.name >= ? AND s.name < ?"
                }
                conditions += " AND (\(ranges.joined(separator: " OR ")))"
            }
            parts.append(form(table, conditions))
        }
        let sql = """
            SELECT * FROM (\(parts.joined(separator: " UNION ALL "))) r
            ORDER BY r.first\(order), r.fromRecord, r.place
            """
        let arguments = StatementArguments(values)
        return try read { db in
            try Row.fetchAll(db, sql: sql, arguments: arguments).map { ($0["name"], $0) }
        }
    }
}

extension PastDuty {
    fileprivate func with(_ way: Way) -> PastDuty {
        PastDuty(
            stream: stream, duty: duty, from: from, start: start, persons: persons, unit: unit,
            isSplit: isSplit, ways: ways + [way], life: life)
    }
}
