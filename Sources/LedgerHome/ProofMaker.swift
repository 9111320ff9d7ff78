package import Digests
package import LedgerStore
package import Merkle
package import Records
package import Sequencing

/// Makes proofs from the hashes that a store keeps.
///
/// Hashes are fetched 256 at a time and kept for the next proof with all that is hashed from them,
/// so that proving the records of one batch costs little more than proving one.
package struct ProofMaker: Sendable {
    private let store: any EventStore
    /// Told when the stored hashes turned out wrong.
    private let distrust: @Sendable () async -> Void
    private var blocks: [Block: Pyramid] = [:]

    private struct Block: Hashable {
        let level: Int
        let index: UInt64
    }

    /// Hashes that are kept at most: 1,024 blocks of 16 KiB.
    private static let blocksMax = 1_024

    package init(
        _ store: any EventStore, distrusting: @escaping @Sendable () async -> Void = {}
    ) {
        (self.store, distrust) = (store, distrusting)
    }

    /// The inclusion proof of a record under a signed root, checked before anybody gets it: what
    /// is proved comes from the index, which is no evidence, unless `growth` has it.
    package nonisolated(nonsending) mutating func inclusion(
        of leaf: LeafHash, at sequence: SequenceNumber, in size: TreeSize, under root: Root,
        growth: TreeGrowth? = nil
    ) async throws(StoreError) -> [Digest] {
        let new = growth?.size == size ? growth?.inclusionProof(of: sequence) : nil
        let proof = if let new { new } else { try await inclusion(of: sequence, in: size) }
        do throws(ProofError) {
            try verifyInclusion(
                of: leaf, at: sequence, in: size, proof: proof, root: root, MerkleHasher())
        } catch {
            blocks.removeAll()
            await distrust()
            throw StoreError(
                .damaged,
                en: "record \(sequence) is there, but its proof does not give the signed root: the "
                    + "index is damaged. Delete the folder index, it is made anew; then ask again, "
                    + "and send events again for their receipts",
                zh: "记录 \(sequence) 在账，但其证明与已签名的树根不符：索引已损坏。请删除 index 目录（系统会重建），"
                    + "然后重试；如需回执请重发事件")
        }
        return proof
    }

    /// The inclusion proof of a record in the tree of `size`: RFC 6962 section 2.1.1.
    package mutating func inclusion(
        of sequence: SequenceNumber, in size: TreeSize
    ) async throws(StoreError) -> [Digest] {
        let nodes = wanted { read in
            _ = inclusionProof(of: sequence, in: size, MerkleHasher(), reading: read)
        }
        try await fetch(nodes, size)
        let hasher = MerkleHasher()
        return try inclusionProof(of: sequence, in: size, hasher) {
            (node) throws(StoreError) -> Digest in try hash(of: node)
        }
    }

    /// The consistency proof from `old` to `new`: RFC 6962 section 2.1.2.
    package mutating func consistency(
        from old: TreeSize, to new: TreeSize
    ) async throws(StoreError) -> [Digest] {
        let nodes = wanted { read in
            _ = consistencyProof(from: old, to: new, MerkleHasher(), reading: read)
        }
        try await fetch(nodes, new)
        let hasher = MerkleHasher()
        return try consistencyProof(from: old, to: new, hasher) {
            (node) throws(StoreError) -> Digest in try hash(of: node)
        }
    }

    /// The root of the tree of `size`: RFC 6962 section 2.1.
    package mutating func root(of size: TreeSize) async throws(StoreError) -> Root {
        let nodes = wanted { read in _ = compactRange(of: size, MerkleHasher(), reading: read) }
        try await fetch(nodes, size)
        let hasher = MerkleHasher()
        return try compactRange(of: size, hasher) {
            (node) throws(StoreError) -> Digest in try hash(of: node)
        }.root(hasher)
    }

    /// Receipts for what a submission became; full ones carry proof and checkpoint.
    package nonisolated(nonsending) mutating func receipts(
        for acceptance: Acceptance, _ events: [ValidatedEvent], full: Bool
    ) async throws(StoreError) -> [Receipt] {
        let checkpoint = full ? String(decoding: acceptance.checkpoint, as: UTF8.self) : nil
        var receipts: [Receipt] = []
        receipts.reserveCapacity(events.count)
        for (place, event) in zip(acceptance.places, events) {
            var proof: [Digest]?
            if full {
                proof = try await inclusion(
                    of: place.leafHash, at: place.sequence, in: acceptance.size,
                    under: acceptance.root, growth: acceptance.growth)
            }
            var receipt = Receipt(
                sequence: place.sequence, leafHash: place.leafHash,
                stream: event.event.text(event.event.subject), revision: place.revision,
                source: event.event.string(event.event.source),
                id: event.event.string(event.event.id), isRepeat: place.isRepeat,
                checkpoint: checkpoint, proof: proof)
            receipt.isCompared = place.isCompared
            receipts.append(receipt)
        }
        return receipts
    }

    // MARK: Hashes

    /// The nodes that `prove` asks for; it gets no true hashes yet.
    private func wanted(_ prove: ((NodeID) -> Digest) -> Void) -> [NodeID] {
        var nodes: [NodeID] = []
        prove { node in
            nodes.append(node)
            return .zero
        }
        return nodes
    }

    private mutating func fetch(_ nodes: [NodeID], _ size: TreeSize) async throws(StoreError) {
        if blocks.count > ProofMaker.blocksMax { blocks.removeAll() }
        for node in nodes {
            let height = node.level % StoredLevels.step
            let level = node.level - height
            let first = node.index << UInt64(height)
            let block = Block(level: level, index: first / StoredLevels.width)
            let last = first + (1 << UInt64(height))
            let begin = block.index * StoredLevels.width
            if let known = blocks[block], begin + UInt64(known.count) >= last { continue }
            let end = min(
                begin + StoredLevels.width, StoredLevels.count(at: level, in: size))
            let hashes = try await store.hashes(level: level, begin..<end)
            blocks[block] = Pyramid(hashes, MerkleHasher())
        }
    }

    private func hash(of node: NodeID) throws(StoreError) -> Digest {
        let height = node.level % StoredLevels.step
        let first = node.index << UInt64(height)
        let block = Block(level: node.level - height, index: first / StoredLevels.width)
        let begin = block.index * StoredLevels.width
        guard let hash = blocks[block]?.hash(height: height, Int(first - begin) >> height) else {
            throw StoreError(.notFound, en: "hashes are missing", zh: "缺少哈希")
        }
        return hash
    }
}

/// Up to 256 neighbouring hashes of a stored level, and the complete subtrees over them.
private struct Pyramid {
    /// The stored hashes first; each level has half as many as the one below, rounded down.
    private var levels: [[Digest]]

    init(_ hashes: [Digest], _ hasher: MerkleHasher) {
        levels = [hashes]
        while levels.count < StoredLevels.step, let below = levels.last, below.count > 1 {
            levels.append(
                (0..<below.count / 2).map { hasher.node(below[2 * $0], below[2 * $0 + 1]) })
        }
    }

    /// How many stored hashes there are.
    var count: Int { levels[0].count }

    /// The hash of the subtree of `1 << height` stored hashes at `place`, if it is complete.
    func hash(height: Int, _ place: Int) -> Digest? {
        guard height < levels.count, place < levels[height].count else { return nil }
        return levels[height][place]
    }
}
