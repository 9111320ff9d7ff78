import Digests
import Foundation
import GRDB
package import Phrases
import Synchronization

/// Why a projection cannot be used or made.
package struct ProjectionError: Error {
    package let phrase: Phrase
    package let kind: Kind

    package enum Kind: Sendable {
        case failure
        /// All that is wrong is that the ledger does not know what was named.
        case unknownName
        /// Another program has applied these records meanwhile.
        case overtaken
    }

    package init(en: String, zh: String, kind: Kind = .failure) {
        phrase = Phrase(en: en, zh: zh)
        self.kind = kind
    }

    init(_ error: any Error, _ path: String) {
        if let error = error as? DatabaseError, error.resultCode == .SQLITE_BUSY {
            self.init(
                en: "\(path): another program has been writing here for "
                    + "\(ProjectionFile.waitSeconds) seconds; try again when it is done",
                zh: "\(path)：另有程序写入该文件已超过 \(ProjectionFile.waitSeconds) 秒；请待其完成后重试")
            return
        }
        self.init(en: "\(path): \(error)", zh: "\(path)：\(error)")
    }
}

/// How far a ledger was followed.
package struct ProjectionPosition: Hashable, Sendable {
    /// The ledger's number in the file.
    package let id: Int64
    package let origin: String
    /// The first record that is not applied.
    package let next: UInt64
    /// The leaf hash of the record before it; nil if there is none.
    package let leaf: [UInt8]?
    /// When that was recorded.
    package let recorded: String?
}

/// `projections.sqlite`: Specs/projections.md section 1.
package final class ProjectionFile: Sendable {
    package let path: String
    let models: [any ReadModel]
    let daySums: DaySums
    let database: DatabaseQueue
    /// Puts the write-ahead log into the file beside what is read and written.
    private let flusher: DatabaseQueue
    private let unflushedCount = Mutex(0)

    /// So many records are applied before their pages go into the file, at the least: more at a
    /// time cost less, fewer make others, who append on the same disk, wait less.
    private static let recordsToFlush = 1_024

    /// So long others are waited for: to make the indexes of a large ledger takes its time.
    static let waitSeconds = 60
    private static let millisecondsBetween = 10
    /// So many times somebody else may come first when a new file becomes one with a log.
    private static let attemptCountMax = 100

    /// Opens or makes the file; tables of another version are made anew, and empty.
    ///
    /// What `span` records change is summed together; files of another span are made anew too.
    /// While another program writes, `waiting` is told how many milliseconds that was waited for.
    package init(
        _ path: String, models: [any ReadModel] = allReadModels, span: Int64 = 4_096,
        waiting: (@Sendable (_ milliseconds: Int) -> Void)? = nil
    ) throws(ProjectionError) {
        (self.path, self.models, daySums) = (path, models, DaySums(span: span))
        var configuration = Configuration()
        configuration.busyMode = .callback { tries in
            let milliseconds = tries * ProjectionFile.millisecondsBetween
            waiting?(milliseconds)
            usleep(UInt32(ProjectionFile.millisecondsBetween * 1_000))
            return milliseconds < ProjectionFile.waitSeconds * 1_000
        }
        configuration.prepareDatabase { db in
            try ProjectionFile.useWriteAheadLog(db)
            try db.execute(
                sql: """
                    PRAGMA synchronous = NORMAL;
                    PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 32000;
                    """)
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.write { db in try ProjectionSchema.prepare(db, models, span) }
            flusher = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw ProjectionError(error, path)
        }
    }

    /// SQLite does not wait here for others that write a file which has no such log yet, or do the
    /// same: it is refused at once.
    private static func useWriteAheadLog(_ db: Database) throws {
        for _ in 1..<attemptCountMax {
            do {
                return try db.execute(sql: "PRAGMA journal_mode = WAL")
            } catch DatabaseError.SQLITE_BUSY {
                // For this it does wait; when that is done, so are they.
                try db.execute(sql: "BEGIN EXCLUSIVE; COMMIT")
            }
        }
        try db.execute(sql: "PRAGMA journal_mode = WAL")
    }

    package func close() {
        try? flusher.close()
        try? database.close()
    }

    /// Puts what the write-ahead log holds into the file once enough was applied since.
    ///
    /// Where nobody does, SQLite does so itself after a transaction, and who writes waits.
    func flushWhenDue() async throws(ProjectionError) {
        let isDue = unflushedCount.withLock { count in
            guard count >= ProjectionFile.recordsToFlush else { return false }
            count = 0
            return true
        }
        guard isDue else { return }
        try await flush(.passive)
    }

    /// Puts what the write-ahead log holds into the file.
    ///
    /// What cannot go there yet, since somebody still reads, goes the next time.
    func flush(_ kind: Database.CheckpointMode) async throws(ProjectionError) {
        do {
            _ = try await flusher.writeWithoutTransaction { db in try db.checkpoint(kind) }
        } catch DatabaseError.SQLITE_BUSY {
            // Another program does the same, for all of the log.
            return
        } catch {
            throw ProjectionError(error, path)
        }
    }

    /// Says that so many records were applied.
    func applied(_ count: Int) { unflushedCount.withLock { $0 += count } }

    func write<T>(_ body: (Database) throws -> T) throws(ProjectionError) -> T {
        do {
            return try database.write(body)
        } catch let error as ProjectionError {
            throw error
        } catch {
            throw ProjectionError(error, path)
        }
    }

    func read<T>(_ body: (Database) throws -> T) throws(ProjectionError) -> T {
        do {
            return try database.read(body)
        } catch {
            throw ProjectionError(error, path)
        }
    }

    /// The ledger's position, at its beginning if it was never followed.
    package func position(of origin: String) throws(ProjectionError) -> ProjectionPosition {
        try write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO ledger (origin, next) VALUES (?, 0)",
                arguments: [origin])
            guard
                let row = try Row.fetchOne(
                    db, sql: "SELECT * FROM ledger WHERE origin = ?", arguments: [origin])
            else { throw ProjectionError(en: "no position", zh: "没有位置记录") }
            return ProjectionPosition(
                id: row["id"], origin: origin, next: UInt64(row["next"] as Int64),
                leaf: (row["leaf"] as Data?).map { [UInt8]($0) }, recorded: row["recorded"])
        }
    }
}

