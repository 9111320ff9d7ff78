import Digests
import Foundation
import LedgerHome
import Logging
import Records
import Sealing
import TestKit
import Testing
import VaultStore

/// Who holds keys is a matter of record: Specs/sealing.md section 4.
@Suite struct VaultTests {
    private let home: ScratchFolder
    private var folder: String { home.path + "/ledger" }
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let order = ApprovedOrder(person: "P-1", unit: "办公室", approver: "P-2", reason: "设立")

    init() async throws {
        home = try ScratchFolder()
        _ = try await Ledger.create(
            folder,
            Ledger.Plan(LedgerSettings(origin: "demo.example"), person: "P-0", unit: "-"),
            logger: logger)
    }

    private func withLedger<Result>(_ body: (Ledger) async throws -> Result) async throws -> Result
    {
        let ledger = try await Ledger.open(folder, .write, logger: logger)
        let result = try await body(ledger)
        try await ledger.close()
        return result
    }

    private func standings() async throws -> [HolderBook.Standing] {
        try await withLedger { try await $0.vaultStatus().holders.map(\.standing) }
    }

    /// What is in the vault, behind the ledger's back.
    private func behind(_ body: (VaultStore) async throws -> Void) async throws {
        let vault = try VaultStore(folder + "/vault", origin: "demo.example")
        try await body(vault)
        try await vault.close()
    }

    @Test func `holders join and leave by record, and vault and records agree`() async throws {
        let (one, two) = (VaultMaker.holder("纪检"), VaultMaker.holder("省厅"))
        try await withLedger { ledger in
            await #expect(throws: LedgerError.self) { try await ledger.vaultStatus() }
            await #expect(throws: LedgerError.self) { try await ledger.add(one.holder, order) }
            try await ledger.createVault()
            await #expect(throws: LedgerError.self) { try await ledger.createVault() }
            #expect(try await ledger.add(one.holder, order) != nil)
            #expect(try await ledger.add(two.holder, order) != nil)
            await #expect(throws: LedgerError.self) { try await ledger.add(one.holder, order) }
            #expect(try await ledger.retire(one.holder.id, order) != nil)
            #expect(try await ledger.retire(one.holder.id, order) == nil)
            let status = try await ledger.vaultStatus()
            #expect(status.isSound && status.counts.holders == 2)
            #expect(status.holders.map(\.holder.isRetired) == [true, false])
            let book = try await ledger.holderBook()
            #expect(book.entries.map(\.holder.name) == ["纪检", "省厅"])
            #expect(book.entry(two.holder.id)?.holder == two.holder)
        }
    }

    @Test func `nobody approves for himself, and nothing is recorded then`() async throws {
        try await withLedger { ledger in
            try await ledger.createVault()
            let holder = VaultMaker.holder("one").holder
            for (person, approver, reason) in [
                ("P-1", "P-1", "r"), ("P-1", "张三", "r"), ("", "P-2", "r"), ("P-1", "P-2", ""),
            ] {
                let order = ApprovedOrder(
                    person: person, unit: "-", approver: approver, reason: reason)
                await #expect(throws: LedgerError.self) { try await ledger.add(holder, order) }
            }
            #expect(try await ledger.holderBook().entries.isEmpty)
            #expect(try await ledger.vaultStatus().holders.isEmpty)
        }
    }

    @Test func `a holder whom nobody approved is found`() async throws {
        let (one, planted) = (VaultMaker.holder("one"), VaultMaker.holder("planted"))
        try await withLedger { ledger in
            try await ledger.createVault()
            _ = try await ledger.add(one.holder, order)
        }
        try await behind { try await $0.add(planted.holder) }
        #expect(try await standings() == [.sound, .notRecorded])
        // It is not made good by the same name with another key.
        let other = VaultMaker.holder("planted")
        try await withLedger { ledger in
            await #expect(throws: LedgerError.self) { try await ledger.add(other.holder, order) }
            let entries = try await ledger.holderBook().entries
            #expect(entries.count == 1)
        }
    }

    @Test func `a holder of more groups than were approved is found`() async throws {
        let one = VaultMaker.holder("one")
        let more = try #require(HolderGroup("outside"))
        try await withLedger { ledger in
            try await ledger.createVault()
            _ = try await ledger.add(one.holder, order)
        }
        // The vault is put back from before, and filled by hand.
        try await withLedger { _ in }
        let vault = folder + "/vault"
        for name in ["vault.sqlite", "vault.sqlite-journal", "keys", "LOCK"] {
            try remove("\(vault)/\(name)")
        }
        try await behind {
            try await $0.add(
                Holder(
                    name: "one", publicKey: one.holder.publicKey,
                    groups: one.holder.groups.union([more])))
        }
        #expect(try await standings() == [.notRecorded])
    }

    @Test func `a change that was interrupted is completed when it is said again`() async throws {
        let one = VaultMaker.holder("one")
        try await withLedger { ledger in
            try await ledger.createVault()
            _ = try await ledger.add(one.holder, order)
        }
        // Recorded, and not in the vault: as a crash in between leaves it.
        let vault = folder + "/vault"
        for name in ["vault.sqlite", "vault.sqlite-journal", "keys", "LOCK"] {
            try remove("\(vault)/\(name)")
        }
        try await behind { _ in }
        #expect(try await standings() == [.notInVault])
        try await withLedger { ledger in
            let (record, book) = (
                try await ledger.add(one.holder, order), try await ledger.holderBook()
            )
            #expect(record == nil && book.entries.count == 1)
        }
        #expect(try await standings() == [.sound])
        // Out of the vault, and not recorded yet: he gets no keys, and the record follows.
        try await behind { try await $0.retire(one.holder.id) }
        #expect(try await standings() == [.sound])
        try await withLedger { ledger in
            let record = try await ledger.retire(one.holder.id, order)
            #expect(record != nil)
        }
        #expect(try await standings() == [.sound])
    }

    private func remove(_ path: String) throws {
        try #require(unlink(path) == 0)
    }
}
