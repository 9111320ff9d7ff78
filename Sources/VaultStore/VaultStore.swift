import Digests
import DurableFiles
import Foundation
import GRDB
import Phrases
package import Sealing

/// The vault in a folder of its own: Specs/sealing.md section 4.
package actor VaultStore: KeyVault {
    private let lock: ByteFile
    let database: VaultDatabase
    let slots: SlotFile
    /// What was found when the vault was opened, and put right.
    package nonisolated let report: Report

    package struct Report: Hashable, Sendable {
        /// Handles that belonged to nobody any more, and were destroyed.
        package var unassigned = 0
        /// Handles whose shredding had begun, and was completed.
        package var shredded = 0
        /// Slots that no row named, and were overwritten.
        package var leftovers = 0
    }

    /// Opens the vault of the ledger `origin` in `folder`, or makes it, and puts right what a crash
    /// left.
    package init(_ folder: String, origin: String) throws(VaultError) {
        do {
            try DurableFile.makeFolders(folder, mode: 0o700)
            let names = ["LOCK", "vault.sqlite", "keys", "vault.sqlite-journal"]
            try VaultStore.demandPrivate(folder, names)
            lock = try ByteFile("\(folder)/LOCK", .create, mode: 0o600)
            guard lock.lock() else {
                throw VaultError(
                    .locked, en: "another program has the vault \(folder) open",
                    zh: "密钥库 \(folder) 已被其他程序打开")
            }
            // SQLite gives its journal the mode of the file.
            _ = try ByteFile("\(folder)/vault.sqlite", .create, mode: 0o600)
            database = try VaultDatabase("\(folder)/vault.sqlite", origin: origin)
            slots = try SlotFile("\(folder)/keys")
            try DurableFile.syncFolder(folder)
            report = try VaultStore.recover(database, slots)
        } catch {
            throw VaultError(wrapping: error)
        }
    }

    /// Closes the files; the lock ends with the object.
    package func close() throws(VaultError) { try doing { try database.close() } }

    private static func demandPrivate(_ folder: String, _ names: [String]) throws {
        for path in [folder] + names.map({ "\(folder)/\($0)" }) {
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { continue }
            throw VaultError(
                .exposed, en: "others may use \(path): chmod go= it",
                zh: "\(path) 对其他用户开放：请 chmod go=")
        }
    }

    private static func recover(_ database: VaultDatabase, _ slots: SlotFile) throws -> Report {
        var report = Report()
        let last = try database.read { db in
            try Int64.fetchOne(db, sql: "SELECT max(slot) FROM slot")
        }
        let end = (last ?? -1) + 1
        report.leftovers = Int(max(0, slots.end - end))
        try slots.cut(from: end)
        // Their keys were in the memory of a process that has ended.
        let free = try database.read { db in
            try Data.fetchAll(db, sql: "SELECT handle FROM handle WHERE subject IS NULL")
        }
        report.unassigned = free.count
        try destroy(free, database, slots)
        let begun = try database.read { db in
            try Int64.fetchAll(db, sql: "SELECT number FROM subject WHERE shredding IS NOT NULL")
        }
        for subject in begun { report.shredded += try complete(subject, database, slots) }
        try database.overwriteJournal()
        return report
    }

    // MARK: Holders

    package func holders() throws(VaultError) -> [Holder] {
        try doing {
            try database.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM holder ORDER BY number").map { row in
                    guard let holder = Holder(row) else {
                        throw VaultError(
                            .damaged, en: "the vault has a holder with no key",
                            zh: "密钥库中有保管人没有公钥")
                    }
                    return holder
                }
            }
        }
    }

    package func add(_ holder: Holder) throws(VaultError) {
        guard 1...Holder.nameByteCountMax ~= holder.name.utf8.count else {
            throw .badText(holder.name, max: Holder.nameByteCountMax)
        }
        try doing {
            try database.write { db in
                let known = try Bool.fetchOne(
                    db, sql: "SELECT 1 FROM holder WHERE name = ? OR publicKey = ?",
                    arguments: [holder.name, Data(holder.publicKey.rawBytes)])
                guard known == nil else { throw VaultError.holderKnown(holder) }
                try db.execute(
                    sql: """
                        INSERT INTO holder (name, publicKey, id, groups, retired)
                        VALUES (?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        holder.name, Data(holder.publicKey.rawBytes), Data(holder.id.bytes),
                        holder.groups.sorted().map(\.name).joined(separator: " "),
                        holder.isRetired,
                    ])
            }
        }
    }

    package func retire(_ holder: HolderID) throws(VaultError) {
        try doing {
            try database.write { db in
                try db.execute(
                    sql: "UPDATE holder SET retired = 1 WHERE id = ?",
                    arguments: [Data(holder.bytes)])
                guard db.changesCount == 1 else { throw VaultError.unknownHolder(holder) }
            }
        }
    }

    // MARK: Keys

    package func keep(_ keys: [WrappedKey]) throws(VaultError) {
        try doing {
            let holders = try database.read { db in try VaultStore.numbers(of: keys, db) }
            // The keys first: a crash in between leaves slots without rows, and no row without key.
            let first = try slots.append(keys)
            do {
                try database.write { db in
                    try VaultStore.enter(Set(keys.map(\.handle)), db)
                    let place = try db.cachedStatement(sql: "INSERT INTO slot VALUES (?, ?, ?)")
                    for (slot, key) in zip(first..., keys) {
                        guard let holder = holders[key.holder] else { continue }
                        try place.run(db, .number(slot), .handle(key.handle), .number(holder))
                    }
                }
            } catch {
                try slots.cut(from: first)
                throw error
            }
        }
    }

    /// New handles; one that is known, or that was, is refused.
    private static func enter(_ handles: Set<KeyHandle>, _ db: Database) throws {
        let row = try db.cachedStatement(
            sql: """
                INSERT OR IGNORE INTO handle (handle)
                SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM shredded WHERE handle = ?1)
                """)
        for handle in handles {
            guard try row.run(db, .handle(handle)) == 1 else {
                throw VaultError.handleKnown(handle)
            }
        }
    }

    /// The numbers of the keys' holders.
    private static func numbers(
        of keys: [WrappedKey], _ db: Database
    ) throws -> [HolderID: Int64] {
        var holders: [HolderID: Int64] = [:]
        for holder in Set(keys.map(\.holder)) {
            let number = try Int64.fetchOne(
                db, sql: "SELECT number FROM holder WHERE id = ?",
                arguments: [Data(holder.bytes)])
            guard let number else { throw VaultError.unknownHolder(holder) }
            holders[holder] = number
        }
        return holders
    }

    package func wrappedKey(
        of handle: KeyHandle, for holder: HolderID
    ) throws(VaultError) -> WrappedKey? {
        try doing {
            let slot = try database.read { db in
                try Int64.fetchOne(
                    db,
                    sql: """
                        SELECT slot FROM slot JOIN holder ON holder.number = slot.holder
                        WHERE slot.handle = ? AND holder.id = ?
                        """, arguments: [Data(handle.bytes), Data(holder.bytes)])
            }
            guard let slot else { return nil }
            guard let key = try slots.key(at: slot), key.handle == handle, key.holder == holder
            else {
                throw VaultError(
                    .damaged, en: "the wrapped key in slot \(slot) is not what was kept there",
                    zh: "第 \(slot) 槽中的封装密钥已非原存内容")
            }
            return key
        }
    }

    package func state(of handle: KeyHandle) throws(VaultError) -> HandleState {
        try doing { try database.read { db in try VaultStore.state(of: handle, db) } }
    }

    static func state(of handle: KeyHandle, _ db: Database) throws -> HandleState {
        let name = Data(handle.bytes)
        let assigned = try db.cachedStatement(
            sql: "SELECT subject FROM handle WHERE handle = ?")
        if let row = try Row.fetchOne(assigned, arguments: [name]) {
            let subject: Int64? = row["subject"]
            return subject == nil ? .unassigned : .assigned
        }
        let shredded = try db.cachedStatement(sql: "SELECT day FROM shredded WHERE handle = ?")
        let day = try String.fetchOne(shredded, arguments: [name])
        return day.map { .shredded($0) } ?? .unknown
    }

    package func discard(_ handles: [KeyHandle]) throws(VaultError) {
        try doing {
            try database.read { db in
                for handle in handles
                where try VaultStore.state(of: handle, db) != .unassigned {
                    throw VaultError.notUnassigned(handle)
                }
            }
            try VaultStore.destroy(handles.map { Data($0.bytes) }, database, slots)
        }
    }

    /// The keys first: a crash in between leaves handles without keys, which the next opening
    /// forgets.
    private static func destroy(
        _ handles: [Data], _ database: VaultDatabase, _ slots: SlotFile
    ) throws {
        guard !handles.isEmpty else { return }
        try empty(handles, database, slots)
        try database.write { db in
            for handle in handles { try forget(handle, db) }
        }
    }

    /// Overwrites the slots of these handles.
    static func empty(
        _ handles: [Data], _ database: VaultDatabase, _ slots: SlotFile
    ) throws {
        let numbers = try database.read { db in
            try handles.flatMap { handle in
                try Int64.fetchAll(
                    db, sql: "SELECT slot FROM slot WHERE handle = ?", arguments: [handle])
            }
        }
        guard try slots.destroy(numbers) else { throw VaultError.notOverwritten }
    }

    static func forget(_ handle: Data, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM slot WHERE handle = ?", arguments: [handle])
        try db.execute(sql: "DELETE FROM handle WHERE handle = ?", arguments: [handle])
    }

    func doing<Result>(_ body: () throws -> Result) throws(VaultError) -> Result {
        do { return try body() } catch { throw VaultError(wrapping: error) }
    }
}

extension VaultError {
    static let notOverwritten = VaultError(
        .damaged, en: "the disk does not keep what is written over a key", zh: "磁盘未保存对密钥的覆写")

    init(wrapping error: any Error) {
        switch error {
        case let error as VaultError: self = error
        case let error as FileError: self.init(.unavailable, error.phrase)
        default: self.init(.unavailable, en: "the vault: \(error)", zh: "密钥库：\(error)")
        }
    }
}
