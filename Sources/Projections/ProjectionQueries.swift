package import Digests
import Foundation
import GRDB
package import Phrases

/// A row of a read model, with the case that it is about.
package struct FoundRow: Hashable, Sendable {
    package let stream: String
    /// The record that made it.
    package let from: UInt64
    package let row: ModelRow
}

/// What is asked of a read model, on both clocks.
package struct ProjectionQuestion: Sendable {
    /// As of so many records.
    package var size: UInt64
    /// What had happened by then: microseconds since 1970.
    package var occurred: Int64
    /// Only this case.
    package var stream: String?
    /// Only rows with these values in key columns.
    package var values: [(column: String, value: String)] = []
    /// Only cases of these procedures.
    package var procedures: Set<String>?
    /// Only cases with these numbers.
    var among: [Int64]?
    /// Cases after the one with this number, in the order of their first records.
    package var after: Int64 = 0
    package var limit = Int.max

    package init(asOf size: UInt64, occurred: Int64 = .max) {
        (self.size, self.occurred) = (size, occurred)
    }
}

/// A case whose next record could not be applied.
package struct StoppedCase: Hashable, Sendable {
    package let stream: String
    package let record: UInt64
    package let reason: Phrase
}

/// How a projection stands.
package struct ProjectionStatus: Sendable {
    package struct Model: Sendable {
        package let name: String
        package let current: Int
        package let past: Int
        /// Where it was asked for: all rows are read for it.
        package let digest: Digest?
    }

    package let position: ProjectionPosition
    package let models: [Model]
    package let stopped: [StoppedCase]
}

extension ProjectionFile {
    /// The rows that stood then and tell of that time, case by case.
    package func rows(
        of model: any ReadModel, in origin: String, _ question: ProjectionQuestion
    ) throws(ProjectionError) -> [FoundRow] {
        let columns = model.columns.map { ", \"\($0.name)\"" }.joined()
        // Numbered marks may stand twice: each condition is in both halves.
        var conditions = ""
        if question.stream != nil {
            conditions +=
                " AND stream = (SELECT id FROM stream WHERE name = ?5 "
                + "AND ledger = (SELECT id FROM ledger WHERE origin = ?1))"
        }
        if let among = question.among {
            let list = among.map(String.init).joined(separator: ", ")
            conditions += " AND stream IN (\(list))"
        }
        for (place, value) in question.values.enumerated() {
            conditions += " AND \"\(value.column)\" = ?\(place + 6)"
        }
        let procedures = question.procedures?.sorted() ?? []
        let marks = procedures.indices.map { "?\($0 + 6 + question.values.count)" }
        let ofProcedures =
            question.procedures == nil
            ? "" : " AND s.procedure IN (\(marks.joined(separator: ", ")))"
        let form = "SELECT stream, fromRecord, place, begins, ends\(columns) FROM \(model.name)"
        // With the plus, cases are found by number and not by going through the ledger's.
        let sql = """
            SELECT s.name, r.* FROM (
                \(form)_now WHERE fromRecord < ?2\(conditions)
                UNION ALL
                \(form)_then WHERE fromRecord < ?2 AND toRecord >= ?2\(conditions)
            ) r JOIN stream s ON s.id = r.stream
            WHERE +s.ledger = (SELECT id FROM ledger WHERE origin = ?1) AND s.id > ?4
                AND r.begins <= ?3 AND (r.ends IS NULL OR r.ends > ?3)
                AND (?5 IS NULL OR s.name = ?5)\(ofProcedures)
            ORDER BY r.stream, r.begins, r.fromRecord, r.place
            LIMIT \(question.limit)
            """
        let arguments: [(any DatabaseValueConvertible)?] =
            [
                origin, Int64(clamping: question.size), question.occurred, question.after,
                question.stream,
            ] + question.values.map(\.value) + procedures
        return try read { db in
            let rows = try Row.fetchAll(
                db, sql: sql, arguments: StatementArguments(arguments))
            return rows.map { FoundRow($0, model) }
        }
    }

