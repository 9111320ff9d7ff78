import GRDB

/// Writes the versions of a case's rows.
struct ProjectionWriter {
    let db: Database
    let models: [any ReadModel]

    /// The number of a stream, made if it is new.
    func stream(_ name: String, of ledger: Int64) throws -> Int64 {
        let find = try db.cachedStatement(
            sql: "SELECT id FROM stream WHERE ledger = ? AND name = ?")
        if let id = try Int64.fetchOne(find, arguments: [ledger, name]) { return id }
        let make = try db.cachedStatement(
            sql: "INSERT INTO stream (ledger, name) VALUES (?, ?)")
        try make.execute(arguments: [ledger, name])
        return db.lastInsertedRowID
    }

    /// Writes what records from `low` on change; 0 writes everything.
    func write(
        _ versions: CaseVersions, of model: any ReadModel, stream: Int64, from low: UInt64
    )
        throws
    {
        for version in versions.rows {
            if version.from >= low {
                try insert(version, model, stream)
            } else if let to = version.to, to >= low {
                try move(version, to, model, stream)
            }
        }
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

    private func insert(_ version: VersionedRow, _ model: any ReadModel, _ stream: Int64) throws {
        let isThen = version.to != nil
        let count = 5 + (isThen ? 1 : 0) + model.columns.count
        let marks = Array(repeating: "?", count: count).joined(separator: ", ")
        let names =
            ["stream", "fromRecord", "place"] + (isThen ? ["toRecord"] : []) + ["begins", "ends"]
            + model.columns.map { "\"\($0.name)\"" }
        let statement = try db.cachedStatement(
            sql: "INSERT INTO \(model.name)_\(isThen ? "then" : "now") "
                + "(\(names.joined(separator: ", "))) VALUES (\(marks))")
        var values: [(any DatabaseValueConvertible)?] = [
            stream, Int64(version.from), version.place,
        ]
        if let to = version.to { values.append(Int64(to)) }
        values += [version.row.begins, version.row.ends]
        values += version.row.values.map(\.database)
        try statement.execute(arguments: StatementArguments(values))
    }

    private func move(
        _ version: VersionedRow, _ to: UInt64, _ model: any ReadModel, _ stream: Int64
    ) throws {
        let columns = model.columns.map { ", \"\($0.name)\"" }.joined()
        let copy = try db.cachedStatement(
            sql: """
                INSERT INTO \(model.name)_then
                    (stream, fromRecord, place, toRecord, begins, ends\(columns))
                SELECT stream, fromRecord, place, ?, begins, ends\(columns)
                FROM \(model.name)_now WHERE stream = ? AND fromRecord = ? AND place = ?
                """)
        try copy.execute(arguments: [Int64(to), stream, Int64(version.from), version.place])
        guard db.changesCount == 1 else {
            throw ProjectionError(
                en: "a row of \(model.name) made by record \(version.from) is missing: "
                    + "run hanqing projection rebuild",
                zh: "\(model.name) 中由记录 \(version.from) 产生的行缺失：请运行 hanqing projection rebuild")
        }
        try db.cachedStatement(
            sql: "DELETE FROM \(model.name)_now WHERE stream = ? AND fromRecord = ? AND place = ?"
        ).execute(arguments: [stream, Int64(version.from), version.place])
    }
}

extension ModelValue {
    fileprivate var database: (any DatabaseValueConvertible)? {
        switch self {
        case .null: nil
        case .integer(let number): number
        case .text(let text): text
        }
    }
}
