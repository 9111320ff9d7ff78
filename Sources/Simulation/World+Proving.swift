import Digests
import LedgerStore
import Merkle
import Records

extension World {
    /// Proofs from the store's hashes, against those of the definition.
    func proveReceipts() async throws {
        guard !receipts.isEmpty else { return }
        let receipt = maker.pick(receipts)
        try await proveInclusion(receipt)
        let other = maker.pick(receipts)
        try await proveConsistency(
            receipt.size < other.size ? receipt : other, receipt.size < other.size ? other : receipt
        )
    }

    private func proveInclusion(_ receipt: GivenReceipt) async throws {
        let (place, size) = (
            SequenceNumber(UInt64(receipt.sequence)), TreeSize(UInt64(receipt.size))
        )
        let proof = try await fromHashes { read in
            inclusionProof(of: place, in: size, MerkleHasher(), reading: read)
        }
        try expect(
            proof == model.tree.path(receipt.sequence, receipt.size),
            "the proof of record \(place) in \(size) is another")
        try verifyInclusion(
            of: LeafHash(receipt.leaf), at: place, in: size, proof: proof, root: receipt.root,
            MerkleHasher())
        trace.add("proof \(place) \(size) \(proof.count)")
    }

    private func proveConsistency(_ old: GivenReceipt, _ new: GivenReceipt) async throws {
        let (oldSize, newSize) = (TreeSize(UInt64(old.size)), TreeSize(UInt64(new.size)))
        let proof = try await fromHashes { read in
            consistencyProof(from: oldSize, to: newSize, MerkleHasher(), reading: read)
        }
        try expect(
            proof == model.tree.consistency(old.size, new.size),
            "the proof from \(old.size) to \(new.size) is another")
        try verifyConsistency(
            from: oldSize, to: newSize, oldRoot: old.root, newRoot: new.root, proof: proof,
            MerkleHasher())
        trace.add("consistency \(oldSize) \(newSize) \(proof.count)")
    }

    /// Asks `prove` which nodes it wants, fetches them, and lets it prove.
    private func fromHashes(
        _ prove: ((NodeID) -> Digest) -> [Digest]
    ) async throws -> [Digest] {
        var wanted: [NodeID] = []
        _ = prove { node in
            wanted.append(node)
            return .zero
        }
        let store = try live().store
        var hashes: [NodeID: Digest] = [:]
        for node in wanted {
            let height = node.level % StoredLevels.step
            let first = node.index << UInt64(height)
            let found = try await store.hashes(
                level: node.level - height, first..<first + (1 << UInt64(height)))
            hashes[node] = StoredLevels.hash(of: node, MerkleHasher()) { _, _ in found }
        }
        return prove { hashes[$0] ?? .zero }
    }
}
