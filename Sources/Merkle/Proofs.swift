package import Digests

/// The root of the tree over the first `size` leaves, from the hashes of complete subtrees.
///
/// `reading` is asked for complete subtrees only, wherever these are kept; it throws what it cannot
/// find, and that is all that these functions throw.
package func rootHash<E: Error>(
    of size: TreeSize, _ hasher: MerkleHasher, reading: (NodeID) throws(E) -> Digest
) throws(E) -> Root {
    guard size > .zero else { return Root(.emptyTree) }
    return Root(try hash(of: 0..<size.rawValue, hasher, reading: reading))
}

/// The right edge of the tree over the first `size` leaves: enough to go on appending.
package func compactRange<E: Error>(
    of size: TreeSize, _ hasher: MerkleHasher, reading: (NodeID) throws(E) -> Digest
) throws(E) -> CompactRange {
    var range = CompactRange(begin: 0)
    for subtree in subtrees(of: 0..<size.rawValue) {
        range.append(subtree, try reading(subtree), hasher)
    }
    return range
}

/// The audit path of RFC 6962 section 2.1.1: the leaf's sibling first, the root's child last.
package func inclusionProof<E: Error>(
    of sequence: SequenceNumber, in size: TreeSize, _ hasher: MerkleHasher,
    reading: (NodeID) throws(E) -> Digest
) throws(E) -> [Digest] {
    precondition(size.covers(sequence), "a proof is asked of a tree that covers the record")
    return try inclusionProof(
        of: sequence, in: Subtree(of: size), hasher, reading: reading)
}

/// The audit path from a leaf to the hash of a subtree that covers it.
package func inclusionProof<E: Error>(
    of sequence: SequenceNumber, in subtree: Subtree, _ hasher: MerkleHasher,
    reading: (NodeID) throws(E) -> Digest
) throws(E) -> [Digest] {
    precondition(subtree.leaves.contains(sequence.rawValue), "the subtree covers the record")
    return try hashes(
        of: ProofPaths.inclusion(of: sequence.rawValue, in: subtree.leaves), hasher,
        reading: reading)
}

/// The consistency proof of RFC 6962 section 2.1.2.
///
/// From an empty tree there is nothing to prove and from a tree to itself no hash is needed: both
/// give an empty proof.
package func consistencyProof<E: Error>(
    from old: TreeSize, to new: TreeSize, _ hasher: MerkleHasher,
    reading: (NodeID) throws(E) -> Digest
) throws(E) -> [Digest] {
    precondition(old <= new, "a proof leads from the older tree to the newer one")
    return try consistencyProof(of: Subtree(of: old), in: new, hasher, reading: reading)
}

/// The proof that a tree holds a subtree; a consistency proof if that begins at 0.
package func consistencyProof<E: Error>(
    of subtree: Subtree, in size: TreeSize, _ hasher: MerkleHasher,
    reading: (NodeID) throws(E) -> Digest
) throws(E) -> [Digest] {
    precondition(subtree.leaves.upperBound <= size.rawValue, "the tree covers the subtree")
    guard !subtree.leaves.isEmpty else { return [] }
    return try hashes(
        of: ProofPaths.consistency(of: subtree.leaves, in: size.rawValue), hasher,
        reading: reading)
}

private func hashes<E: Error>(
    of runs: [Range<UInt64>], _ hasher: MerkleHasher, reading: (NodeID) throws(E) -> Digest
) throws(E) -> [Digest] {
    var result: [Digest] = []
    result.reserveCapacity(runs.count)
    for run in runs { result.append(try hash(of: run, hasher, reading: reading)) }
    return result
}

/// MTH(D[run]) for a run as ``ProofPaths`` cuts them, not empty.
private func hash<E: Error>(
    of run: Range<UInt64>, _ hasher: MerkleHasher, reading: (NodeID) throws(E) -> Digest
) throws(E) -> Digest {
    var result: Digest?
    for subtree in subtrees(of: run).reversed() {
        let left = try reading(subtree)
        result = result.map { hasher.node(left, $0) } ?? left
    }
    guard let result else { preconditionFailure("a run has at least one leaf") }
    return result
}
