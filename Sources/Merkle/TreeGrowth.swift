package import Digests
import Synchronization

/// The leaves that a tree has just got, on the right edge that it had: enough to prove each of them
/// without asking for a stored hash.
package final class TreeGrowth: Sendable {
    private let before: CompactRange
    private let leaves: [LeafHash]
    /// Made when the first proof is asked for: most growth is never proved leaf by leaf.
    private let nodes = Mutex<[NodeID: Digest]?>(nil)

    /// `before` begins at 0.
    package init(_ before: CompactRange, _ leaves: [LeafHash]) {
        (self.before, self.leaves) = (before, leaves)
    }

    /// The size of the tree with all the leaves.
    package var size: TreeSize { TreeSize(before.end + UInt64(leaves.count)) }

    /// The audit path of RFC 6962 section 2.1.1 in the tree of ``size``; nil if the record is not
    /// one of the new ones.
    package func inclusionProof(of sequence: SequenceNumber) -> [Digest]? {
        guard sequence.rawValue >= before.end, size.covers(sequence) else { return nil }
        return nodes.withLock { nodes in
            let known = nodes ?? grown()
            nodes = known
            // A sibling left of the old edge is a whole subtree of it: its parent was not complete.
            let path = try? Merkle.inclusionProof(of: sequence, in: size, MerkleHasher()) {
                (node) throws(Missing) in
                guard let hash = known[node] else { throw Missing() }
                return hash
            }
            return path
        }
    }

    private struct Missing: Error {}

    private func grown() -> [NodeID: Digest] {
        var nodes = Dictionary(
            zip(subtrees(of: 0..<before.end), before.nodes), uniquingKeysWith: { first, _ in first }
        )
        let hasher = MerkleHasher()
        var edge = before
        for leaf in leaves {
            nodes[NodeID(level: 0, index: edge.end)] = leaf.digest
            edge.append(leaf, hasher) { nodes[$0] = $1 }
        }
        return nodes
    }
}
