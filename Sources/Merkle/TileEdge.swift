package import Digests

extension Tile {
    /// The partial tiles on the right edge of a tree of this size, the lowest level first.
    ///
    /// Their hashes are all that its root needs.
    package static func edge(of size: TreeSize) -> [Tile] {
        (0...maximumLevel).compactMap { level in
            let count = hashCount(at: level, in: size)
            return Tile(level: level, index: count >> 8, width: Int(count & 255))
        }
    }

    /// The hash over the hashes of a full tile: one hash of the level above.
    package static func fold(_ hashes: some Collection<Digest>, _ hasher: MerkleHasher) -> Digest {
        precondition(hashes.count == fullWidth, "only a full tile is a complete subtree")
        var range = CompactRange(begin: 0)
        for hash in hashes { range.append(LeafHash(hash), hasher) }
        return range.nodes[0]
    }
}

/// The root of the tree of `size`, from the tiles of ``Tile/edge(of:)``.
///
/// `reading` gives exactly the hashes of the tile that it is asked for, or throws.
package func root<E: Error>(
    of size: TreeSize, _ hasher: MerkleHasher, reading: (Tile) throws(E) -> [Digest]
) throws(E) -> Root {
    var range = CompactRange(begin: 0)
    for tile in Tile.edge(of: size).reversed() {
        let hashes = try reading(tile)
        precondition(hashes.count == tile.width, "the reader gives the hashes it was asked for")
        for (index, hash) in zip(tile.hashes, hashes) {
            range.append(NodeID(level: tile.treeLevel, index: index), hash, hasher)
        }
    }
    return range.root(hasher)
}
