import CanonicalJSON
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

    /// The cases that each of these ever named or was named by, and that rules can have to do with.
    func neighbours(
        of names: Set<String>
    ) throws(ProjectionError) -> [String: CaseNeighbours] {
        let parts = ["now", "then"].flatMap { table in
            [
                """
                SELECT s.name, m."key", m.field, a.value FROM json_each(?1) a
                CROSS JOIN mentions_\(table) m ON m."key" = a.value AND m.kind = 'case'
                CROSS JOIN stream s ON s.id = m.stream AND s.ledger = ?2
                """,
                """
                SELECT s.name, m."key", m.field, a.value FROM json_each(?1) a
                CROSS JOIN stream s ON s.ledger = ?2 AND s.name = a.value
                CROSS JOIN mentions_\(table) m ON m.stream = s.id AND m.kind = 'case'
                """,
            ]
        }
        var found: [String: CaseNeighbours] = [:]
        for row in try rows(parts, asking: names) {
            let (naming, named, asked) = (row[0] as String, row[1] as String, row[3] as String)
            guard naming != named else { continue }
            for relation in cross.relations(naming, field: row[2], to: named) {
                if asked == naming {
                    found[asked, default: CaseNeighbours()].insert(named, relation)
                } else {
                    found[asked, default: CaseNeighbours()].insert(naming, relation.inverse)
                }
            }
        }
        return found
    }

    /// The cases in which it matters what changed in a register from a record on.
    func consulting(
        _ held: [String: [RegisterFold.Held]], from low: UInt64
    ) throws(ProjectionError) -> Set<String> {
        let changed = held.mapValues { spans in
            spans.filter { $0.from >= low || ($0.to.map { $0 >= low } ?? false) }
        }.filter { !$0.value.isEmpty }
        let parts = ["now", "then"].map { table in
            """
            SELECT p.person, s.name, p.type, p.role, p.day FROM json_each(?1) a
            CROSS JOIN participants_\(table) p ON p.person = a.value
            CROSS JOIN stream s ON s.id = p.stream AND s.ledger = ?2
            """
        }
        var found: Set<String> = []
        for row in try rows(parts, asking: Set(changed.keys)) {
            let (type, role, day) = (row[2] as String, row[3] as String, row[4] as Int)
            let registers = (cross.held[type] ?? []).filter { $0.role == role }
            let matters = (changed[row[0]] ?? []).contains { span in
                span.days.contains(day) && registers.contains { $0.register == span.register }
            }
            if matters { found.insert(row[1]) }
        }
        return found
    }

    /// What persons held, by the cases of registers other than those.
    func held(
        _ persons: Set<String>, without streams: Set<String>
    ) throws(ProjectionError) -> [String: [RegisterFold.Held]] {
        let parts = [("now", "NULL"), ("then", "p.toRecord")].map { table, end in
            """
            SELECT p.person, s.name, p.register, p.fromDay, p.toDay, p.fromRecord, \(end)
            FROM json_each(?1) a
            CROSS JOIN posts_\(table) p ON p.person = a.value
            CROSS JOIN stream s ON s.id = p.stream AND s.ledger = ?2
            """
        }
        var found: [String: [RegisterFold.Held]] = [:]
        for row in try rows(parts, asking: persons) where !streams.contains(row[1] as String) {
            let held = PostsModel.held(
                [.text(row[2]), .text(row[0]), .integer(row[3]), ModelValue(row[4] as Int64?)],
                from: UInt64(row[5] as Int64), to: (row[6] as Int64?).map { UInt64($0) })
            if let held { found[held.person, default: []].append(held.held) }
        }
        return found
    }

    /// What all parts of a question find for some words, all in one step.
    private func rows(
        _ parts: [String], asking words: Set<String>
    ) throws(ProjectionError) -> [Row] {
        guard !words.isEmpty else { return [] }
        let list = JSONValue.array(words.sorted().map { .string($0) }).canonicalText
        return try file.read { db in
            try Row.fetchAll(
                db.cachedStatement(sql: parts.joined(separator: " UNION ALL ")),
                arguments: [list, ledger])
        }
    }
}

/// Which cases name each other, as far as it was asked.
struct Neighbourhood {
    private let reach: ProjectionReach
    /// What records say that have no rows yet.
    private let named: [String: CaseNeighbours]
    private var known: [String: CaseNeighbours] = [:]

    init(_ reach: ProjectionReach, named: [String: CaseNeighbours]) {
        (self.reach, self.named) = (reach, named)
    }

    /// Asks for these cases, for all in which they may go on, and for all that may go on in them.
    mutating func look(around names: Set<String>) throws(ProjectionError) {
        for way in CaseNeighbours.ways {
            var (open, seen) = (names, names)
            while !open.isEmpty {
                let asked = open.subtracting(known.keys)
                let found = try reach.neighbours(of: asked)
                for name in asked {
                    known[name] = (found[name] ?? CaseNeighbours()).union(named[name])
                }
                open = open.reduce(into: []) { next, name in
                    next.formUnion(neighbours(of: name)[keyPath: way])
                }
                open.subtract(seen)
                seen.formUnion(open)
            }
        }
    }

    func neighbours(of name: String) -> CaseNeighbours { known[name] ?? CaseNeighbours() }
}
