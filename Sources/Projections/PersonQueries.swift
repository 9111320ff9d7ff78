import GRDB

extension ProjectionFile {
    /// The cases of some procedures in which data ever named a person by then, in the order of
    /// their first records.
    package func streams(
        of procedures: Set<String>, about person: String, in origin: String, size: UInt64
    ) throws(ProjectionError) -> [String] {
        let marks = procedures.map { _ in "?" }.joined(separator: ", ")
        let named = ["now", "then"].map { table in
            """
            SELECT stream FROM mentions_\(table)
            WHERE "key" = ?1 AND kind = 'person' AND fromRecord < ?2
                AND field NOT LIKE 'corrected.participants.%'
            """
        }
        let arguments: [any DatabaseValueConvertible] =
            [person, Int64(clamping: size), origin] + procedures.sorted()
        return try read { db in
            try String.fetchAll(
                db,
                // With the plus, cases are found by number and not by going through the ledger's.
                sql: """
                    SELECT name FROM stream
                    WHERE id IN (\(named.joined(separator: " UNION ")))
                        AND +ledger = (SELECT id FROM ledger WHERE origin = ?3)
                        AND +procedure IN (\(marks))
                    ORDER BY first
                    """, arguments: StatementArguments(arguments))
        }
    }

    /// The newest entries in which one of these persons was ever named by then.
    ///
    /// From each index no more is read than can be among them.
    package func entries(
        naming persons: Set<String>, in origin: String, size: UInt64, limit: Int
    ) throws(ProjectionError) -> [EntryPlace] {
        let keys = [
            ("timeline", "operator", ""), ("participants", "person", ""),
            ("mentions", "key", " AND kind = 'person'"),
        ]
        var parts: [String] = []
        for place in 4..<4 + persons.count {
            for (model, column, also) in keys {
                for table in ["now", "then"] {
                    parts.append(
                        """
                        SELECT * FROM (
                            SELECT DISTINCT stream, seq FROM \(model)_\(table)
                            WHERE "\(column)" = ?\(place) AND seq < ?2 AND fromRecord < ?2\(also)
                                AND (SELECT ledger FROM stream WHERE id = \(model)_\(table).stream)
                                    = (SELECT id FROM ledger WHERE origin = ?1)
                            ORDER BY seq DESC LIMIT ?3)
                        """)
                }
            }
        }
        let arguments: [any DatabaseValueConvertible] =
            [origin, Int64(clamping: size), limit] + persons.sorted()
        return try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT s.name, r.seq FROM (\(parts.joined(separator: " UNION "))) r
                    JOIN stream s ON s.id = r.stream ORDER BY r.seq DESC LIMIT ?3
                    """, arguments: StatementArguments(arguments)
            ).map { EntryPlace(stream: $0[0], record: UInt64($0[1] as Int64)) }
        }
    }
}
