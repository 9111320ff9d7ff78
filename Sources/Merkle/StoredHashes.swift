package import Digests

/// Trees of which only the hashes of complete subtrees of 256, 65,536 and so on leaves are stored
/// beside the leaves: Specs/tree.md section 3.
///
/// `read` gives the stored hashes of a level (0 are the leaves, 1 the subtrees of 256 leaves) in a
/// range of indexes; it is asked for complete subtrees alone.
package enum StoredHashes {
    package static let bitsPerLevel = 8

    /// The root of a complete subtree, folded from the nearest stored level below.
    package static func node<Failure: Error>(
        _ id: NodeID, _ hasher: MerkleHasher,
        read: (_ level: Int, _ range: Range<UInt64>) throws(Failure) -> [Digest]
    ) throws(Failure) -> Digest {
        let level = id.level / bitsPerLevel
        let rest = UInt64(id.level % bitsPerLevel)
        var hashes = try read(level, id.index << rest..<(id.index + 1) << rest)
        while hashes.count > 1 {
            for place in 0..<hashes.count / 2 {
                hashes[place] = hasher.node(hashes[2 * place], hashes[2 * place + 1])
            }
            hashes.removeLast(hashes.count / 2)
        }
        return hashes[0]
    }

    /// The right edge of the tree over the first `size` leaves.
    package static func edge<Failure: Error>(
        of size: TreeSize, _ hasher: MerkleHasher,
        read: (_ level: Int, _ range: Range<UInt64>) throws(Failure) -> [Digest]
    ) throws(Failure) -> CompactRange {
        var edge = CompactRange(begin: 0)
        for subtree in subtrees(of: 0..<size.rawValue) {
            edge.append(subtree, try node(subtree, hasher, read: read), hasher)
        }
        return edge
    }
}