extension ProjectionFile {
    /// What was judged by another catalogue is made anew: its registers and indicators are others.
    func demand(catalogue digest: String, of origin: String) throws(ProjectionError) {
        let position = try position(of: origin)
        let models = models
        try write { db in
            let known = try String.fetchOne(
                db, sql: "SELECT catalogue FROM ledger WHERE id = ?", arguments: [position.id])
            guard known != digest else { return }
            let streams = "(SELECT id FROM stream WHERE ledger = \(position.id))"
            if known != nil {
                for model in models {
                    for table in ["now", "then"] {
                        try db.execute(
                            sql: "DELETE FROM \(model.name)_\(table) WHERE stream IN \(streams)")
                    }
                }
                try db.execute(
                    sql: """
                        DELETE FROM stream WHERE ledger = \(position.id);
                        DELETE FROM building WHERE ledger = \(position.id);
                        UPDATE ledger SET next = 0, leaf = NULL, recorded = NULL
                        WHERE id = \(position.id);
                        """)
            }
            try db.execute(
                sql: "UPDATE ledger SET catalogue = ? WHERE id = ?",
                arguments: [digest, position.id])
        }
    }
}

/// The tables, derived from the models' columns.
enum ProjectionSchema {
    /// Of the tables beside the models.
    private static let version = "5"

    static func prepare(_ db: Database, _ models: [any ReadModel], _ span: Int64) throws {
        try db.execute(
            sql: "CREATE TABLE IF NOT EXISTS model (name TEXT PRIMARY KEY, form TEXT NOT NULL)")
        let known = try Row.fetchAll(db, sql: "SELECT name, form FROM model")
            .map { ($0["name"] as String, $0["form"] as String) }
        let wanted = [("file", "\(version) \(span)")] + models.map { ($0.name, form(of: $0)) }
        let isSame =
            known.count == wanted.count
            && wanted.allSatisfy { name, form in known.contains { $0 == (name, form) } }
        guard !isSame else { return }
        for (name, _) in known {
            try db.execute(
                sql: "DROP TABLE IF EXISTS \(name)_now; DROP TABLE IF EXISTS \(name)_then")
        }
        try db.execute(
            sql: """
                DELETE FROM model;
                DROP TABLE IF EXISTS ledger; DROP TABLE IF EXISTS stream;
                DROP TABLE IF EXISTS building; DROP TABLE IF EXISTS daySum;
                \(DaySums.creation)
                CREATE TABLE ledger (
                    id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, next INTEGER NOT NULL,
                    leaf BLOB, recorded TEXT, catalogue TEXT);
                CREATE TABLE stream (
                    id INTEGER PRIMARY KEY, ledger INTEGER NOT NULL, name TEXT NOT NULL,
                    procedure TEXT NOT NULL, first INTEGER NOT NULL,
                    stopped INTEGER, reasonEn TEXT, reasonZh TEXT, UNIQUE (ledger, name));
                CREATE INDEX stream_procedure ON stream (ledger, procedure, first);
                CREATE TABLE building (
                    ledger INTEGER PRIMARY KEY, size INTEGER NOT NULL, done INTEGER NOT NULL);
                """)
        for model in models { try create(db, model) }
        for (name, form) in wanted {
            try db.execute(sql: "INSERT INTO model VALUES (?, ?)", arguments: [name, form])
        }
    }

    /// What must be equal for rows to be read.
    private static func form(of model: any ReadModel) -> String {
        let columns = model.columns.map {
            "\($0.name) \($0.kind.rawValue) \($0.isKey) \($0.second ?? "") \($0.secondOfPast ?? "")"
        }
        return SHA256.digest(of: "\(model.version) \(columns)".utf8).hex
    }

    private static func create(_ db: Database, _ model: any ReadModel) throws {
        let columns = model.columns.map { ", \"\($0.name)\" \($0.kind.rawValue)" }.joined()
        for (table, end) in [("now", ""), ("then", ", toRecord INTEGER NOT NULL")] {
            try db.execute(
                sql: """
                    CREATE TABLE \(model.name)_\(table) (
                        stream INTEGER NOT NULL, fromRecord INTEGER NOT NULL,
                        place INTEGER NOT NULL\(end), begins INTEGER NOT NULL, ends INTEGER
                        \(columns), PRIMARY KEY (stream, fromRecord, place)) WITHOUT ROWID;
                    """)
        }
    }

    /// Indexes by the keys, and sums; made when a ledger's rows are there, which is faster.
    static func index(_ db: Database, _ models: [any ReadModel], _ sums: DaySums) throws {
        for model in models {
            for column in model.columns where column.isKey {
                // What stood as of a record is told by the index itself.
                for (table, second, end) in [
                    ("now", column.second, ""), ("then", column.secondOfPast, ", toRecord"),
                ] {
                    let name = "\(model.name)_\(table)"
                    try db.execute(
                        sql: """
                            CREATE INDEX IF NOT EXISTS \(name)_\(column.name)
                            ON \(name) ("\(column.name)", \(second ?? "fromRecord")\(end));
                            """)
                }
            }
        }
        if DaySums.models.isSubset(of: models.map(\.name)) { try sums.keep(db) }
    }
}
