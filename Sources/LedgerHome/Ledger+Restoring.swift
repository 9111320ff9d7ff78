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
        /// The person and unit that order it, and another person who approves.
        package var person: String
        package var unit: String
        package var approver: String
        package var reason: String
        /// Where newer checkpoints were asked for, and what was there.
        package var asked: [String]
        package var seen: [SeenCheckpoint]
        /// Where the old key is, if it is not in the ledger's folder.
        package var oldKeyFile: String?

        package init(
            person: String, unit: String, approver: String, reason: String, asked: [String],
            seen: [SeenCheckpoint], oldKeyFile: String?
        ) {
            (self.person, self.unit, self.approver) = (person, unit, approver)
            (self.reason, self.asked, self.seen) = (reason, asked, seen)
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
        guard plan.approver != plan.person else {
            throw LedgerError(
                en: "the approver must be another person than \(plan.person)",
                zh: "批准人不能与经办人 \(plan.person) 为同一人")
        }
        let settings = try LedgerSettings(folder: folder)
        let store = try await openStore(folder, settings, .write) { _ in }
        do {
            let finish = try await RestoreFinish(folder, settings, plan, store, clock, logger)
            let outcome = try await finish.run()
            try await store.close()
            return outcome
        } catch {
            try? await store.close()
            throw (error as? StoreError).map(LedgerError.init)
                ?? (error as? FileError).map { LedgerError([$0.phrase]) } ?? error
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
    /// The record that a crashed attempt has written already.
    private let recorded: Restore?

    private static let newKey = "ledger.key.new"

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
        let kept = try RestoredMark.size(in: folder)
        recorded = own.restores.last.flatMap { $0.sequence.rawValue == kept ? $0 : nil }
    }

    func run() async throws -> Ledger.RestoreOutcome {
        let head = await store.head()
        let size = recorded.map { TreeSize($0.sequence.rawValue) } ?? head.size
        let newest = try await newestSeen(beyond: size)
        let old = try oldKey()
        let key = try newKey()
        if recorded == nil { try await record(key, newest, size) }
        let sequence = SequenceNumber(size.rawValue)
        let isVouched = try await vouch(for: key, by: old, sequence)
        try retireOldKey(key)
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

    // MARK: Keys

    private static func secret(_ folder: String, _ name: String) throws -> String? {
        try DurableFile.contents("\(folder)/keys/\(name)", limit: 4096)
            .map { String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self) }
    }

    /// The key that was in force before the restore, if it is at hand.
    private func oldKey() throws -> SignerKey? {
        let place = recorded == nil ? own.keys.count - 1 : own.keys.count - 2
        let expected = own.keys[max(0, place)]
        if let file = plan.oldKeyFile { return try LedgerKey.read(file, expecting: expected) }
        return try? LedgerKey.load(folder, expecting: expected)
    }

    /// Durable before the record that announces it.
    private func newKey() throws -> SignerKey {
        if let text = try RestoreFinish.secret(folder, RestoreFinish.newKey),
            let key = try? SignerKey(secretText: text)
        {
            return key
        }
        if let recorded { return try LedgerKey.load(folder, expecting: recorded.key) }
        let key = SignerKey.generate(name: own.key.name)
        try LedgerKey.save(key, folder, as: RestoreFinish.newKey)
        return key
    }

    /// The old key's word for the new one: Specs/checkpoint.md section 7.
    private func vouch(
        for key: SignerKey, by old: SignerKey?, _ sequence: SequenceNumber
    ) async throws -> Bool {
        let digits = String(sequence.rawValue)
        let name = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        let path = "\(folder)/checkpoints/keys/\(name)"
        if DurableFile.exists(path) { return true }
        guard let old else { return false }
        var prover = ProofMaker(store)
        let size = TreeSize(sequence.rawValue + 1)
        let checkpoint = Checkpoint(
            origin: origin, size: size, root: try await prover.root(of: size))
        let note = SignedNote(
            text: checkpoint.text,
            signatures: [old.sign(checkpoint.text), key.sign(checkpoint.text)])
        try DurableFile.makeFolders(DurableFile.parent(path))
        try DurableFile.replace(path, with: note.bytes)
        return true
    }

    private func retireOldKey(_ key: SignerKey) throws {
        let keys = folder + "/keys"
        guard DurableFile.exists("\(keys)/\(RestoreFinish.newKey)") else { return }
        if let text = try RestoreFinish.secret(folder, "ledger.key"),
            let old = try? SignerKey(secretText: text), old.verifierKey != key.verifierKey
        {
            try DurableFile.makeFolders(keys + "/retired", mode: 0o700)
            try DurableFile.move(
                keys + "/ledger.key", to: "\(keys)/retired/\(old.verifierKey.id).key")
        }
        try DurableFile.move("\(keys)/\(RestoreFinish.newKey)", to: keys + "/ledger.key")
    }

    // MARK: The record

    private func record(
        _ key: SignerKey, _ newest: VerifiedCheckpoint?, _ size: TreeSize
    ) async throws {
        var members: [JSONMember] = [
            JSONMember("approver", .string(plan.approver)),
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
        members += [
            JSONMember(
                "operator", ["person": .string(plan.person), "unit": .string(plan.unit)]),
            JSONMember("reason", .string(plan.reason)),
        ]
        let event = OwnEvents(origin: origin.text).event(
            type: "ledger.restored", stream: .ledgerSelf, time: clock.wall(),
            data: .object(members))
        guard let event else {
            throw LedgerError(en: "impossible event", zh: "事件无效")
        }
        let sequencer = Sequencer(
            store: store, key: key, origin: origin,
            catalogue: try AdoptedCatalogues(ledger: folder).load(own.catalogue), clock: clock,
            logger: logger)
        _ = try await sequencer.submit(Submission([event], recorder: Recorder.ledger))
    }
}
