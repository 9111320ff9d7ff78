import Digests
import DurableFiles
import Foundation
import GRDB
import Phrases
import Sealing

/// `vault.sqlite`: everything but the keys.
final class VaultDatabase {
    private let queue: DatabaseQueue
    private let journal: String

    static let format = 1

    /// Opens or makes the file at `path`, of the ledger `origin`.
    init(_ path: String, origin: String) throws {
        journal = path + "-journal"
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = PERSIST; PRAGMA synchronous = FULL;
                    PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
                    PRAGMA foreign_keys = ON;
                    """)
            // SQLite says nothing of a setting that it does not take.
            for (name, value) in [
                ("journal_mode", "persist"), ("synchronous", "2"), ("secure_delete", "1"),
            ] {
                guard try String.fetchOne(db, sql: "PRAGMA \(name)") == value else {
                    throw VaultError(
                        .unavailable, en: "\(path): SQLite does not take \(name) = \(value)",
                        zh: "\(path)：SQLite 不接受 \(name) = \(value)")
                }
            }
        }
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { db in try VaultDatabase.prepare(db, path, origin) }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try queue.read(body)
    }

    func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try queue.write(body)
    }

    func close() throws { try queue.close() }

    /// Copies all rows into an empty file, and nothing of what was deleted.
    func copy(to path: String) throws {
        try queue.inDatabase { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [path])
        }
    }

    /// Overwrites the journal, which holds pages as they were before the last changes.
    ///
    /// Between two transactions SQLite takes it for empty already: its head is zeros. Nobody else
    /// has the vault open.
    func overwriteJournal() throws {
        try queue.inDatabase { db in
            guard !db.isInsideTransaction, DurableFile.exists(journal) else { return }
            let file = try ByteFile(journal, .create, mode: 0o600)
            let zeros = [UInt8](repeating: 0, count: 1 << 16)
            let size = try file.size()
            for place in stride(from: 0, to: size, by: zeros.count) {
                try file.write(zeros.prefix(min(zeros.count, size - place)), at: place)
            }
            try file.sync()
        }
    }

    private static func prepare(_ db: Database, _ path: String, _ origin: String) throws {
        if try db.tableExists("vault") {
            guard let row = try Row.fetchOne(db, sql: "SELECT format, origin FROM vault") else {
                throw VaultError(.damaged, en: "\(path) is of no vault", zh: "\(path) 不是密钥库文件")
            }
            let (known, owner): (Int, String) = (row["format"], row["origin"])
            guard known <= format else {
                throw VaultError(
                    .newerFormat, en: "the vault has format \(known); this version reads \(format)",
                    zh: "密钥库格式为 \(known)，本版本只能读取 \(format)")
            }
            guard owner == origin else {
                throw VaultError(
                    .conflict, en: "the vault is of the ledger \(owner), not of \(origin)",
                    zh: "该密钥库属于账本 \(owner)，而不是 \(origin)")
            }
            return
        }
        try db.execute(
            sql: """
                CREATE TABLE vault (format INTEGER NOT NULL, origin TEXT NOT NULL);
                CREATE TABLE holder (
                    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
                    publicKey BLOB NOT NULL UNIQUE, id BLOB NOT NULL UNIQUE,
                    groups TEXT NOT NULL, retired INTEGER NOT NULL DEFAULT 0);
                CREATE TABLE subject (
                    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, shredding TEXT);
                CREATE TABLE handle (
                    handle BLOB PRIMARY KEY, subject INTEGER REFERENCES subject (number))
                    WITHOUT ROWID;
                CREATE INDEX handle_subject ON handle (subject);
                CREATE TABLE slot (
                    slot INTEGER PRIMARY KEY, handle BLOB NOT NULL REFERENCES handle (handle),
                    holder INTEGER NOT NULL REFERENCES holder (number));
                CREATE INDEX slot_handle ON slot (handle);
                CREATE TABLE shredded (handle BLOB PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE hold (
                    id TEXT PRIMARY KEY, subject TEXT NOT NULL, reason TEXT NOT NULL,
                    placed TEXT NOT NULL);
                CREATE INDEX hold_subject ON hold (subject);
                """)
        try db.execute(
            sql: "INSERT INTO vault VALUES (?, ?)", arguments: [format, origin])
    }
}

// MARK: - Rows

extension Holder {
    init?(_ row: Row) {
        let (key, groups): (Data, String) = (row["publicKey"], row["groups"])
        guard let publicKey = X25519PublicKey(key) else { return nil }
        self.init(
            name: row["name"], publicKey: publicKey,
            groups: Set(groups.split(separator: " ").compactMap { HolderGroup(String($0)) }),
            isRetired: row["retired"])
    }
}

extension Hold {
    init(_ row: Row) {
        self.init(
            id: row["id"], subject: row["subject"], reason: row["reason"], placed: row["placed"])
    }
}
