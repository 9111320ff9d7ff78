import Backups
import CanonicalJSON
package import Checkpoints
import DurableFiles
import FileStore
import Foundation
import LedgerStore
package import Logging
package import Merkle
package import Phrases
import Records
package import Sequencing

extension Ledger {
    /// What opens a restored ledger for writing: Specs/backup.md section 4.
    package struct RestorePlan: Sendable {
        package let order: ApprovedOrder
        /// Where newer checkpoints were asked for, and what was there.
        package var asked: [String]
        package var seen: [SeenCheckpoint]
        /// Where the old key is, if it is not in the ledger's folder.
        package var oldKeyFile: String?

        package init(
            _ order: ApprovedOrder, asked: [String], seen: [SeenCheckpoint], oldKeyFile: String?
        ) {
            (self.order, self.asked, self.seen) = (order, asked, seen)
            self.oldKeyFile = oldKeyFile
        }
    }

    /// A checkpoint that somebody kept.
    package struct SeenCheckpoint: Hashable, Sendable {
        package let name: String
        package let note: [UInt8]

        package init(name: String, note: [UInt8]) {
            (self.name, self.note) = (name, note)
        }
    }

    /// What finishing a restore came to.
    package struct RestoreOutcome: Sendable {
        package let sequence: SequenceNumber
        package let key: VerifierKey
        /// Acknowledged records that are known to be lost; nil if none is.
        package let lost: ClosedRange<UInt64>?
        /// Whether the old key vouches for the new one.
        package let isVouched: Bool
    }

    /// Two histories were signed; nothing was done.
    package struct ForkError: Error, Sendable {
        package let phrase: Phrase
    }

    /// Opens a restored ledger for writing.
    ///
    /// Each step can be repeated: after a crash the same call goes on. Throws ``ForkError`` if a
    /// checkpoint that was seen contradicts the records.
    package static func finishRestore(
        _ folder: String, _ plan: RestorePlan, clock: LedgerClock = .system, logger: Logger
    ) async throws -> RestoreOutcome {
        guard RestoredMark.isIn(folder) else {
            throw LedgerError(
                en: "\(folder) is open for writing already: no restore waits there",
                zh: "\(folder) 已可写入，没有待完成的恢复")
        }
        try plan.order.check()
        let settings = try LedgerSettings(folder: folder)
        let store = try await openToChange(folder, settings)
        do {
            let finish = try await RestoreFinish(folder, settings, plan, store, clock, logger)
            let outcome = try await finish.run()
            try await store.close()
            return outcome
        } catch {
            try? await store.close()
            throw (error as? StoreError).map(LedgerError.init)
                ?? (error as? FileError).map { LedgerError([$0.phrase]) }
                ?? (error as? SigningError).map { LedgerError([$0.phrase]) } ?? error
        }
    }
}

/// The steps that open a restored ledger.
private struct RestoreFinish {
    private let folder: String
    private let origin: Origin
    private let plan: Ledger.RestorePlan
    private let store: FileStore
    private let clock: LedgerClock
    private let logger: Logger
    private let own: OwnRecords
    private let ring: KeyRing
    /// The record that a crashed attempt has written already.
    private let recorded: Restore?

    init(
        _ folder: String, _ settings: LedgerSettings, _ plan: Ledger.RestorePlan,
        _ store: FileStore, _ clock: LedgerClock, _ logger: Logger
    ) async throws {
        guard let origin = Origin(settings.origin) else {
            throw LedgerError(
                en: "\(folder)/ledger.yaml names no valid origin",
                zh: "\(folder)/ledger.yaml 中 origin 无效")
        }
        (self.folder, self.origin, self.plan, self.store) = (folder, origin, plan, store)
        (self.clock, self.logger) = (clock, logger)
        own = try await OwnRecords.read(store)
        ring = try KeyRing(folder, settings)
        let kept = try RestoredMark.size(in: folder)
        recorded = own.restores.last.flatMap { $0.sequence.rawValue == kept ? $0 : nil }
    }

    func run() async throws -> Ledger.RestoreOutcome {
        let head = await store.head()
        let size = recorded.map { TreeSize($0.sequence.rawValue) } ?? head.size
        let newest = try await newestSeen(beyond: size)
        let change = KeyChange(ring: ring, origin: origin, store: store)
        let old = try change.oldKey(own, isAnnounced: recorded != nil, file: plan.oldKeyFile)
        let key = try change.newKey(own, isAnnounced: recorded != nil)
        if recorded == nil { try await record(change, key, newest, size) }
        let sequence = SequenceNumber(size.rawValue)
        let isVouched = try await change.vouch(for: key, by: old, sequence)
        try ring.retire(for: key.verifierKey)
        try DurableFile.remove(folder + "/" + RestoredMark.fileName)
        let through =
            recorded == nil
            ? newest.map { $0.size.rawValue - 1 } : recorded?.lostThrough
        return Ledger.RestoreOutcome(
            sequence: sequence, key: key.verifierKey,
            lost: through.map { size.rawValue...max(size.rawValue, $0) }, isVouched: isVouched)
    }

    // MARK: What others have seen

    /// The newest checkpoint over more records than there are; the others must fit the records.
    private func newestSeen(beyond size: TreeSize) async throws -> VerifiedCheckpoint? {
        var newest: VerifiedCheckpoint?
        var prover = ProofMaker(store)
        for seen in plan.seen {
            guard
                let checkpoint = try? VerifiedCheckpoint(
                    verifying: seen.note, of: origin, by: own.keys)
            else {
                throw LedgerError(
                    en: "\(seen.name) is no checkpoint of \(origin) by a key of this ledger",
                    zh: "\(seen.name) 不是由本账本密钥签名的 \(origin) 的检查点")
            }
            if checkpoint.size > size {
                if checkpoint.size > newest?.size ?? .zero { newest = checkpoint }
            } else if try await prover.root(of: checkpoint.size) != checkpoint.root {
                throw Ledger.ForkError(
                    phrase: Phrase(
                        en: "\(seen.name) is signed over \(checkpoint.size) records that are not "
                            + "these: two histories were signed. Nothing was done; keep both",
                        zh: "\(seen.name) 所签的 \(checkpoint.size) 条记录与此不同：存在两份签名历史。未作任何更改，请妥善保存两者"))
            }
        }
        return newest
    }

    // MARK: The record

    private func record(
        _ change: KeyChange, _ key: any NoteSigner, _ newest: VerifiedCheckpoint?, _ size: TreeSize
    ) async throws {
        var members: [JSONMember] = [
            JSONMember("asked", .array(plan.asked.map { .string($0) })),
            JSONMember("keys", [.string(key.verifierKey.description)]),
        ]
        if let newest {
            members.append(
                JSONMember(
                    "lost",
                    [
                        "from": .integer(Int64(size.rawValue)),
                        "through": .integer(Int64(newest.size.rawValue - 1)),
                    ]))
            members.append(
                JSONMember("newest", .string(String(decoding: newest.bytes, as: UTF8.self))))
        }
        _ = try await change.announce(
            "ledger.restored", plan.order.members(and: members), CheckpointSigner(key), own, clock,
            logger)
    }
}
