import Digests
import Foundation
import GRDB
import Sealing
import TestKit
import Testing
import VaultStore

extension VaultFolder {
    /// Changes the database behind the vault's back.
    func sql(_ statement: String) throws {
        let queue = try DatabaseQueue(path: path + "/vault.sqlite")
        try queue.write { db in try db.execute(sql: statement) }
        try queue.close()
    }

    /// The files in which these bytes stand.
    func places(of pattern: [UInt8]) throws -> [String] {
        try files().filter { Data($0.value).firstRange(of: Data(pattern)) != nil }
            .map(\.key).sorted()
    }
}

/// What of a destroyed key is left on the disk: a search of every byte.
@Suite struct ShreddingTests {
    /// A vault with `count` subjects of three handles each, wrapped to two holders.
    private struct Filled {
        let folder: VaultFolder
        let keepers = ["one", "two"].map(VaultMaker.holder)
        var keys: [String: [DataKey]] = [:]
        var wrapped: [String: [WrappedKey]] = [:]

        static func subject(_ number: Int) -> String {
            "reporter-\(number)-举报人-\(number * 7919)"
        }

        init(_ vault: VaultStore, _ folder: VaultFolder, count: Int) async throws {
            self.folder = folder
            for keeper in keepers { try await vault.add(keeper.holder) }
            // Handles of many subjects are kept together, and linked in another order.
            for round in 0..<3 {
                let keys = (0..<count).map { _ in DataKey(VaultMaker.chance) }
                let wrapped = keys.map { key in keepers.map { VaultMaker.wrap(key, to: $0) } }
                try await vault.keep(wrapped.flatMap { $0 })
                let order = (0..<count).map { ($0 * 37 + round * 11) % count }
                try await vault.assign(
                    order.map { SubjectLink(keys[$0].handle, to: Filled.subject($0)) })
                for number in 0..<count {
                    let subject = Filled.subject(number)
                    self.keys[subject, default: []].append(keys[number])
                    self.wrapped[subject, default: []] += wrapped[number]
                }
            }
        }
    }

    @Test func `a hundred of a thousand: exactly those are gone, from every byte`() async throws {
        let folder = try VaultFolder()
        let vault = try folder.open()
        let filled = try await Filled(vault, folder, count: 1000)
        let gone = Set((0..<100).map { Filled.subject($0 * 10 + 3) })
        for (place, subject) in gone.enumerated() {
            #expect(try await vault.shred(subject, on: "2026-03-01") == 3)
            // At once: what comes later overwrites more.
            if place < 5 { #expect(try folder.places(of: Array(subject.utf8)).isEmpty) }
        }
        // While the vault is open, as who takes the disk from a running machine finds it.
        let files = try folder.files()
        #expect(Set(files.keys) == ["LOCK", "keys", "vault.sqlite", "vault.sqlite-journal"])
        let needles = Needles(files)
        for (subject, wrapped) in filled.wrapped {
            let isGone = gone.contains(subject)
            for key in wrapped {
                #expect(needles.contain(key.sealed.encapsulated) == !isGone, "\(subject)")
                #expect(needles.contain(Array(key.sealed.ciphertext.prefix(32))) == !isGone)
                let found = try await vault.wrappedKey(of: key.handle, for: key.holder)
                #expect(found == (isGone ? nil : key))
            }
        }
        // Nothing links a person to what was his.
        for subject in gone.prefix(10) {
            #expect(try folder.places(of: Array(subject.utf8)).isEmpty)
        }
        #expect(
            try folder.places(of: Array(Filled.subject(4).utf8)).contains("vault.sqlite"))
        let counts = try await vault.counts()
        #expect(counts.subjects == 900 && counts.shredded == 300 && counts.assigned == 2_700)
    }