    /// A page of the cases of a procedure as they stood, in the order of their first records.
    ///
    /// Who was in a stage by all that was known then is told by an index. Otherwise cases are
    /// looked through in small groups until the page is full: each is found by its key.
    package func page(
        of procedure: String, in origin: String, _ question: ProjectionQuestion
    ) throws(ProjectionError) -> [FoundRow] {
        if question.occurred == .max, question.values.count == 1,
            let value = question.values.first, value.column == "stage",
            let stages = models.lazy.compactMap({ $0 as? StagesModel }).first
        {
            var part = question
            part.among = try streams(in: value.value, of: procedure, stages, origin, question)
            return try rows(of: CasesModel(), in: origin, part)
        }
        var found: [FoundRow] = []
        var after = try read { db in
            try Int64.fetchOne(
                db, sql: "SELECT first FROM stream WHERE id = ?", arguments: [question.after]) ?? -1
        }
        while found.count < question.limit {
            let ids = try read { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT id, first FROM stream
                        WHERE ledger = (SELECT id FROM ledger WHERE origin = ?1)
                            AND procedure = ?2 AND first > ?3 AND first < ?4
                        ORDER BY first LIMIT 200
                        """,
                    arguments: [origin, procedure, after, Int64(clamping: question.size)]
                ).map { (id: $0[0] as Int64, first: $0[1] as Int64) }
            }
            guard let last = ids.last else { break }
            after = last.first
            var part = question
            part.among = ids.map(\.id)
            part.limit = question.limit - found.count
            found += try rows(of: CasesModel(), in: origin, part)
        }
        return found
    }

    /// The case's number, by which ``ProjectionQuestion/after`` goes on; nil if there is none.
    package func number(
        of stream: String, in origin: String
    ) throws(ProjectionError) -> Int64? {
        try read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT s.id FROM stream s JOIN ledger l ON l.id = s.ledger
                    WHERE l.origin = ? AND s.name = ?
                    """, arguments: [origin, stream])
        }
    }

