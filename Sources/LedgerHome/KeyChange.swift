import CanonicalJSON
import Checkpoints
import DurableFiles
import FileStore
import LedgerStore
import Logging
import Merkle
import Records
import Sequencing

/// The steps by which a ledger gets a new key: Specs/checkpoint.md section 7.
///
/// The new key is durable before a record announces it; the old one vouches before it is retired.
/// Each step can be repeated after a crash.
struct KeyChange {
    let folder: String
    let origin: Origin
    let store: FileStore

    private static let newFile = "ledger.key.new"

    /// A key that waits to be announced or to take its place.
    static func waitingKey(_ folder: String) throws(FileError) -> SignerKey? {
        try secret(folder, newFile).flatMap { try? SignerKey(secretText: $0) }
    }

    private static func secret(
        _ folder: String, _ name: String
    ) throws(FileError) -> String? {
        try DurableFile.contents("\(folder)/keys/\(name)", limit: 4096)
            .map { String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self) }
    }

    /// The key that is, or until the announcement was, in force; nil if it is not at hand.
    func oldKey(_ own: OwnRecords, isAnnounced: Bool, file: String?) throws -> SignerKey? {
        let place = own.keys.count - (isAnnounced ? 2 : 1)
        let expected = own.keys[max(0, place)]
        if let file { return try LedgerKey.read(file, expecting: expected) }
        // One that is there and cannot be read is no reason to go on without it: then nothing would
        // vouch for the new key.
        guard let text = try KeyChange.secret(folder, "ledger.key"),
            let key = try? SignerKey(secretText: text), key.verifierKey == expected
        else { return nil }
        return key
    }

    /// Durable before the record that announces it.
    func newKey(_ own: OwnRecords, isAnnounced: Bool) throws -> SignerKey {
        if let key = try KeyChange.waitingKey(folder) {
            // A process that was killed may have left it unsynced.
            try ByteFile("\(folder)/keys/\(KeyChange.newFile)", .read).sync()
            try DurableFile.syncFolder(folder + "/keys")
            return key
        }
        if isAnnounced { return try LedgerKey.load(folder, expecting: own.key) }
        let key = SignerKey.generate(name: own.key.name)
        try LedgerKey.save(key, folder, as: KeyChange.newFile)
        return key
    }

    /// Records the announcement and signs it with the new key.
    func announce(
        _ type: String, _ members: [JSONMember], _ key: SignerKey, _ own: OwnRecords,
        _ clock: LedgerClock, _ logger: Logger
    ) async throws {
        let event = OwnEvents(origin: origin.text).event(
            type: type, stream: .ledgerSelf, time: clock.wall(), data: .object(members))
        guard let event else { throw LedgerError(en: "impossible event", zh: "事件无效") }
        let sequencer = Sequencer(
            store: store, key: key, origin: origin,
            catalogue: try AdoptedCatalogues(ledger: folder).load(own.catalogue), clock: clock,
            logger: logger)
        _ = try await sequencer.submit(Submission([event], recorder: Recorder.ledger))
    }

    /// The old key's word for the new one, over the log up to the announcement.
    func vouch(
        for key: SignerKey, by old: SignerKey?, _ sequence: SequenceNumber
    ) async throws -> Bool {
        let digits = String(sequence.rawValue)
        let name = String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        let path = "\(folder)/checkpoints/keys/\(name)"
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
            signatures: [old.sign(checkpoint.text), key.sign(checkpoint.text)])
        try DurableFile.makeFolders(DurableFile.parent(path))
        try DurableFile.replace(path, with: note.bytes)
        return true
    }

    /// Puts the new key in the old one's place, which goes to `keys/retired/`.
    func retire(for key: SignerKey) throws(FileError) {
        let keys = folder + "/keys"
        guard DurableFile.exists("\(keys)/\(KeyChange.newFile)") else { return }
        if let text = try KeyChange.secret(folder, "ledger.key"),
            let old = try? SignerKey(secretText: text), old.verifierKey != key.verifierKey
        {
            try DurableFile.makeFolders(keys + "/retired", mode: 0o700)
            try DurableFile.syncFolder(keys)
            try DurableFile.move(
                keys + "/ledger.key", to: "\(keys)/retired/\(old.verifierKey.id).key")
        }
        try DurableFile.move("\(keys)/\(KeyChange.newFile)", to: keys + "/ledger.key")
    }
}
