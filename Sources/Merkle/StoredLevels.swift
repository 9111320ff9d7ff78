package import Digests

/// The levels of the tree whose hashes are kept: 0 (the leaves), 8, 16 and so on, each the hashes
/// of complete subtrees 256 times as wide as the level below.
///
/// Specs/tree.md section 5.
package enum StoredLevels {
    /// Levels between two stored ones.
    package static let step = 8
    /// Hashes of one stored level that make one of the next.
    package static let width: UInt64 = 256

    package static func contains(_ node: NodeID) -> Bool {
        node.level.isMultiple(of: step)
    }

    /// How many hashes of a stored level a tree of this size has: only complete subtrees count.
    package static func count(at level: Int, in size: TreeSize) -> UInt64 {
        size.rawValue >> level
    }

    /// The hash of any complete subtree, folded from at most 128 hashes of the nearest stored level
    /// at or below it.
    ///
    /// `reading` gets that level (0, 8, 16 …) and the indexes of consecutive hashes in it; it must
    /// give exactly these, or throw.
    package static func hash<E: Error>(
        of node: NodeID, _ hasher: MerkleHasher,
        reading: (_ level: Int, _ indexes: Range<UInt64>) throws(E) -> [Digest]
    ) throws(E) -> Digest {
        let height = node.level % step
        let first = node.index << height
        var hashes = try reading(node.level - height, first..<first + 1 << height)
        precondition(hashes.count == 1 << height, "the reader gives the hashes it was asked for")
        while hashes.count > 1 { foldPairs(&hashes, hasher) }
        return hashes[0]
    }

    private static func foldPairs(_ hashes: inout [Digest], _ hasher: MerkleHasher) {
        let half = hashes.count / 2
        for index in 0..<half {
            hashes[index] = hasher.node(hashes[2 * index], hashes[2 * index + 1])
        }
        hashes.removeLast(half)
    }
}
