import CanonicalJSON
package import Checkpoints
import DurableFiles
import FileStore
import LedgerStore
package import Logging
package import Merkle
import Records
package import Sequencing

extension Ledger {
    /// Gives the ledger in `folder` a new key, which the old one vouches for.
    ///
    /// After a crash the same call goes on where it was.
    package static func rotateKey(
        _ folder: String, person: String, unit: String, approver: String, reason: String,
        clock: LedgerClock = .system, logger: Logger
    ) async throws -> (sequence: SequenceNumber, key: VerifierKey) {
        guard approver != person else {
            throw LedgerError(
                en: "the approver must be another person than \(person)",
                zh: "批准人不能与经办人 \(person) 为同一人")
        }
        try demandLedger(folder, .write)
        let settings = try LedgerSettings(folder: folder)
        guard let origin = Origin(settings.origin) else {
            throw LedgerError(
                en: "\(folder)/ledger.yaml names no valid origin",
                zh: "\(folder)/ledger.yaml 中 origin 无效")
        }
        let store = try await openToChange(folder, settings)
        do {
            let members: [JSONMember] = [
                JSONMember("approver", .string(approver)),
                JSONMember("operator", ["person": .string(person), "unit": .string(unit)]),
                JSONMember("reason", .string(reason)),
            ]
            let result = try await rotate(folder, origin, store, members, clock, logger)
            try await store.close()
            return result
        } catch {
            try? await store.close()
            throw (error as? StoreError).map(LedgerError.init)
                ?? (error as? FileError).map { LedgerError([$0.phrase]) } ?? error
        }
    }

    /// The store of a ledger whose key is going to change.
    static func openToChange(
        _ folder: String, _ settings: LedgerSettings
    ) async throws(LedgerError) -> FileStore {
        do throws(StoreError) {
            return try await openStore(folder, settings, .write) { _ in }
        } catch {
            throw LedgerError(error)
        }
    }

    private static func rotate(
        _ folder: String, _ origin: Origin, _ store: FileStore, _ members: [JSONMember],
        _ clock: LedgerClock, _ logger: Logger
    ) async throws -> (sequence: SequenceNumber, key: VerifierKey) {
        let own = try await OwnRecords.read(store)
        let change = KeyChange(folder: folder, origin: origin, store: store)
        let isAnnounced = try KeyChange.waitingKey(folder)?.verifierKey == own.key
        let old = try change.oldKey(own, isAnnounced: isAnnounced, file: nil)
        // After the announcement the old key may be retired already, and have vouched before that.
        guard old != nil || isAnnounced else { throw LedgerError([LedgerKey.missing(folder)]) }
        let key = try change.newKey(own, isAnnounced: isAnnounced)
        if !isAnnounced {
            let keys = JSONMember("keys", [.string(key.verifierKey.description)])
            try await change.announce(
                "ledger.key-rotated", [keys] + members, key, own, clock, logger)
        }
        let numbers = await store.sequence(of: .ledgerSelf, from: Revision(0), limit: 1_000_000)
        let sequence = numbers.last ?? SequenceNumber(0)
        guard try await change.vouch(for: key, by: old, sequence) else {
            throw LedgerError([LedgerKey.missing(folder)])
        }
        try change.retire(for: key)
        return (sequence, key.verifierKey)
    }
}
