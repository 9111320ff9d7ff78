import CanonicalJSON
package import Checkpoints
import DurableFiles
import FileStore
import LedgerStore
package import Logging
package import Merkle
import Phrases
import Records
package import Sequencing

extension Ledger {
    /// A change of the key in force: Specs/keys.md.
    package struct KeyChangePlan: Sendable {
        package let order: ApprovedOrder
        /// How long the old key signs beside the new one; 0 if it does not.
        package var overlapDays = 0
        /// The old key is believed no more; nil for a plain change.
        package var revoked: RevocationCause?
        /// The new key, if a program holds it; nil makes one.
        package var external: VerifierKey?

        package init(_ order: ApprovedOrder) { self.order = order }

        package static let overlapDaysAllowed = 0...400
    }

    /// What a change of key came to.
    package struct KeyChangeOutcome: Sendable {
        package let announcement: KeyAnnouncement
        /// Whether the old key vouches for the new one.
        package let isVouched: Bool
        package var key: VerifierKey { announcement.key }
        package var sequence: SequenceNumber { announcement.sequence }
    }

    /// Gives the ledger in `folder` a new key.
    ///
    /// After a crash the same call goes on where it was: with what is recorded, if that is already
    /// so.
    package static func changeKey(
        _ folder: String, _ plan: KeyChangePlan, clock: LedgerClock = .system, logger: Logger
    ) async throws -> KeyChangeOutcome {
        try await changing(folder, plan) { try await run(plan, $0, clock, logger) }
    }

    /// Gives `body` the keys and the store of a ledger whose keys two persons change.
    static func changing<Result: Sendable>(
        _ folder: String, _ plan: KeyChangePlan, _ body: (KeyChange) async throws -> Result
    ) async throws -> Result {
        try plan.order.check()
        try demandLedger(folder, .write)
        let settings = try LedgerSettings(folder: folder)
        guard let origin = Origin(settings.origin) else {
            throw LedgerError(
                en: "\(folder)/ledger.yaml names no valid origin",
                zh: "\(folder)/ledger.yaml 中 origin 无效")
        }
        let ring = try KeyRing(folder, settings)
        return try await changing(folder, settings) { store in
            try await body(KeyChange(ring: ring, origin: origin, store: store))
        }
    }

    /// Encrypts the private keys in `folder` under the passphrase in a file, and says which.
    package static func encryptKeys(
        _ folder: String, under passphraseFile: String
    ) async throws -> [String] {
        let settings = try LedgerSettings(folder: folder)
        let ring = try KeyRing(folder, settings)
        let passphrase = try Passphrase.read(passphraseFile)
        // Nobody signs, and nobody changes the keys, meanwhile.
        return try await changing(folder, settings) { _ in try ring.encrypt(under: passphrase) }
    }

    /// Gives `body` the store of a ledger whose keys are going to change.
    static func changing<Result: Sendable>(
        _ folder: String, _ settings: LedgerSettings,
        _ body: (FileStore) async throws -> Result
    ) async throws -> Result {
        let store = try await openToChange(folder, settings)
        do {
            let result = try await body(store)
            try await store.close()
            return result
        } catch {
            try? await store.close()
            throw (error as? StoreError).map(LedgerError.init)
                ?? (error as? FileError).map { LedgerError([$0.phrase]) }
                ?? (error as? SigningError).map { LedgerError([$0.phrase]) } ?? error
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

    private static func run(
        _ plan: KeyChangePlan, _ change: KeyChange, _ clock: LedgerClock, _ logger: Logger
    ) async throws -> KeyChangeOutcome {
        var own = try await OwnRecords.read(change.store)
        let isAnnounced = try change.isAnnounced(own, external: plan.external)
        let old = try oldKey(plan, change, own, isAnnounced: isAnnounced)
        let key = try change.newKey(own, isAnnounced: isAnnounced, external: plan.external)
        if !isAnnounced {
            try await announce(plan, change, key, old, own, clock, logger)
            own = try await OwnRecords.read(change.store)
        }
        guard let announcement = own.announcements.last else {
            throw LedgerError([change.ring.missing])
        }
        var isVouched = false
        if announcement.revoked == nil {
            isVouched = try await change.vouch(for: key, by: old, announcement.sequence)
            guard isVouched else { throw LedgerError([change.ring.missing]) }
        }
        try change.ring.retire(for: key.verifierKey)
        return KeyChangeOutcome(announcement: announcement, isVouched: isVouched)
    }

    private static func oldKey(
        _ plan: KeyChangePlan, _ change: KeyChange, _ own: OwnRecords, isAnnounced: Bool
    ) throws -> (any NoteSigner)? {
        // After the announcement the old key may be retired already, and have vouched before that.
        guard !isAnnounced else { return try change.oldKey(own, isAnnounced: true) }
        guard plan.revoked != .stolen else { return nil }
        guard plan.revoked == .lost else {
            guard let old = try change.oldKey(own, isAnnounced: false) else {
                throw LedgerError([change.ring.missing])
            }
            return old
        }
        // One that cannot be decrypted is as lost as one that is not there.
        guard ((try? change.oldKey(own, isAnnounced: false)) ?? nil) is SignerKey else {
            return nil
        }
        throw LedgerError(
            en: "the key is not lost: it is in \(change.ring.folder)/keys/. hanqing key rotate "
                + "lets it vouch for the new one",
            zh: "密钥并未丢失，仍在 \(change.ring.folder)/keys/。请用 hanqing key rotate，由其为新密钥作证")
    }

    private static func announce(
        _ plan: KeyChangePlan, _ change: KeyChange, _ key: any NoteSigner,
        _ old: (any NoteSigner)?, _ own: OwnRecords, _ clock: LedgerClock, _ logger: Logger
    ) async throws {
        var members = [JSONMember("keys", [.string(key.verifierKey.description)])]
        var overlap: CheckpointSigner.Overlap?
        if let old, plan.overlapDays > 0 {
            let until = clock.wall().advanced(bySeconds: Int64(plan.overlapDays) * 86_400)
            overlap = .init(key: old, until: until)
            members.append(JSONMember("overlap", ["until": .string(until.text)]))
        }
        if let cause = plan.revoked {
            members.append(
                JSONMember(
                    "revoked",
                    ["cause": .string(cause.rawValue), "key": .string(own.key.description)]))
        }
        _ = try await change.announce(
            "ledger.key-rotated", plan.order.members(and: members),
            CheckpointSigner(key, overlap: overlap), own, clock,
            logger)
    }
}
