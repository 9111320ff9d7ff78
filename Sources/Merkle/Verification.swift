package import Digests

/// Checks that the tree with this root holds `leaf` at `sequence`.
///
/// RFC 9162 section 2.1.3.2; Specs/tree.md section 4.
package func verifyInclusion(
    of leaf: LeafHash, at sequence: SequenceNumber, in size: TreeSize, proof: [Digest],
    root: Root, _ hasher: MerkleHasher
) throws(ProofError) {
    try verifyInclusion(
        of: leaf, at: sequence, in: Subtree(of: size), proof: proof, root: root, hasher)
}

/// Checks that the subtree with the hash `root` holds `leaf` at `sequence`, counted in the tree.
package func verifyInclusion(
    of leaf: LeafHash, at sequence: SequenceNumber, in subtree: Subtree, proof: [Digest],
    root: Root, _ hasher: MerkleHasher
) throws(ProofError) {
    guard subtree.leaves.contains(sequence.rawValue) else {
        throw .notCovered(sequence, by: subtree)
    }
    var place = sequence.rawValue - subtree.leaves.lowerBound
    var last = subtree.leaves.upperBound - subtree.leaves.lowerBound - 1
    var hash = leaf.digest
    for sibling in proof {
        guard last > 0 else { throw .tooLong(hashes: proof.count) }
        if place & 1 == 1 || place == last {
            hash = hasher.node(sibling, hash)
            // Levels at which a last node without a sibling is passed on as it is.
            while place & 1 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
        } else {
            hash = hasher.node(hash, sibling)
        }
        (place, last) = (place >> 1, last >> 1)
    }
    guard last == 0 else { throw .tooShort(hashes: proof.count) }
    guard hash == root.digest else { throw .rootDiffers(expected: root, found: Root(hash)) }
}

/// Checks that the new tree begins with the leaves of the old one.
///
/// RFC 9162 section 2.1.4.2. An older tree without leaves is refused: everything is consistent with
/// it, and a caller who accepts that has to say so itself.
package func verifyConsistency(
    from old: TreeSize, to new: TreeSize, oldRoot: Root, newRoot: Root, proof: [Digest],
    _ hasher: MerkleHasher
) throws(ProofError) {
    guard old > .zero else { throw .emptyTree }
    try verifyConsistency(
        of: Subtree(of: old), in: new, hash: oldRoot, root: newRoot, proof: proof, hasher)
}

/// Checks that the tree with this root holds the subtree with this hash.
///
/// An empty subtree lies in every tree: then `root` is not looked at, and the proof must be empty.
package func verifyConsistency(
    of subtree: Subtree, in size: TreeSize, hash: Root, root: Root, proof: [Digest],
    _ hasher: MerkleHasher
) throws(ProofError) {
    guard subtree.leaves.upperBound <= size.rawValue else {
        throw .outsideTree(subtree, size: size)
    }
    guard !subtree.leaves.isEmpty else {
        guard proof.isEmpty else { throw .tooLong(hashes: proof.count) }
        guard hash.digest == .emptyTree else {
            throw .oldRootDiffers(expected: hash, found: Root(.emptyTree))
        }
        return
    }
    let (foundHash, foundRoot) = try climb(
        from: subtree, in: size, hash: hash.digest, proof: proof, hasher)
    guard foundHash == hash.digest else {
        throw .oldRootDiffers(expected: hash, found: Root(foundHash))
    }
    guard foundRoot == root.digest else {
        throw .rootDiffers(expected: root, found: Root(foundRoot))
    }
}

/// Both hashes that a consistency proof leads to.
///
/// `first` and `last` are the places of the subtree's outer leaves, `end` that of the tree's last
/// leaf, moved up level by level.
private func climb(
    from subtree: Subtree, in size: TreeSize, hash: Digest, proof: [Digest],
    _ hasher: MerkleHasher
) throws(ProofError) -> (subtree: Digest, tree: Digest) {
    var first = subtree.leaves.lowerBound
    var last = subtree.leaves.upperBound - 1
    var end = size.rawValue - 1
    func rise() { (first, last, end) = (first >> 1, last >> 1, end >> 1) }

    // The largest node that ends where the subtree ends: where that is the subtree, its hash is
    // known; otherwise the proof begins with the node's hash.
    let isWhole = last == end
    while first != last, isWhole || last & 1 == 1 { rise() }
    var rest = proof[...]
    guard let start = first == last ? hash : rest.popFirst() else { throw .tooShort(hashes: 0) }
    var (inSubtree, inTree) = (start, start)
    for sibling in rest {
        guard end > 0 else { throw .tooLong(hashes: proof.count) }
        if last & 1 == 1 || last == end {
            if first < last { inSubtree = hasher.node(sibling, inSubtree) }
            inTree = hasher.node(sibling, inTree)
            while last & 1 == 0 { rise() }
        } else {
            inTree = hasher.node(inTree, sibling)
        }
        rise()
    }
    guard end == 0 else { throw .tooShort(hashes: proof.count) }
    return (inSubtree, inTree)
}
