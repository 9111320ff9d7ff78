import Backups
package import Catalogue
package import Checkpoints
import Digests
import DurableFiles
import FileStore
import Foundation
package import LedgerStore
package import Logging
import Merkle
package import Phrases
import Records
import Rules
package import Sequencing

/// An open ledger: what programs work with.
package struct Ledger: Sendable {
    package let folder: String
    package let settings: LedgerSettings
    package let origin: Origin
    /// The key in force.
    package let verifierKey: VerifierKey
    /// Every key that the ledger has had, in order.
    package let keys: [VerifierKey]
    /// From which record on each of them was in force, and how that came.
    package let announcements: [KeyAnnouncement]
    /// SM2 keys beside them, the newest last.
    package let sm2Keys: [SM2VerifierKey]
    /// Where it went on from a backup.
    package let restores: [Restore]
    package let catalogue: EventCatalogue
    /// Every catalogue adopted, from which record on, the one in force last.
    let adoptions: [(from: UInt64, digest: Digest)]
    package let attachments: AttachmentFolder
    package var store: any EventStore { fileStore }
    /// Nil in a ledger opened for reading.
    package let sequencer: Sequencer?
    package let clock: LedgerClock
    /// Nil in a ledger opened for reading, or without a vault.
    let sealingDesk: SealingDesk?
    private let fileStore: FileStore
    private let tokenNotices: [Phrase]

    package enum Access: Sendable {
        /// The one writer: takes the lock, mends the tail, makes the index whole.
        case write
        /// Reads up to the newest checkpoint and changes nothing.
        case read

        fileprivate var ofStore: FileStore.Access { self == .write ? .write : .read }
    }

    /// Work that takes long when a ledger opens: the index is made anew.
    package struct Progress: Sendable {
        package let done: UInt64
        package let total: UInt64?
    }

    /// Opens the ledger in `folder`.
    ///
    /// A reader that finds no index it can believe makes one, if nobody writes meanwhile.
    package static func open(
        _ folder: String, _ access: Access, clock: LedgerClock = .system, logger: Logger,
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws(LedgerError) -> Ledger {
        try demandLedger(folder, access)
        let settings = try LedgerSettings(folder: folder)
        guard let origin = Origin(settings.origin) else {
            throw LedgerError(
                en: "\(folder)/ledger.yaml names no valid origin",
                zh: "\(folder)/ledger.yaml 中 origin 无效")
        }
        let store: FileStore
        do throws(StoreError) {
            store = try await openStore(folder, settings, access.ofStore, progress)
        } catch {
            throw LedgerError(error)
        }
        if store.report.replayed > 0 {
            logger.info(
                "read the tail again", metadata: ["records": "\(store.report.replayed)"])
        }
        return try await make(folder, settings, origin, store, access, clock, logger)
    }

    /// A backup is no ledger, and a restored one is closed for writing: Specs/backup.md.
    static func demandLedger(_ folder: String, _ access: Access) throws(LedgerError) {
        guard !DurableFile.exists(folder + "/" + BackupNote.fileName) else {
            throw LedgerError(
                en: "\(folder) is a backup: hanqing verify reads it; restore it to use it",
                zh: "\(folder) 是备份：可用 hanqing verify 验证；须先恢复才能使用")
        }
        guard access == .read || !RestoredMark.isIn(folder) else {
            throw LedgerError(
                en: "\(folder) was restored from a backup and is closed for writing: newer "
                    + "checkpoints must be asked for first, with hanqing restore finish \(folder)",
                zh: "\(folder) 由备份恢复，尚不可写入：请先用 hanqing restore finish \(folder) 查询是否有更新的检查点")
        }
    }

    static func openStore(
        _ folder: String, _ settings: LedgerSettings, _ access: FileStore.Access,
        _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws(StoreError) -> FileStore {
        func open(_ access: FileStore.Access) throws(StoreError) -> FileStore {
            try FileStore(
                opening: folder, access, options: settings.storeOptions, sizeOf: checkpointSize,
                rootOf: checkpointRoot,
                progress: { progress(Progress(done: $0.done, total: $0.total)) })
        }
        do throws(StoreError) {
            return try open(access)
        } catch {
            guard access == .read, error.code == .unavailable || error.code == .damaged else {
                throw error
            }
            try await open(.rebuildIndex).close()
            return try open(.read)
        }
    }

    static func checkpointSize(_ note: [UInt8]) -> TreeSize? {
        guard let note = try? SignedNote(note) else { return nil }
        return try? Checkpoint(text: note.text).size
    }

    private static func checkpointRoot(_ note: [UInt8]) -> Root? {
        guard let note = try? SignedNote(note) else { return nil }
        return try? Checkpoint(text: note.text).root
    }

    /// What start-up did that whoever opened the ledger should know.
    package var startUp: [Phrase] {
        let report = fileStore.report
        var phrases: [Phrase] = []
        if report.lostCheckpoint {
            phrases.append(
                Phrase(
                    en: "the newest checkpoint could not be read; an older one stands in",
                    zh: "最新检查点无法读取，已改用较早的检查点"))
        }
        if report.cutBytes > 0 {
            phrases.append(
                Phrase(
                    en: "cut \(report.cutBytes) bytes that were never acknowledged, from "
                        + "\(report.cutAt)",
                    zh: "已截去从未确认的 \(report.cutBytes) 字节，起自 \(report.cutAt)"))
        }
        if report.rebuiltIndex {
            phrases.append(
                Phrase(
                    en: "made the index anew from \(report.replayed) records",
                    zh: "已从 \(report.replayed) 条记录重建索引"))
        }
        return phrases + tokenNotices
    }

    private static func make(
        _ folder: String, _ settings: LedgerSettings, _ origin: Origin, _ store: FileStore,
        _ access: Access, _ clock: LedgerClock, _ logger: Logger
    ) async throws(LedgerError) -> Ledger {
        let own = try await OwnRecords.read(store)
        let catalogue = try AdoptedCatalogues(ledger: folder).load(own.catalogue)
        var sequencer: Sequencer?
        var sealingDesk: SealingDesk?
        var notices: [Phrase] = []
        if access == .write {
            let signer = try own.signer(KeyRing(folder, settings), at: clock.wall())
            let new = Sequencer(
                store: store, signer: signer, origin: origin, catalogue: catalogue,
                book: try gates(catalogue), clock: clock, logger: logger)
            try await coverDurable(store, new)
            sequencer = new
            if DurableFile.exists(settings.vaultFolder(of: folder) + "/vault.sqlite") {
                sealingDesk = SealingDesk(
                    settings.vaultFolder(of: folder), origin: settings.origin, store, catalogue,
                    clock)
            }
            notices = try await tokenNotices(folder, settings.origin, store, at: clock.wall())
        }
        return Ledger(
            folder: folder, settings: settings, origin: origin, verifierKey: own.key,
            keys: own.keys, announcements: own.announcements, sm2Keys: own.sm2Keys,
            restores: own.restores, catalogue: catalogue, adoptions: own.adoptions,
            attachments: AttachmentFolder(ledger: folder),
            sequencer: sequencer,
            clock: clock, sealingDesk: sealingDesk, fileStore: store, tokenNotices: notices)
    }

    /// The rules that refuse, if there are any.
    private static func gates(_ catalogue: EventCatalogue) throws(LedgerError) -> RuleBook? {
        let refuses = catalogue.procedures.contains { $0.rules.contains { $0.level == .refuse } }
        return refuses ? try ruleBook(catalogue) : nil
    }

    /// Signs over records that a crash left durable but uncovered.
    private static func coverDurable(
        _ store: FileStore, _ sequencer: Sequencer
    ) async throws(LedgerError) {
        do throws(StoreError) {
            let covered = try await store.checkpoint().flatMap(checkpointSize)
            if await store.head().size != covered { try await sequencer.signWhatIsDurable() }
        } catch {
            throw LedgerError(error)
        }
    }

    /// A reader of submitted events; each task takes its own.
    package func intake(_ assertions: Intake.Assertions = .refused) -> Intake {
        let attachments = attachments
        return Intake(
            catalogue, clock: clock, assertions: assertions, seals: sealingDesk != nil
        ) {
            try attachments.holdsDurably($0)
        }
    }

    /// Proves records; whoever makes many proofs keeps one.
    package func proofMaker() -> ProofMaker {
        ProofMaker(store) { [fileStore] in await fileStore.distrustIndex() }
    }

    /// The newest checkpoint, its signature checked.
    package func checkpoint() async throws(LedgerError) -> VerifiedCheckpoint {
        let bytes: [UInt8]?
        do throws(StoreError) {
            bytes = try await store.checkpoint()
        } catch {
            throw LedgerError(error)
        }
        guard let bytes else {
            throw LedgerError(en: "the ledger has no checkpoint yet", zh: "账本尚无检查点")
        }
        do throws(CheckpointError) {
            return try VerifiedCheckpoint(verifying: bytes, of: origin, by: [verifierKey])
        } catch {
            throw LedgerError(
                en: "the newest checkpoint does not verify; run hanqing verify",
                zh: "最新检查点验证不通过；请运行 hanqing verify")
        }
    }

    /// Writes out what is in memory and lets go of the ledger.
    package func close() async throws(LedgerError) {
        try await sealingDesk?.close()
        do throws(StoreError) {
            try await fileStore.close()
        } catch {
            throw LedgerError(error)
        }
    }
}
