import CanonicalJSON
import DurableFiles
import LedgerStore
package import Merkle
import Phrases
import Records
package import Sealing
import Sequencing
import VaultStore

/// What a look at the vault found.
package struct VaultStatus: Sendable {
    package let folder: String
    package let counts: VaultCounts
    /// What was put right when it was opened: Specs/sealing.md section 4.
    package let unassigned: Int
    package let completed: Int
    package let leftovers: Int
    package let holders: [(holder: Holder, standing: HolderBook.Standing)]
    /// Copies of before the newest destruction of keys: they have those keys still.
    package let staleCopies: Int

    /// Whether vault and records agree on who holds keys.
    package var isSound: Bool { holders.allSatisfy { $0.standing == .sound } }
}

extension Ledger {
    package var vaultFolder: String { settings.vaultFolder(of: folder) }

    package var hasVault: Bool { DurableFile.exists(vaultFolder + "/vault.sqlite") }

    /// Makes the vault, or throws if there is one.
    package func createVault() async throws(LedgerError) {
        try demandWriter()
        guard !hasVault else {
            throw LedgerError(
                en: "there is a vault in \(vaultFolder)", zh: "\(vaultFolder) 中已有密钥库")
        }
        try await withVault(isNew: true) { _ throws(VaultError) in }
    }

    /// What the records of `ledger/vault` say.
    package func holderBook() async throws(LedgerError) -> HolderBook {
        try await Ledger.holderBook(store)
    }

    static func holderBook(_ store: any EventStore) async throws(LedgerError) -> HolderBook {
        var book = HolderBook()
        do throws(StoreError) {
            let numbers = try await store.sequence(
                of: .vault, from: Revision(0), limit: 1_000_000)
            for number in numbers {
                let line = try await store.lines(from: number, limit: 1).first ?? []
                let record = try? JSONValue(parsing: line)
                book.take(record?["event"] ?? .null, number.rawValue)
            }
        } catch {
            throw LedgerError(error)
        }
        return book
    }

    /// Makes somebody a holder: nil if a record says so already.
    ///
    /// The record comes first. A crash in between leaves a holder to whom nothing is wrapped yet,
    /// which `vault status` says; the same call goes on.
    package func add(
        _ holder: Holder, _ order: ApprovedOrder
    ) async throws(LedgerError) -> SequenceNumber? {
        try order.check()
        let recorded = try await holderBook().entries.map(\.holder)
        let isRecorded = recorded.contains { $0 == holder }
        guard
            isRecorded
                || !recorded.contains(where: { $0.id == holder.id || $0.name == holder.name })
        else { throw LedgerError([VaultError.holderKnown(holder).reason]) }
        return try await withVault { vault throws(VaultError) in
            let held = try await vault.holders()
            guard !held.contains(where: { $0.id == holder.id || $0.name == holder.name }) else {
                throw .holderKnown(holder)
            }
        } then: { vault throws(LedgerError) in
            var sequence: SequenceNumber?
            if !isRecorded {
                sequence = try await recordOwn(
                    HolderBook.addedType, .vault,
                    .object(order.members(and: [JSONMember("holder", holder.json)])))
            }
            try await Ledger.asking { () throws(VaultError) in try await vault.add(holder) }
            try await sealingDesk?.holdersChanged()
            return sequence
        }
    }

    /// From now on nothing is wrapped to this holder: nil if a record says so already.
    package func retire(
        _ id: HolderID, _ order: ApprovedOrder
    ) async throws(LedgerError) -> SequenceNumber? {
        try order.check()
        guard let entry = try await holderBook().entry(id) else {
            throw LedgerError([VaultError.unknownHolder(id).reason])
        }
        return try await withVault { vault throws(VaultError) in
            guard try await vault.holders().contains(where: { $0.id == id }) else {
                throw .unknownHolder(id)
            }
        } then: { vault throws(LedgerError) in
            // The vault first: better one too few than one too many who can read.
            try await Ledger.asking { () throws(VaultError) in try await vault.retire(id) }
            var sequence: SequenceNumber?
            if !entry.holder.isRetired {
                sequence = try await recordOwn(
                    HolderBook.retiredType, .vault,
                    .object(order.members(and: [JSONMember("holder", .string(id.text))])))
            }
            try await sealingDesk?.holdersChanged()
            return sequence
        }
    }

    /// What is in the vault, and whether its holders are those of the records.
    package func vaultStatus() async throws(LedgerError) -> VaultStatus {
        let book = try await holderBook()
        let staleCopies = CopyBook(lines: try await linesOf(.vault)).staleCount
        return try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            try await Ledger.asking { [folder = vaultFolder] () throws(VaultError) in
                VaultStatus(
                    folder: folder, counts: try await vault.counts(),
                    unassigned: vault.report.unassigned, completed: vault.report.shredded,
                    leftovers: vault.report.leftovers,
                    holders: book.compared(with: try await vault.holders()),
                    staleCopies: staleCopies)
            }
        }
    }

    private var noVault: LedgerError {
        LedgerError(
            en: "the ledger has no vault: hanqing vault init makes one",
            zh: "账本没有密钥库：请用 hanqing vault init 建立")
    }

    private func withVault(
        isNew: Bool = false, _ look: (VaultStore) async throws(VaultError) -> Void
    ) async throws(LedgerError) {
        try await withVault(isNew: isNew, look) { _ throws(LedgerError) in }
    }

    /// Has the vault alone, looks, and goes on if that threw nothing.
    ///
    /// Whoever writes has one vault open, which is that of who seals; a reader opens and closes it.
    func withVault<Answer>(
        isNew: Bool = false, _ look: (VaultStore) async throws(VaultError) -> Void,
        then body: (VaultStore) async throws(LedgerError) -> Answer
    ) async throws(LedgerError) -> Answer {
        guard isNew || hasVault else { throw noVault }
        if let sealingDesk { return try await alone(sealingDesk, look, then: body) }
        let (folder, origin) = (vaultFolder, settings.origin)
        let vault = try await Ledger.asking { () throws(VaultError) in
            let vault = try VaultStore(folder, origin: origin)
            try await look(vault)
            return vault
        }
        let answer = try await body(vault)
        try await Ledger.asking { () throws(VaultError) in try await vault.close() }
        return answer
    }

    private func alone<Answer>(
        _ desk: SealingDesk, _ look: (VaultStore) async throws(VaultError) -> Void,
        then body: (VaultStore) async throws(LedgerError) -> Answer
    ) async throws(LedgerError) -> Answer {
        let vault = try await desk.vault()
        await desk.gate.enterAlone()
        do throws(LedgerError) {
            try await Ledger.asking { () throws(VaultError) in try await look(vault) }
            let answer = try await body(vault)
            await desk.gate.leave()
            return answer
        } catch {
            await desk.gate.leave()
            throw error
        }
    }

    static func asking<Answer>(
        _ body: () async throws(VaultError) -> Answer
    ) async throws(LedgerError) -> Answer {
        do throws(VaultError) {
            return try await body()
        } catch {
            throw LedgerError([error.reason])
        }
    }
}
