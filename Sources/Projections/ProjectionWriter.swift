import GRDB

/// The statements that write one model's rows.
private struct ModelStatements {
    var insertNow: RowStatement
    var insertThen: RowStatement
    let copy: Statement
    let remove: Statement

    init(_ db: Database, _ model: any ReadModel) throws {
        let name = model.name
        let columns = model.columns.map { ", \"\($0.name)\"" }.joined()
        let marks = Array(repeating: ", ?", count: model.columns.count).joined()
        let key = "stream = ? AND fromRecord = ? AND place = ?"
        insertNow = try RowStatement(
            db,
            sql: """
                INSERT INTO \(name)_now (stream, fromRecord, place, begins, ends\(columns))
                VALUES (?, ?, ?, ?, ?\(marks))
                """)
        insertThen = try RowStatement(
            db,
            sql: """
                INSERT INTO \(name)_then
                    (stream, fromRecord, place, toRecord, begins, ends\(columns))
                VALUES (?, ?, ?, ?, ?, ?\(marks))
                """)
        copy = try db.makeStatement(
            sql: """
                INSERT INTO \(name)_then
                    (stream, fromRecord, place, toRecord, begins, ends\(columns))
                SELECT stream, fromRecord, place, ?, begins, ends\(columns)
                FROM \(name)_now WHERE \(key)
                """)
        remove = try db.makeStatement(sql: "DELETE FROM \(name)_now WHERE \(key)")
    }
}

/// Writes the versions of a case's rows, within one transaction.
final class ProjectionWriter {
    private let db: Database
    private let models: [any ReadModel]
    private var statements: [String: ModelStatements] = [:]

    init(_ db: Database, _ models: [any ReadModel]) {
        (self.db, self.models) = (db, models)
    }

    /// The number of a stream, made if it is new.
    func stream(_ name: String, of ledger: Int64, first: UInt64) throws -> Int64 {
        let find = try db.cachedStatement(
            sql: "SELECT id FROM stream WHERE ledger = ? AND name = ?")
        if let id = try Int64.fetchOne(find, arguments: [ledger, name]) { return id }
        let make = try db.cachedStatement(
            sql: "INSERT INTO stream (ledger, name, procedure, first) VALUES (?, ?, ?, ?)")
        let procedure = String(name.prefix { $0 != "/" })
        try make.execute(arguments: [ledger, name, procedure, Int64(first)])
        return db.lastInsertedRowID
    }

    /// Writes what records from `low` on change; 0 writes everything.
    func write(_ versions: CaseVersions, stream: Int64, from low: UInt64) throws {
        let model = versions.model
        guard !versions.rows.isEmpty else { return }
        var made = try statements.removeValue(forKey: model.name) ?? ModelStatements(db, model)
        defer { statements[model.name] = made }
        for version in versions.rows {
            if version.from >= low {
                try insert(version, &made, stream)
            } else if let to = version.to, to >= low {
                try move(version, to, made, stream, model.name)
            }
        }
    }

    /// Whether a record of the case could not be taken.
    func isStopped(_ stream: Int64) throws -> Bool {
        let statement = try db.cachedStatement(sql: "SELECT stopped FROM stream WHERE id = ?")
        return try Int64.fetchOne(statement, arguments: [stream]) != nil
    }

    func stop(_ stopped: (record: UInt64, reason: (en: String, zh: String))?, stream: Int64) throws
    {
        let statement = try db.cachedStatement(
            sql: "UPDATE stream SET stopped = ?, reasonEn = ?, reasonZh = ? WHERE id = ?")
        try statement.execute(
            arguments: [
                stopped.map { Int64($0.record) }, stopped?.reason.en, stopped?.reason.zh, stream,
            ])
    }

    func deleteRows(of stream: Int64) throws {
        for model in models {
            for table in ["now", "then"] {
                try db.cachedStatement(
                    sql: "DELETE FROM \(model.name)_\(table) WHERE stream = ?"
                ).execute(arguments: [stream])
            }
        }
    }

    private func insert(
        _ version: VersionedRow, _ made: inout ModelStatements, _ stream: Int64
    ) throws {
        let (row, from, place) = (version.row, Int64(version.from), Int64(version.place))
        if let to = version.to {
            try made.insertThen.execute(
                [stream, from, place, Int64(to), row.begins, row.ends], row.values)
        } else {
            try made.insertNow.execute([stream, from, place, row.begins, row.ends], row.values)
        }
    }

    private func move(
        _ version: VersionedRow, _ to: UInt64, _ made: ModelStatements, _ stream: Int64,
        _ model: String
    ) throws {
        let key: [Int64] = [stream, Int64(version.from), Int64(version.place)]
        try made.copy.execute(arguments: StatementArguments([Int64(to)] + key))
        guard db.changesCount == 1 else {
            throw ProjectionError(
                en: "a row of \(model) made by record \(version.from) is missing: "
                    + "run hanqing projection rebuild",
                zh: "\(model) 中由记录 \(version.from) 产生的行缺失：请运行 hanqing projection rebuild")
        }
        try made.remove.execute(arguments: StatementArguments(key))
    }
}