    /// When the first record of each of these cases was recorded, as the record says it.
    package func begun(
        _ streams: [String], in origin: String
    ) throws(ProjectionError) -> [String: String] {
        let form = { (table: String) in
            """
            (SELECT recorded FROM timeline_\(table) t
                WHERE t.stream = s.id AND t.fromRecord = s.first AND t.seq = s.first)
            """
        }
        return try read { db in
            let names = String(decoding: try JSONEncoder().encode(streams), as: UTF8.self)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT s.name, coalesce(\(form("now")), \(form("then"))) AS recorded
                    FROM stream s
                    WHERE s.ledger = (SELECT id FROM ledger WHERE origin = ?1)
                        AND s.name IN (SELECT value FROM json_each(?2))
                    """, arguments: [origin, names])
            return Dictionary(
                rows.map { ($0["name"], $0["recorded"] ?? "") }, uniquingKeysWith: { $1 })
        }
    }

    /// The first cases that were in a stage; their numbers are in the order of their first records.
    private func streams(
        in stage: String, of procedure: String, _ stages: StagesModel, _ origin: String,
        _ question: ProjectionQuestion
    ) throws(ProjectionError) -> [Int64] {
        let size = Int64(clamping: question.size)
        return try read { db in
            let ledger = try Int64.fetchOne(
                db, sql: "SELECT id FROM ledger WHERE origin = ?", arguments: [origin])
            let last = try Int64.fetchOne(
                db,
                sql: """
                    SELECT id FROM stream WHERE ledger = ? AND procedure = ? AND first < ?
                    ORDER BY first DESC LIMIT 1
                    """, arguments: [ledger, procedure, size])
            guard let ledger, let last else { return [] }
            let search = StageSearch(
                model: stages, stage: stage, procedure: procedure, ledger: ledger, size: size,
                limit: question.limit)
            let range = question.after..<max(question.after, last)
            let standing = try search.standing(db, range)
            let left = try search.left(db, range)
            return Array((standing + left).sorted().prefix(question.limit))
        }
    }

    /// How far a ledger was followed, what is there, and what stopped.
    ///
    /// Rows are counted by an index; `digests` reads all of them, in order, which takes as long
    /// as sorting the file.
    package func status(
        of origin: String, digests: Bool = false
    ) throws(ProjectionError) -> ProjectionStatus {
        let position = try position(of: origin)
        let models = models
        return try read { db in
            let stopped = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, stopped, reasonEn, reasonZh FROM stream
                    WHERE ledger = ? AND stopped IS NOT NULL ORDER BY stopped
                    """, arguments: [position.id])
            return ProjectionStatus(
                position: position,
                models: try models.map { model in
                    ProjectionStatus.Model(
                        name: model.name, current: try count(db, "\(model.name)_now", position.id),
                        past: try count(db, "\(model.name)_then", position.id),
                        digest: digests ? try digest(db, model, position.id) : nil)
                },
                stopped: stopped.map { row in
                    StoppedCase(
                        stream: row["name"], record: UInt64(row["stopped"] as Int64),
                        reason: Phrase(en: row["reasonEn"] ?? "", zh: row["reasonZh"] ?? ""))
                })
        }
    }

    /// The first rows in which two files that followed the same ledger differ, as text.
    ///
    /// Both are read once, side by side, in the order of their rows' identity.
    package func differences(
        from other: ProjectionFile, in origin: String, limit: Int = 20
    ) throws(ProjectionError) -> [String] {
        let (mine, theirs) = (try position(of: origin).id, try other.position(of: origin).id)
        let models = models
        return try read { db in
            try other.database.read { otherDB in
                var found: [String] = []
                for model in models {
                    var own = try RowTexts(db, model, mine)
                    var others = try RowTexts(otherDB, model, theirs)
                    while found.count < limit, own.next != nil || others.next != nil {
                        switch RowTexts.order(own.next, others.next) {
                        case .same:
                            try own.advance()
                            try others.advance()
                        case .first:
                            found.append("+ \(model.name) \(own.next?.text ?? "")")
                            try own.advance()
                        case .second:
                            found.append("- \(model.name) \(others.next?.text ?? "")")
                            try others.advance()
                        }
                    }
                }
                return found
            }
        }
    }

    private func count(_ db: Database, _ table: String, _ ledger: Int64) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM \(table) r JOIN stream s ON s.id = r.stream
                WHERE s.ledger = ?
                """, arguments: [ledger]) ?? 0
    }

    /// SHA-256 over all rows in the order of their identity, by the names of the cases.
    private func digest(_ db: Database, _ model: any ReadModel, _ ledger: Int64) throws -> Digest {
        let hasher = SHA256()
        hasher.start()
        var rows = try RowTexts(db, model, ledger)
        while let row = rows.next {
            Array("\(row.text)\n".utf8).withUnsafeBytes { hasher.update($0) }
            try rows.advance()
        }
        return hasher.finish()
    }
}

/// All rows of a model in a ledger, one after another, in the order of their identity.
private struct RowTexts {
    struct Line {
        let stream: String
        let from: Int64
        let place: Int64
        let text: String
    }

    enum Order {
        case same, first, second
    }

    private let cursor: RowCursor
    private(set) var next: Line?

    init(_ db: Database, _ model: any ReadModel, _ ledger: Int64) throws {
        let columns = model.columns.map { ", \"\($0.name)\"" }.joined()
        let common = "stream, fromRecord, place, begins, ends\(columns)"
        cursor = try Row.fetchCursor(
            db,
            sql: """
                SELECT s.name, r.* FROM (
                    SELECT \(common), NULL AS toRecord FROM \(model.name)_now
                    UNION ALL SELECT \(common), toRecord FROM \(model.name)_then
                ) r JOIN stream s ON s.id = r.stream WHERE s.ledger = ?
                ORDER BY s.name, r.fromRecord, r.place
                """, arguments: [ledger])
        try advance()
    }

    mutating func advance() throws {
        next = try cursor.next().map { row in
            // Without the number of the case, which each file gives for itself.
            let values = row.filter { $0.0 != "stream" }.map { "\($0.1)" }
            return Line(
                stream: row["name"], from: row["fromRecord"], place: row["place"],
                text: values.joined(separator: "\t"))
        }
    }

    /// Which of two lines comes first; two of one identity that differ are told one by one.
    static func order(_ one: Line?, _ other: Line?) -> Order {
        guard let one else { return .second }
        guard let other else { return .first }
        if one.text == other.text { return .same }
        // As SQLite orders text: by its bytes.
        if one.stream != other.stream {
            return one.stream.utf8.lexicographicallyPrecedes(other.stream.utf8) ? .first : .second
        }
        return (one.from, one.place) <= (other.from, other.place) ? .first : .second
    }
}

extension FoundRow {
    fileprivate init(_ row: Row, _ model: any ReadModel) {
        stream = row["name"]
        from = UInt64(row["fromRecord"] as Int64)
        self.row = ModelRow(
            begins: row["begins"], ends: row["ends"],
            model.columns.map { column in
                let value: DatabaseValue = row[column.name]
                return switch value.storage {
                case .int64(let number): .integer(number)
                case .string(let text): .text(text)
                default: .null
                }
            })
    }
}
