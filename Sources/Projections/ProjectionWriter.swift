import GRDB
import Phrases

/// The rows of one case in every model.
struct MadeCase: Sendable {
    let stream: String
    /// Its first record.
    let first: UInt64
    let versions: [CaseVersions]

    /// The first record that could not be taken, and why.
    fileprivate var stop: (record: UInt64, reason: Phrase)? {
        guard versions.contains(where: { $0.stopped != nil }) else { return nil }
        let stops = versions.compactMap { versions in
            versions.stopped.map { record, reason in
                (
                    record: record,
                    reason: Phrase(
                        en: "\(versions.model.name): \(reason.en)",
                        zh: "\(versions.model.name)：\(reason.zh)")
                )
            }
        }
        return stops.min { $0.record < $1.record }
    }
}

/// The statements that write one model's rows.
private struct ModelStatements {
    var insertNow: RowStatement
    var insertThen: RowStatement
    private let remove: Statement

    init(_ db: Database, _ model: any ReadModel) throws {
        insertNow = try RowStatement(db, model, isPast: false)
        insertThen = try RowStatement(db, model, isPast: true)
        remove = try db.cachedStatement(
            sql: """
                DELETE FROM \(model.name)_now WHERE stream = ? AND fromRecord = ? AND place = ?
                """)
    }

    /// Moves a row that stands no longer; false if it did not stand.
    mutating func move(_ row: VersionedRow, of stream: Int64, _ db: Database) throws -> Bool {
        try insertThen.insert(row, of: stream)
        return try remove.changes(db, stream, Int64(row.from), Int64(row.place)) == 1
    }
}

/// Writes the versions of cases' rows, within one transaction.
struct ProjectionWriter {
    private let db: Database
    private let models: [any ReadModel]
    private let ledger: Int64

    init(_ db: Database, _ models: [any ReadModel], ledger: Int64) {
        (self.db, self.models, self.ledger) = (db, models, ledger)
    }

    /// Writes cases that have no rows yet.
    func make(_ cases: [MadeCase]) throws {
        let all = try cases.map { ($0, try newStream($0)) }
        try write(all, from: 0)
        for (one, stream) in all where one.stop != nil { try stop(one.stop, stream: stream) }
    }

    /// Writes what records from `low` on change; a case that stopped stays as it is.
    func change(_ cases: [MadeCase], from low: UInt64) throws {
        var going: [(MadeCase, Int64)] = []
        for one in cases {
            let known = try find(one.stream)
            if known?.isStopped == true { continue }
            going.append((one, try known?.id ?? newStream(one)))
        }
        try write(going, from: low)
        for (one, stream) in going where one.stop != nil { try stop(one.stop, stream: stream) }
    }

    /// Writes cases that stopped once more, whole.
    func renew(_ cases: [MadeCase]) throws {
        let all = try cases.map { ($0, try find($0.stream)?.id ?? newStream($0)) }
        for (_, stream) in all { try deleteRows(of: stream) }
        try write(all, from: 0)
        for (one, stream) in all { try stop(one.stop, stream: stream) }
    }

    private func find(_ name: String) throws -> (id: Int64, isStopped: Bool)? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, stopped IS NOT NULL FROM stream WHERE ledger = ? AND name = ?"),
            arguments: [ledger, name]
        ).map { ($0[0], $0[1]) }
    }

    /// The number of a stream that is not there yet.
    private func newStream(_ made: MadeCase) throws -> Int64 {
        let procedure = String(made.stream.prefix { $0 != "/" })
        try db.cachedStatement(
            sql: "INSERT INTO stream (ledger, name, procedure, first) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [ledger, made.stream, procedure, Int64(made.first)])
        return db.lastInsertedRowID
    }

    private func stop(_ stopped: (record: UInt64, reason: Phrase)?, stream: Int64) throws {
        let statement = try db.cachedStatement(
            sql: "UPDATE stream SET stopped = ?, reasonEn = ?, reasonZh = ? WHERE id = ?")
        try statement.execute(
            arguments: [
                stopped.map { Int64($0.record) }, stopped?.reason.en, stopped?.reason.zh, stream,
            ])
    }

    private func deleteRows(of stream: Int64) throws {
        for model in models {
            for table in ["now", "then"] {
                try db.cachedStatement(
                    sql: "DELETE FROM \(model.name)_\(table) WHERE stream = ?"
                ).execute(arguments: [stream])
            }
        }
    }

    /// Writes what records from `low` on change; 0 writes everything.
    ///
    /// Table by table, so that new cases fill each in the order of its key.
    private func write(_ cases: [(made: MadeCase, stream: Int64)], from low: UInt64) throws {
        for (place, model) in models.enumerated() {
            var statements = try ModelStatements(db, model)
            for (made, stream) in cases {
                for row in made.versions[place].rows {
                    if row.from >= low {
                        if row.to == nil {
                            try statements.insertNow.insert(row, of: stream)
                        } else {
                            try statements.insertThen.insert(row, of: stream)
                        }
                    } else if row.to.map({ $0 >= low }) ?? false {
                        guard try statements.move(row, of: stream, db) else {
                            throw ProjectionError(lostRowOf: model.name, from: row.from)
                        }
                    }
                }
            }
            try statements.insertNow.finish()
            try statements.insertThen.finish()
        }
    }
}

extension ProjectionError {
    fileprivate init(lostRowOf model: String, from record: UInt64) {
        self.init(
            en: "a row of \(model) made by record \(record) is missing: "
                + "run hanqing projection rebuild",
            zh: "\(model) 中由记录 \(record) 产生的行缺失：请运行 hanqing projection rebuild")
    }
}
