import Foundation
import GRDB
import Rules

/// Which cases a new record reaches, asked of the rows that are there.
struct ProjectionReach: Sendable {
    private let file: ProjectionFile
    private let ledger: Int64
    private let cross: CrossRules

    init(_ file: ProjectionFile, _ ledger: Int64, _ cross: CrossRules) {
        (self.file, self.ledger, self.cross) = (file, ledger, cross)
    }

    /// The cases that one ever named or was named by, and that rules can have to do with.
    func neighbours(of name: String) throws(ProjectionError) -> Set<String> {
        let procedure = name.prefix { $0 != "/" }
        let found = try file.read { db -> [String] in
            let naming = try db.cachedStatement(
                sql: ["now", "then"].map { table in
                    """
                    SELECT s.name FROM mentions_\(table) m JOIN stream s ON s.id = m.stream
                    WHERE m."key" = ?1 AND m.kind = 'case' AND s.ledger = ?2
                    """
                }.joined(separator: " UNION "))
            let named = try db.cachedStatement(
                sql: ["now", "then"].map { table in
                    """
                    SELECT m."key" FROM mentions_\(table) m
                    WHERE m.kind = 'case'
                        AND m.stream = (SELECT id FROM stream WHERE ledger = ?2 AND name = ?1)
                    """
                }.joined(separator: " UNION "))
            return try String.fetchAll(naming, arguments: [name, ledger])
                + String.fetchAll(named, arguments: [name, ledger])
        }
        return Set(
            found.filter { other in
                other != name && cross.mayReach(procedure, other.prefix { $0 != "/" })
            })
    }

    /// The cases in which it matters what changed in a register from a record on.
    func consulting(
        _ held: [String: [RegisterFold.Held]], from low: UInt64
    ) throws(ProjectionError) -> Set<String> {
        var found: Set<String> = []
        for (person, spans) in held {
            let changed = spans.filter { $0.from >= low || ($0.to.map { $0 >= low } ?? false) }
            guard !changed.isEmpty else { continue }
            let rows = try file.read { db in
                let statement = try db.cachedStatement(
                    sql: ["now", "then"].map { table in
                        """
                        SELECT s.name, p.type, p.role, p.day FROM participants_\(table) p
                        JOIN stream s ON s.id = p.stream
                        WHERE p.person = ?1 AND s.ledger = ?2
                        """
                    }.joined(separator: " UNION "))
                return try Row.fetchAll(statement, arguments: [person, ledger]).map {
                    (
                        name: $0[0] as String, type: $0[1] as String, role: $0[2] as String,
                        day: $0[3] as Int
                    )
                }
            }
            for row in rows {
                let registers = (cross.held[row.type] ?? []).filter { $0.role == row.role }
                let matters = changed.contains { span in
                    span.days.contains(row.day)
                        && registers.contains { $0.register == span.register }
                }
                if matters { found.insert(row.name) }
            }
        }
        return found
    }

    /// What persons held, by the cases of registers other than those.
    func held(
        _ persons: Set<String>, without streams: Set<String>
    ) throws(ProjectionError) -> [String: [RegisterFold.Held]] {
        var found: [String: [RegisterFold.Held]] = [:]
        for person in persons {
            let spans = try file.read { db in
                let statement = try db.cachedStatement(
                    sql: """
                        SELECT s.name, p.register, p.person, p.fromDay, p.toDay, p.fromRecord,
                            NULL FROM posts_now p JOIN stream s ON s.id = p.stream
                        WHERE p.person = ?1 AND s.ledger = ?2
                        UNION ALL
                        SELECT s.name, p.register, p.person, p.fromDay, p.toDay, p.fromRecord,
                            p.toRecord FROM posts_then p JOIN stream s ON s.id = p.stream
                        WHERE p.person = ?1 AND s.ledger = ?2
                        """)
                return try Row.fetchAll(statement, arguments: [person, ledger]).compactMap { row in
                    streams.contains(row[0] as String)
                        ? nil
                        : PostsModel.held(
                            [
                                .text(row[1]), .text(row[2]), .integer(row[3]),
                                ModelValue(row[4] as Int64?),
                            ], from: UInt64(row[5] as Int64),
                            to: (row[6] as Int64?).map { UInt64($0) })?.held
                }
            }
            if !spans.isEmpty { found[person] = spans }
        }
        return found
    }
}
