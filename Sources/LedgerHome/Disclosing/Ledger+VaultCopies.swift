import CanonicalJSON
import Catalogue
import DurableFiles
import LedgerStore
package import Merkle
import Phrases
import Records
import Rules
import Sealing
import Sequencing
import VaultStore

/// Copies of the vault and destructions of keys, as the records of `ledger/vault` say.
struct CopyBook {
    static let copiedType = "ledger.vault-copied"
    static let restoredType = "ledger.vault-restored"

    private(set) var copies: [UInt64] = []
    private(set) var shreddings: [KeysDestroyed] = []

    init(lines: [[UInt8]]) {
        for line in lines {
            if let shredding = KeysDestroyed(line: line) { shreddings.append(shredding) }
            guard let root = try? JSONValue(parsing: line),
                root["event"]?["type"]?.string == CopyBook.copiedType,
                let number = root["chain"]?["seq"]?.integer
            else { continue }
            copies.append(UInt64(clamping: number))
        }
    }

    /// Copies that are older than the newest destruction, and so have keys that are gone.
    var staleCount: Int {
        guard let last = shreddings.last?.sequence.rawValue else { return 0 }
        return copies.count { $0 < last }
    }
}

/// A vault that is back.
package struct VaultRestoration: Hashable, Sendable {
    package let sequence: SequenceNumber
    /// Cases whose keys were destroyed since the copy, and are again.
    package let shreddedCount: Int
}

extension Ledger {
    private static let label = "copy.json"

    /// Copies the vault into a new folder; the number of the record that says so.
    ///
    /// The record comes first: what has keys of the ledger and is not known of would make every
    /// later destruction a guess.
    package func copyVault(
        to folder: String, _ order: ApprovedOrder
    ) async throws(LedgerError) -> SequenceNumber {
        try order.check()
        try demandNothing(in: folder)
        return try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            let day = LocalTime(zone: catalogue.timeZone).day(of: clock.wall())
            let sequence = try await recordOwn(
                CopyBook.copiedType, .vault,
                .object(
                    order.members(and: [
                        JSONMember("day", .string(CivilDate(dayNumber: day).text))
                    ])))
            try await Ledger.asking { () throws(VaultError) in try await vault.copy(to: folder) }
            try write(sequence, folder)
            return sequence
        }
    }

    private func demandNothing(in folder: String) throws(LedgerError) {
        do throws(FileError) {
            guard try !DurableFile.names(in: folder).isEmpty else { return }
        } catch {
            throw LedgerError([error.phrase])
        }
        throw LedgerError(en: "\(folder) is not empty", zh: "\(folder) 不为空")
    }

    /// Last: a folder without it is no whole copy.
    private func write(_ sequence: SequenceNumber, _ folder: String) throws(LedgerError) {
        let label: JSONValue = ["origin": .string(settings.origin), "seq": sequence.json]
        do throws(FileError) {
            try DurableFile.write(
                label.canonicalBytes + [0x0A], to: "\(folder)/\(Ledger.label)", mode: 0o600)
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// Makes the vault of a copy, and brings it in line with what was recorded since: keys that
    /// were destroyed are destroyed again, before anybody can ask for one.
    ///
    /// What was sealed after the copy is lost.
    package func restoreVault(
        from folder: String, _ order: ApprovedOrder
    ) async throws(LedgerError) -> VaultRestoration {
        try order.check()
        try demandWriter()
        guard !hasVault else {
            throw LedgerError(
                en: "there is a vault in \(vaultFolder): move it away first",
                zh: "\(vaultFolder) 中已有密钥库：请先移走")
        }
        let copy = try label(of: folder)
        let lines = try await linesOf(.vault)
        let book = CopyBook(lines: lines)
        guard book.copies.contains(copy) else {
            throw LedgerError(
                en: "record \(copy) does not say that the vault was copied",
                zh: "记录 \(copy) 未载明备份密钥库")
        }
        let holders = try await holderBook()
        let since = book.shreddings.filter { $0.sequence.rawValue > copy }
        try await Ledger.asking { [vaultFolder] () throws(VaultError) in
            try VaultStore.restore(folder, to: vaultFolder)
        }
        let count = try await withVault { _ throws(VaultError) in
        } then: { vault throws(LedgerError) in
            for shredding in since { try await tell(vault, of: shredding.subject) }
            return try await Ledger.asking { () throws(VaultError) in
                try await Ledger.mend(vault, holders, since)
            }
        }
        let sequence = try await recordOwn(
            CopyBook.restoredType, .vault,
            .object(order.members(and: [JSONMember("copy", .string(String(copy)))])))
        return VaultRestoration(sequence: sequence, shreddedCount: count)
    }

    /// The number of the record by which it was copied.
    private func label(of folder: String) throws(LedgerError) -> UInt64 {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.contents("\(folder)/\(Ledger.label)", limit: 1 << 12)
        } catch {
            throw LedgerError([error.phrase])
        }
        let json = bytes.flatMap { try? JSONValue(parsing: $0.dropLast()) }
        guard let origin = json?["origin"]?.string, let sequence = SequenceNumber(json?["seq"])
        else {
            throw LedgerError(
                en: "\(folder) is no whole copy of a vault: it has no \(Ledger.label)",
                zh: "\(folder) 不是完整的密钥库副本：缺少 \(Ledger.label)")
        }
        guard origin == settings.origin else {
            throw LedgerError(
                en: "the copy is of the ledger \(origin), not of \(settings.origin)",
                zh: "该副本属于账本 \(origin)，而不是 \(settings.origin)")
        }
        return sequence.rawValue
    }

    private static func mend(
        _ vault: VaultStore, _ holders: HolderBook, _ since: [KeysDestroyed]
    ) async throws(VaultError) -> Int {
        let known = Set(try await vault.holders().map(\.id))
        for entry in holders.entries {
            var holder = entry.holder
            let isRetired = holder.isRetired
            holder.isRetired = false
            if !known.contains(holder.id) { try await vault.add(holder) }
            if isRetired { try await vault.retire(holder.id) }
        }
        var count = 0
        for shredding in since
        where try await !vault.handles(of: shredding.subject).isEmpty {
            _ = try await vault.shred(shredding.subject, on: shredding.day)
            count += 1
        }
        return count
    }
}
