import GRDB
import GRDBSQLite
import Sealing

/// A statement's argument, bound to SQLite as it is: to box each for GRDB costs more than what
/// SQLite does with it.
enum Argument {
    case number(Int64)
    case handle(KeyHandle)
}

extension Statement {
    /// Executes a statement that gives no rows; how many rows it changed.
    @discardableResult
    func run(_ db: Database, _ arguments: Argument...) throws -> Int {
        // One after another: SQLite reads them until it is done.
        var bytes: [UInt8] = []
        for case .handle(let handle) in arguments { bytes += handle.bytes }
        let code = bytes.withUnsafeBytes { bytes in
            var place = 0
            for (column, argument) in zip(Int32(1)..., arguments) {
                switch argument {
                case .number(let number): sqlite3_bind_int64(sqliteStatement, column, number)
                case .handle:
                    sqlite3_bind_blob(
                        sqliteStatement, column, bytes.baseAddress?.advanced(by: place),
                        Int32(KeyHandle.byteCount), nil)
                    place += KeyHandle.byteCount
                }
            }
            defer {
                sqlite3_reset(sqliteStatement)
                sqlite3_clear_bindings(sqliteStatement)
            }
            return sqlite3_step(sqliteStatement)
        }
        guard code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code), sql: sql)
        }
        return db.changesCount
    }
}
