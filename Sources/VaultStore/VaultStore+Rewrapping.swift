import Foundation
import GRDB
package import Sealing

/// A holder's new key in the place of the old one: Specs/sealing.md section 4.
extension VaultStore {
    package func handles(
        wrappedTo holder: HolderID, limit: Int
    ) throws(VaultError) -> [KeyHandle] {
        try doing {
            try database.read { db in
                try Data.fetchAll(
                    db,
                    sql: """
                        SELECT slot.handle FROM slot
                        JOIN holder ON holder.number = slot.holder
                        JOIN handle ON handle.handle = slot.handle
                        WHERE holder.id = ? AND handle.subject IS NOT NULL LIMIT ?
                        """, arguments: [Data(holder.bytes), limit]
                ).compactMap { KeyHandle($0) }
            }
        }
    }

    /// The new keys are durable before the old ones are overwritten: a crash in between leaves
    /// both, and nothing that nobody can open.
    package func replace(_ keys: [WrappedKey], of old: HolderID) throws(VaultError) {
        guard !keys.isEmpty else { return }
        try doing {
            let plan = try database.read { db in try Replacing(keys, old, db) }
            if !plan.new.isEmpty {
                let first = try slots.append(plan.new.map(\.key))
                do {
                    try database.write { db in
                        for (slot, new) in zip(first..., plan.new) {
                            try db.execute(
                                sql: "INSERT INTO slot VALUES (?, ?, ?)",
                                arguments: [slot, Data(new.key.handle.bytes), new.holder])
                        }
                    }
                } catch {
                    try slots.cut(from: first)
                    throw error
                }
            }
            guard try slots.destroy(plan.old) else { throw VaultError.notOverwritten }
            try database.write { db in
                for slot in plan.old {
                    try db.execute(sql: "DELETE FROM slot WHERE slot = ?", arguments: [slot])
                }
            }
        }
    }
}

/// What replacing keys comes to.
private struct Replacing {
    /// Keys that are not there yet, and their holders' numbers.
    var new: [(key: WrappedKey, holder: Int64)] = []
    /// Slots to overwrite.
    var old: [Int64] = []

    init(_ keys: [WrappedKey], _ holder: HolderID, _ db: Database) throws {
        for key in keys {
            guard
                let number = try Int64.fetchOne(
                    db, sql: "SELECT number FROM holder WHERE id = ?",
                    arguments: [Data(key.holder.bytes)])
            else { throw VaultError.unknownHolder(key.holder) }
            guard try VaultStore.state(of: key.handle, db) == .assigned,
                let slot = try Replacing.slot(of: key.handle, holder, db)
            else { throw VaultError.notWrapped(key.handle, to: holder) }
            old.append(slot)
            if try Replacing.slot(of: key.handle, key.holder, db) == nil {
                new.append((key, number))
            }
        }
    }

    private static func slot(
        of handle: KeyHandle, _ holder: HolderID, _ db: Database
    ) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT slot FROM slot JOIN holder ON holder.number = slot.holder
                WHERE slot.handle = ? AND holder.id = ?
                """, arguments: [Data(handle.bytes), Data(holder.bytes)])
    }
}
