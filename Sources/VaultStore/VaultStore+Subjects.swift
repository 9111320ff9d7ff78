import DurableFiles
import Foundation
import GRDB
package import Sealing

/// Whom keys belong to, what holds them, and how they end.
extension VaultStore {
    package func assign(_ links: [SubjectLink]) throws(VaultError) {
        try doing {
            try database.write { db in
                let handle = try db.cachedStatement(
                    sql: "UPDATE handle SET subject = ? WHERE handle = ? AND subject IS NULL")
                var numbers: [String: Int64] = [:]
                for link in links {
                    try link.check()
                    let number = try numbers[link.subject] ?? VaultStore.number(of: link, db)
                    numbers[link.subject] = number
                    guard try handle.run(db, .number(number), .handle(link.handle)) == 1 else {
                        throw VaultError.notUnassigned(link.handle)
                    }
                }
            }
        }
    }

    /// The number of the link's subject, which may be new; one that is being shredded gets no
    /// handle.
    private static func number(of link: SubjectLink, _ db: Database) throws -> Int64 {
        let known = try db.cachedStatement(
            sql: "SELECT number, shredding IS NOT NULL FROM subject WHERE name = ?")
        if let row = try Row.fetchOne(known, arguments: [link.subject]) {
            guard row[1] == false else { throw VaultError.notUnassigned(link.handle) }
            return row[0]
        }
        try db.cachedStatement(sql: "INSERT INTO subject (name) VALUES (?)")
            .execute(arguments: [link.subject])
        return db.lastInsertedRowID
    }

    package func handles(of subject: String) throws(VaultError) -> [KeyHandle] {
        try doing {
            try database.read { db in
                try Data.fetchAll(
                    db,
                    sql: """
                        SELECT handle FROM handle JOIN subject ON subject.number = handle.subject
                        WHERE subject.name = ?
                        """, arguments: [subject]
                ).compactMap { KeyHandle($0) }
            }
        }
    }

    package func place(_ hold: Hold) throws(VaultError) {
        try doing {
            try database.write { db in
                guard
                    try Bool.fetchOne(
                        db, sql: "SELECT 1 FROM hold WHERE id = ?", arguments: [hold.id]) == nil
                else { throw VaultError.holdKnown(hold.id) }
                try db.execute(
                    sql: "INSERT INTO hold VALUES (?, ?, ?, ?)",
                    arguments: [hold.id, hold.subject, hold.reason, hold.placed])
            }
        }
    }

    package func release(holdWith id: String) throws(VaultError) {
        try doing {
            try database.write { db in
                try db.execute(sql: "DELETE FROM hold WHERE id = ?", arguments: [id])
                guard db.changesCount == 1 else { throw VaultError.unknownHold(id) }
            }
        }
    }

    package func holds(on subject: String) throws(VaultError) -> [Hold] {
        try doing { try database.read { db in try VaultStore.holds(on: subject, db) } }
    }

    private static func holds(on subject: String, _ db: Database) throws -> [Hold] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM hold WHERE subject = ? ORDER BY rowid", arguments: [subject]
        ).map(Hold.init)
    }

    /// Section 8: marked, overwritten, forgotten; whatever comes in between, the next opening goes
    /// on.
    package func shred(_ subject: String, on day: String) throws(VaultError) -> Int {
        try doing {
            let number = try database.write { db -> Int64 in
                let holds = try VaultStore.holds(on: subject, db)
                guard holds.isEmpty else { throw VaultError.held(subject, holds) }
                guard
                    let number = try Int64.fetchOne(
                        db, sql: "SELECT number FROM subject WHERE name = ?", arguments: [subject])
                else { throw VaultError.unknownSubject(subject) }
                try db.execute(
                    sql: "UPDATE subject SET shredding = ? WHERE number = ?",
                    arguments: [day, number])
                return number
            }
            let count = try VaultStore.complete(number, database, slots)
            try database.overwriteJournal()
            return count
        }
    }

    static func complete(
        _ subject: Int64, _ database: VaultDatabase, _ slots: SlotFile
    ) throws -> Int {
        let handles = try database.read { db in
            try Data.fetchAll(
                db, sql: "SELECT handle FROM handle WHERE subject = ?", arguments: [subject])
        }
        try empty(handles, database, slots)
        try database.write { db in
            for handle in handles {
                try db.execute(
                    sql: """
                        INSERT INTO shredded
                        SELECT ?, shredding FROM subject WHERE number = ?
                        """, arguments: [handle, subject])
                try forget(handle, db)
            }
            try db.execute(sql: "DELETE FROM subject WHERE number = ?", arguments: [subject])
        }
        return handles.count
    }

    package func counts() throws(VaultError) -> VaultCounts {
        try doing {
            try database.read { db in
                func count(_ what: String) throws -> Int {
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM \(what)") ?? 0
                }
                var counts = VaultCounts()
                counts.holders = try count("holder")
                counts.subjects = try count("subject")
                counts.assigned = try count("handle WHERE subject IS NOT NULL")
                counts.unassigned = try count("handle WHERE subject IS NULL")
                counts.shredded = try count("shredded")
                counts.holds = try count("hold")
                return counts
            }
        }
    }
}