    @Test func `no data key is ever on the disk, nor what it seals`() async throws {
        let folder = try VaultFolder()
        let vault = try folder.open()
        let secret = RandomBytes.make(count: 32)
        let key = DataKey { count in
            count == KeyHandle.byteCount
                ? RandomBytes.secret(count: count) : SecretBytes(copying: secret)
        }
        let keeper = VaultMaker.holder("one")
        try await vault.add(keeper.holder)
        try await vault.keep([VaultMaker.wrap(key, to: keeper)])
        try await vault.assign([SubjectLink(key.handle, to: "P-1")])
        #expect(try folder.places(of: secret).isEmpty)
        // Unlike its handle.
        #expect(
            try folder.places(of: key.handle.bytes)
                == ["keys", "vault.sqlite", "vault.sqlite-journal"])
    }

    @Test func `a crash after any step of shredding is completed by the next opening`()
        async throws
    {
        for step in ["marked", "some overwritten", "all overwritten"] {
            let folder = try VaultFolder()
            let subject = Filled.subject(5)
            let wrapped: [WrappedKey]
            let others: [WrappedKey]
            do {
                let vault = try folder.open()
                let filled = try await Filled(vault, folder, count: 10)
                wrapped = filled.wrapped[subject] ?? []
                others = filled.wrapped[Filled.subject(6)] ?? []
                try await vault.close()
            }
            try folder.sql("UPDATE subject SET shredding = '2026-03-01' WHERE name = '\(subject)'")
            var keys = try folder.bytes("keys")
            let overwritten = step == "marked" ? 0 : step == "some overwritten" ? 1 : 6
            for key in wrapped.prefix(overwritten) {
                let place = try #require(
                    Data(keys).firstRange(of: Data(key.sealed.encapsulated))?.lowerBound)
                let start = place / 128 * 128
                for byte in start..<start + 128 { keys[byte] = 0 }
            }
            try folder.write(keys, "keys")
            let vault = try folder.open()
            #expect(vault.report.shredded == 3, "\(step)")
            for key in wrapped {
                #expect(try await vault.state(of: key.handle) == .shredded("2026-03-01"))
                #expect(try folder.places(of: key.sealed.encapsulated).isEmpty)
            }
            for key in others {
                #expect(try await vault.wrappedKey(of: key.handle, for: key.holder) == key)
            }
            #expect(try folder.places(of: Array(subject.utf8)).isEmpty)
        }
    }

    @Test func `a crash between keys and their rows leaves nothing`() async throws {
        let folder = try VaultFolder()
        let keeper = VaultMaker.holder("one")
        let kept = DataKey(VaultMaker.chance)
        do {
            let vault = try folder.open()
            try await vault.add(keeper.holder)
            try await vault.keep([VaultMaker.wrap(kept, to: keeper)])
            try await vault.assign([SubjectLink(kept.handle, to: "P-1")])
            try await vault.close()
        }
        // Whole slots, and a torn one.
        let orphan = RandomBytes.make(count: 128 * 3 + 50)
        try folder.write(try folder.bytes("keys") + orphan, "keys")
        let vault = try folder.open()
        #expect(vault.report.leftovers == 4)
        #expect(try folder.bytes("keys").count == 128)
        let again = DataKey(VaultMaker.chance)
        try await vault.keep([VaultMaker.wrap(again, to: keeper)])
        #expect(try await vault.wrappedKey(of: again.handle, for: keeper.holder.id) != nil)
        #expect(try await vault.wrappedKey(of: kept.handle, for: keeper.holder.id) != nil)
    }

    @Test func `a subject who is being shredded gets no new key`() async throws {
        let folder = try VaultFolder()
        let vault = try folder.open()
        let filled = try await Filled(vault, folder, count: 2)
        let new = DataKey(VaultMaker.chance)
        try await vault.keep([VaultMaker.wrap(new, to: filled.keepers[0])])
        try folder.sql(
            "UPDATE subject SET shredding = '2026-03-01' WHERE name = '\(Filled.subject(1))'")
        await #expect(throws: VaultError.self) {
            try await vault.assign([SubjectLink(new.handle, to: Filled.subject(1))])
        }
        #expect(try await vault.state(of: new.handle) == .unassigned)
    }
}

/// Which sequences of 32 bytes stand somewhere in files: all at once, since there are thousands.
private struct Needles {
    private let words: Set<[UInt8]>

    /// Slots are of 128 bytes, and what SQLite holds may stand anywhere: every offset counts.
    init(_ files: [String: [UInt8]]) {
        var words: Set<[UInt8]> = []
        for bytes in files.values where bytes.count >= 8 {
            for place in 0...bytes.count - 8 {
                // Zeros are nearly all of it, and no key.
                guard bytes[place] != 0 || bytes[place + 3] != 0 else { continue }
                words.insert(Array(bytes[place..<place + 8]))
            }
        }
        self.words = words
    }

    /// Whether any eighth byte on of `pattern` is found: a part of a key is too much already.
    func contain(_ pattern: [UInt8]) -> Bool {
        stride(from: 0, through: pattern.count - 8, by: 8).contains { place in
            words.contains(Array(pattern[place..<place + 8]))
        }
    }
}
