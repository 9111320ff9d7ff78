import GRDB
import GRDBSQLite

/// The insertion of a model's rows into one of its tables, several in a step.
///
/// Values are bound to SQLite without the array of boxed values that GRDB makes of arguments, which
/// took a third of the time of a rebuild.
struct RowStatement {
    private let one: Statement
    private let several: Statement
    private var waiting: [(stream: Int64, row: VersionedRow)] = []
    /// The texts of a step, one after another: SQLite reads them until it is done.
    private var texts: [UInt8] = []
    private var pieces: [(column: Int32, range: Range<Int>)] = []

    private static let rowsAtOnce = 16

    /// Of rows that stand, or of those of the past.
    init(_ db: Database, _ model: any ReadModel, isPast: Bool) throws {
        let columns =
            ["stream", "fromRecord", "place"] + (isPast ? ["toRecord"] : []) + ["begins", "ends"]
            + model.columns.map { "\"\($0.name)\"" }
        let table = "\(model.name)_\(isPast ? "then" : "now")"
        let head = "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES "
        let marks = "(\(columns.map { _ in "?" }.joined(separator: ", ")))"
        one = try db.cachedStatement(sql: head + marks)
        let all = Array(repeating: marks, count: RowStatement.rowsAtOnce)
        several = try db.cachedStatement(sql: head + all.joined(separator: ", "))
    }

    mutating func insert(_ row: VersionedRow, of stream: Int64) throws {
        waiting.append((stream, row))
        guard waiting.count == RowStatement.rowsAtOnce else { return }
        try execute(several, waiting[...])
        waiting.removeAll(keepingCapacity: true)
    }

    /// Inserts what still waits.
    mutating func finish() throws {
        for place in waiting.indices { try execute(one, waiting[place...place]) }
        waiting.removeAll(keepingCapacity: true)
    }

    private mutating func execute(
        _ statement: Statement, _ rows: ArraySlice<(stream: Int64, row: VersionedRow)>
    ) throws {
        let handle = statement.sqliteStatement
        texts.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        var column: Int32 = 0
        func bind(_ number: Int64?) {
            column += 1
            if let number {
                sqlite3_bind_int64(handle, column, number)
            } else {
                sqlite3_bind_null(handle, column)
            }
        }
        for (stream, row) in rows {
            bind(stream)
            bind(Int64(row.from))
            bind(Int64(row.place))
            if let to = row.to { bind(Int64(to)) }
            bind(row.row.begins)
            bind(row.row.ends)
            for value in row.row.values {
                switch value {
                case .null: bind(nil)
                case .integer(let number): bind(number)
                case .text(let text):
                    column += 1
                    let start = texts.count
                    texts.append(contentsOf: text.utf8)
                    pieces.append((column, start..<texts.count))
                }
            }
        }
        // An empty buffer has no address, and a null address would be bound as NULL.
        if texts.isEmpty { texts.append(0) }
        let code = texts.withUnsafeBytes { bytes -> Int32 in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            for (column, range) in pieces {
                sqlite3_bind_text(
                    handle, column, start?.advanced(by: range.lowerBound), Int32(range.count), nil)
            }
            defer { sqlite3_reset(handle) }
            return sqlite3_step(handle)
        }
        guard code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: statement.sql)
        }
    }
}

extension Statement {
    /// Executes with whole numbers as arguments; how many rows were changed.
    func changes(_ db: Database, _ numbers: Int64...) throws -> Int {
        for (place, number) in numbers.enumerated() {
            sqlite3_bind_int64(sqliteStatement, Int32(place + 1), number)
        }
        defer { sqlite3_reset(sqliteStatement) }
        let code = sqlite3_step(sqliteStatement)
        guard code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: sql)
        }
        return db.changesCount
    }
}
