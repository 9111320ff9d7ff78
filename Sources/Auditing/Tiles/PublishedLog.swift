package import Checkpoints
package import Digests
package import Merkle
import Phrases
import Records

/// What a published log says of single records and of its past, proved under one checkpoint.
///
/// Tiles are nobody's word: every answer was checked against the signed root, and what does not
/// lead there is no answer.
package struct PublishedLog: Sendable {
    package let checkpoint: VerifiedCheckpoint
    private let reader: any TileReader
    private var hashes: [Tile: [Digest]] = [:]
    private var hasher: MerkleHasher { MerkleHasher() }

    package static let checkpointFile = "checkpoint"

    package init(_ reader: any TileReader, _ checkpoint: VerifiedCheckpoint) {
        (self.reader, self.checkpoint) = (reader, checkpoint)
    }

    /// The newest checkpoint at a place, as it stands there.
    package static func note(at reader: any TileReader) async throws(SourceError) -> [UInt8] {
        let limit = SignedNote.maximumByteCount + 1
        guard let note = try await reader.file(checkpointFile, limit: limit) else {
            throw SourceError(
                checkpointFile,
                Phrase(en: "there is no checkpoint there", zh: "该处没有检查点"))
        }
        return note
    }

    /// The root that the log had at an earlier size, and the proof that it grew from there.
    package struct Past: Sendable {
        package let root: Root
        package let consistency: [Digest]
    }

    /// Throws ``SourceError`` unless a proof leads to the signed root; `size` is at least 1.
    package mutating func past(at size: TreeSize) async throws(SourceError) -> Past {
        let newest = checkpoint.size
        var nodes: [NodeID] = []
        func ask(_ node: NodeID) -> Digest {
            nodes.append(node)
            return .zero
        }
        _ = rootHash(of: size, hasher, reading: ask)
        _ = consistencyProof(from: size, to: newest, hasher, reading: ask)
        try await fetch(nodes)
        let root = rootHash(of: size, hasher, reading: hash)
        let proof = consistencyProof(from: size, to: newest, hasher, reading: hash)
        do throws(ProofError) {
            try verifyConsistency(
                from: size, to: newest, oldRoot: root, newRoot: checkpoint.root, proof: proof,
                hasher)
        } catch {
            throw .doNotFit
        }
        return Past(root: root, consistency: proof)
    }

    /// The leaf hash at a number, and the proof that it is there.
    package mutating func leaf(
        at sequence: SequenceNumber
    ) async throws(SourceError) -> ForkEvidence.Leaf {
        let newest = checkpoint.size
        var nodes = [NodeID(level: 0, index: sequence.rawValue)]
        _ = inclusionProof(of: sequence, in: newest, hasher) { node in
            nodes.append(node)
            return .zero
        }
        try await fetch(nodes)
        let leaf = LeafHash(hash(nodes[0]))
        let proof = inclusionProof(of: sequence, in: newest, hasher, reading: hash)
        do throws(ProofError) {
            try verifyInclusion(
                of: leaf, at: sequence, in: newest, proof: proof, root: checkpoint.root, hasher)
        } catch {
            throw .doNotFit
        }
        return ForkEvidence.Leaf(hash: leaf, proof: proof)
    }

    /// The lines of the records from `sequence` to the end of its bundle; nil where no records are
    /// published.
    ///
    /// Nothing vouches for them but ``leaf(at:)``.
    package func lines(
        from sequence: SequenceNumber
    ) async throws(SourceError) -> [[UInt8]]? {
        guard let tile = Tile(level: 0, holding: sequence.rawValue, in: checkpoint.size) else {
            return []
        }
        switch try await reader.lines(tile) {
        case .found(let lines):
            return Array(lines.dropFirst(Int(sequence.rawValue - tile.hashes.lowerBound)))
        case .missing: return nil
        case .malformed: throw .doNotFit
        }
    }

    // MARK: - Hashes

    private mutating func fetch(_ nodes: [NodeID]) async throws(SourceError) {
        for tile in Set(nodes.compactMap(tile)) where hashes[tile] == nil {
            switch try await reader.hashes(tile) {
            case .found(let found): hashes[tile] = found
            case .malformed: throw .doNotFit
            case .missing:
                throw SourceError(
                    tile.path,
                    Phrase(
                        en: "\(tile.path) is not there; nothing can be said without it",
                        zh: "缺少 \(tile.path)，无法作出结论"))
            }
        }
    }

    /// The tile in which the hashes under a complete subtree stand.
    private func tile(_ node: NodeID) -> Tile? {
        let height = node.level % StoredLevels.step
        return Tile(
            level: node.level / StoredLevels.step, holding: node.index << UInt64(height),
            in: checkpoint.size)
    }

    /// Of what was fetched; what was not gives no proof.
    private func hash(_ node: NodeID) -> Digest {
        StoredLevels.hash(of: node, hasher) { _, indexes in
            guard let tile = tile(node), let all = hashes[tile] else {
                return indexes.map { _ in .zero }
            }
            let first = Int(indexes.lowerBound - tile.hashes.lowerBound)
            return Array(all[first..<first + indexes.count])
        }
    }
}

extension SourceError {
    /// What is there is not what was signed; who mixed it up cannot be told.
    fileprivate static let doNotFit = SourceError(
        "tile",
        Phrase(
            en: "the tiles there do not belong to the checkpoint there; nothing can be said "
                + "without them",
            zh: "该处的分块与该处的检查点不符，无法作出结论"))
}
