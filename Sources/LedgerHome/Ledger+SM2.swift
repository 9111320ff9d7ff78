import CanonicalJSON
package import Checkpoints
package import Digests
import DurableFiles
import LedgerStore
package import Logging
package import Merkle
import Records
package import Sequencing

extension Ledger {
    /// Gives the ledger in `folder` an SM2 key beside the one in force: Specs/shangmi.md.
    ///
    /// After a crash the same call goes on where it was.
    package static func addSM2Key(
        _ folder: String, _ plan: KeyChangePlan, clock: LedgerClock = .system, logger: Logger
    ) async throws -> (sequence: SequenceNumber?, key: SM2VerifierKey) {
        try await changing(folder, plan) { change in
            let ring = change.ring
            let own = try await OwnRecords.read(change.store)
            let signer = try own.signer(ring, at: clock.wall())
            let key: SM2SignerKey
            if let kept = try ring.sm2Key() {
                key = kept
            } else {
                key = SM2SignerKey(name: ring.name, privateKey: .generate())
                try ring.save(key)
            }
            guard !own.sm2Keys.contains(key.verifierKey) else { return (nil, key.verifierKey) }
            let sequence = try await change.announce(
                "ledger.key-rotated",
                plan.order.members(and: [
                    JSONMember(
                        "keys",
                        [
                            .string(own.key.description),
                            .string(key.verifierKey.description),
                        ])
                ]), signer, own, clock, logger)
            return (sequence, key.verifierKey)
        }
    }

    /// Signs the newest checkpoint with SM2 too, over the SM3 root of the same records, and keeps
    /// it as `checkpoints/sm2`.
    ///
    /// Appending does not wait for this, and is not touched by it.
    package func signSM2(
        progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }
    ) async throws -> (checkpoint: VerifiedCheckpoint, root: Digest) {
        let ring = try KeyRing(folder, settings)
        guard let key = try ring.sm2Key(), sm2Keys.contains(key.verifierKey) else {
            throw LedgerError(
                en: "the ledger has no SM2 key: hanqing key add-sm2 makes one",
                zh: "账本没有 SM2 密钥：请用 hanqing key add-sm2 生成")
        }
        let newest = try await checkpoint()
        do {
            let leaves = try SM3Leaves(folder, self)
            let root = try await leaves.root(over: newest.size, store, progress)
            var note = newest.note
            note.add(key.sign(note.text, root: root))
            try DurableFile.replace(folder + "/checkpoints/sm2", with: note.bytes)
            let whole = try VerifiedCheckpoint(
                verifying: note.bytes, of: origin, by: [verifierKey])
            return (whole, root)
        } catch let error as FileError {
            throw LedgerError([error.phrase])
        } catch let error as StoreError {
            throw LedgerError(error)
        }
    }
}

/// What the records hash to by SM3: `checkpoints/sm3-leaves`, 32 bytes each.
///
/// With them only new records are read, and a record that is withheld later still has its place in
/// the tree. They are believed only if they give a root that was signed before.
private struct SM3Leaves {
    private let file: ByteFile
    private let path: String
    private let signed: (size: UInt64, root: Digest)?
    private let hasher = SM3Tree()

    private static let linesAtOnce = 4096

    init(_ folder: String, _ ledger: Ledger) throws {
        path = folder + "/checkpoints/sm3-leaves"
        file = try ByteFile(path, .create)
        let limit = SignedNote.maximumByteCount
        let bytes = try DurableFile.contents(folder + "/checkpoints/sm2", limit: limit)
        guard let note = bytes.flatMap({ try? SignedNote($0) }),
            let size = try? Checkpoint(text: note.text).size.rawValue,
            let root = ledger.sm2Keys.lazy.compactMap({ (try? $0.root(in: note)) ?? nil }).first
        else {
            signed = nil
            return
        }
        signed = (size, root)
    }

    func root(
        over size: TreeSize, _ store: any EventStore,
        _ progress: (_ done: UInt64, _ total: UInt64) -> Void
    ) async throws -> Digest {
        let tree = try kept(within: size.rawValue)
        while tree.count < size.rawValue {
            let first = tree.count
            let left = Int(clamping: size.rawValue - first)
            let lines = try await store.lines(
                from: SequenceNumber(first), limit: min(left, SM3Leaves.linesAtOnce))
            guard !lines.isEmpty else { throw StoreError(noRecord: SequenceNumber(first)) }
            var bytes: [UInt8] = []
            for line in lines {
                let leaf = try line.withUnsafeBytes { try self.leaf($0, tree.count) }
                tree.append(leaf: leaf)
                bytes += leaf.bytes
            }
            try file.write(bytes, at: Int(first) * Digest.byteCount)
            progress(tree.count, size.rawValue)
        }
        try file.sync()
        try DurableFile.syncFolder(DurableFile.parent(path))
        return tree.root
    }

    private func leaf(_ line: UnsafeRawBufferPointer, _ place: UInt64) throws -> Digest {
        guard WithheldLine(line) == nil else {
            throw LedgerError(
                en: "record \(place) is withheld, and what it hashed to by SM3 was not kept: no "
                    + "SM3 root can be made",
                zh: "记录 \(place) 已遮蔽，且未留存其 SM3 哈希：无法计算 SM3 树根")
        }
        return hasher.leaf(line)
    }

    /// The tree over the leaves that are kept and that a signature covers.
    private func kept(within size: UInt64) throws -> SM3Tree {
        guard let signed, signed.size <= size else { return SM3Tree() }
        let tree = SM3Tree()
        while tree.count < signed.size {
            let count = Int(min(signed.size - tree.count, 8192)) * Digest.byteCount
            let bytes = try file.read(count, at: Int(tree.count) * Digest.byteCount)
            guard bytes.count == count else { return SM3Tree() }
            for start in stride(from: 0, to: count, by: Digest.byteCount) {
                guard let leaf = Digest(bytes[start..<start + Digest.byteCount]) else { break }
                tree.append(leaf: leaf)
            }
        }
        return tree.root == signed.root ? tree : SM3Tree()
    }
}
