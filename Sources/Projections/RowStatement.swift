import GRDB
import GRDBSQLite

/// An insertion that is executed once for each of millions of rows.
///
/// Values are bound to SQLite without the array of boxed values that GRDB makes of arguments, which
/// took a third of the time of a rebuild.
struct RowStatement {
    private let statement: Statement
    /// The texts of a row, one after another: SQLite reads them until the step is done.
    private var texts: [UInt8] = []
    private var pieces: [(column: Int32, range: Range<Int>)] = []

    init(_ db: Database, sql: String) throws { statement = try db.makeStatement(sql: sql) }

    mutating func execute(_ numbers: [Int64?], _ values: [ModelValue]) throws {
        let handle = statement.sqliteStatement
        texts.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        var column: Int32 = 0
        for number in numbers {
            column += 1
            if let number {
                sqlite3_bind_int64(handle, column, number)
            } else {
                sqlite3_bind_null(handle, column)
            }
        }
        for value in values {
            column += 1
            switch value {
            case .null: sqlite3_bind_null(handle, column)
            case .integer(let number): sqlite3_bind_int64(handle, column, number)
            case .text(let text):
                let start = texts.count
                texts.append(contentsOf: text.utf8)
                pieces.append((column, start..<texts.count))
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
