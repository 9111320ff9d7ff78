import CanonicalJSON
import Checkpoints
import DurableFiles
import FileStore
import LedgerStore
import Logging
import Merkle
import Records
import Sequencing

extension OwnRecords {
    /// Who signs from now on: the key in force and, while they overlap, the one before it.
    func signer(
        _ ring: KeyRing, at moment: Timestamp
    ) throws(LedgerError) -> CheckpointSigner {
        if ring.hasCommand, let last = announcements.last, isUnvouched(last, ring) {
            throw KeyRing.interrupted
        }
        let signer = try ring.signer(for: key)
        guard keys.count > 1, let until = announcements.last?.overlapUntil, moment < until,
            let old = (try? ring.retired(keys[keys.count - 2])) ?? nil
        else { return CheckpointSigner(signer) }
        return CheckpointSigner(signer, overlap: .init(key: old, until: until))
    }
}

extension OwnRecords {
    /// Whether a change of key stopped before the old key vouched for the new one.
    fileprivate func isUnvouched(_ announcement: KeyAnnouncement, _ ring: KeyRing) -> Bool {
        keys.count > 1 && announcement.type == "ledger.key-rotated" && announcement.revoked == nil
            && !DurableFile.exists(KeyChange.notePath(ring, announcement.sequence))
    }
}

/// The steps by which a ledger gets a new key: Specs/checkpoint.md section 7.
///
/// The new key is durable before a record announces it; the old one vouches before it is retired.
/// Each step can be repeated after a crash.
struct KeyChange {
    let ring: KeyRing
    let origin: Origin
    let store: FileStore

    /// Whether a record announces the key that waits to take its place, or the one that is held
    /// elsewhere.
    func isAnnounced(_ own: OwnRecords, external: VerifierKey? = nil) throws -> Bool {
        try (external ?? ring.waiting()?.verifierKey) == own.key
    }

    /// Who signs as the key that is, or until the announcement was, in force; nil if nobody here.
    func oldKey(
        _ own: OwnRecords, isAnnounced: Bool, file: String? = nil
    ) throws -> (any NoteSigner)? {
        let place = own.keys.count - (isAnnounced ? 2 : 1)
        let expected = own.keys[max(0, place)]
        if let file { return try ring.read(file, expecting: expected) }
        // One that is there and cannot be read is no reason to go on without it: then nothing would
        // vouch for the new key.
        return try ring.anybody(for: expected)
    }

    /// Durable before the record that announces it.
    func newKey(
        _ own: OwnRecords, isAnnounced: Bool, external: VerifierKey? = nil
    ) throws -> any NoteSigner {
        if let external {
            guard let key = try ring.anybody(for: external), !(key is SignerKey) else {
                throw LedgerError(
                    en: "a key that is held elsewhere needs signer.command in ledger.yaml",
                    zh: "由外部程序保管的密钥须在 ledger.yaml 中设置 signer.command")
            }
            return key
        }
        if let key = try ring.waiting() {
            try ring.syncWaiting()
            return key
        }
        if isAnnounced { return try ring.signer(for: own.key) }
        let key = SignerKey.generate(name: own.key.name)
        try ring.save(key, as: KeyRing.newFile)
        return key
    }

    /// Records the announcement and signs it with the new key.
    func announce(
        _ type: String, _ members: [JSONMember], _ signer: CheckpointSigner, _ own: OwnRecords,
        _ clock: LedgerClock, _ logger: Logger
    ) async throws -> SequenceNumber {
        let event = OwnEvents(origin: origin.text).event(
            type: type, stream: .ledgerSelf, time: clock.wall(), data: .object(members))
        guard let event else { throw LedgerError(en: "impossible event", zh: "事件无效") }
        let sequencer = Sequencer(
            store: store, signer: signer, origin: origin,
            catalogue: try AdoptedCatalogues(ledger: ring.folder).load(own.catalogue), clock: clock,
            logger: logger)
        let answer = try await sequencer.submit(Submission([event], recorder: Recorder.ledger))
        guard case .accepted(let acceptance) = answer, let place = acceptance.places.first else {
            throw LedgerError(
                en: "\(type) was not recorded: try again", zh: "\(type) 未能入账，请重试")
        }
        return place.sequence
    }

    fileprivate static func notePath(_ ring: KeyRing, _ sequence: SequenceNumber) -> String {
        let digits = String(sequence.rawValue)
        let name = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        return "\(ring.folder)/checkpoints/keys/\(name)"
    }

    /// The old key's word for the new one, over the log up to the announcement.
    func vouch(
        for key: any NoteSigner, by old: (any NoteSigner)?, _ sequence: SequenceNumber
    ) async throws -> Bool {
        let path = KeyChange.notePath(ring, sequence)
        if DurableFile.exists(path) {
            // A process that was killed may have left the name, and its folder's, unsynced.
            let parent = DurableFile.parent(path)
            try DurableFile.syncFolder(parent)
            try DurableFile.syncFolder(DurableFile.parent(parent))
            return true
        }
        guard let old else { return false }
        var prover = ProofMaker(store)
        let size = TreeSize(sequence.rawValue + 1)
        let checkpoint = Checkpoint(
            origin: origin, size: size, root: try await prover.root(of: size))
        let note = SignedNote(
            text: checkpoint.text,
            signatures: [
                try await old.signature(of: checkpoint.text),
                try await key.signature(of: checkpoint.text),
            ])
        try DurableFile.makeFolders(DurableFile.parent(path))
        try DurableFile.replace(path, with: note.bytes)
        return true
    }
}
