package import Digests

/// The leaves from `begin` to `end` as the fewest complete subtrees, left to right.
///
/// Beginning at 0 it is the right edge of a tree: what appending and telling the root need.
package struct CompactRange: Hashable, Sendable {
    package let begin: UInt64
    package private(set) var end: UInt64
    /// The roots of the subtrees; their sizes follow from `begin` and `end`.
    package private(set) var nodes: [Digest] = []

    package init(begin: UInt64) {
        (self.begin, end) = (begin, begin)
        nodes.reserveCapacity(64)
    }

    /// The range whose subtrees have these roots, or nil if their number is wrong.
    package init?(begin: UInt64, end: UInt64, nodes: [Digest]) {
        guard begin <= end, subtrees(of: begin..<end).count == nodes.count else { return nil }
        (self.begin, self.end, self.nodes) = (begin, end, nodes)
    }

    /// Adds the next leaf.
    ///
    /// `onNode` is told of each interior node that this completes.
    @inline(__always)
    package mutating func append(
        _ leaf: LeafHash, _ hasher: MerkleHasher,
        onNode: (NodeID, Digest) -> Void = { _, _ in }
    ) {
        nodes.append(leaf.digest)
        end += 1
        merge(from: NodeID(level: 0, index: end - 1), hasher, onNode: onNode)
    }

    /// Adds a complete subtree, which must begin where this range ends and be aligned to it.
    package mutating func append(
        _ subtree: NodeID, _ hash: Digest, _ hasher: MerkleHasher,
        onNode: (NodeID, Digest) -> Void = { _, _ in }
    ) {
        precondition(subtree.leaves.lowerBound == end, "subtrees are added in order")
        nodes.append(hash)
        end = subtree.leaves.upperBound
        merge(from: subtree, hasher, onNode: onNode)
    }

    /// Adds a range that begins where this one ends, in logarithmic time.
    ///
    /// `onNode` is told of the nodes that the join completes, not of those that `other` had.
    package mutating func append(
        _ other: CompactRange, _ hasher: MerkleHasher,
        onNode: (NodeID, Digest) -> Void = { _, _ in }
    ) {
        precondition(other.begin == end, "ranges are added in order")
        for (subtree, hash) in zip(subtrees(of: other.begin..<other.end), other.nodes) {
            append(subtree, hash, hasher, onNode: onNode)
        }
    }

    /// The newest subtree is joined with its left neighbour as long as it is a right child whose
    /// sibling is in this range.
    @inline(__always)
    private mutating func merge(
        from newest: NodeID, _ hasher: MerkleHasher, onNode: (NodeID, Digest) -> Void
    ) {
        var (level, index) = (newest.level, newest.index)
        while index & 1 == 1, (index - 1) << level >= begin {
            let right = nodes.removeLast()
            let left = nodes.removeLast()
            let joined = hasher.node(left, right)
            nodes.append(joined)
            level += 1
            index >>= 1
            onNode(NodeID(level: level, index: index), joined)
        }
    }

    /// The root of the tree over all leaves before `end`; the range must begin at 0.
    package func root(_ hasher: MerkleHasher) -> Root {
        precondition(begin == 0, "only a range from 0 has a root")
        guard var hash = nodes.last else { return Root(.emptyTree) }
        for left in nodes.dropLast().reversed() { hash = hasher.node(left, hash) }
        return Root(hash)
    }
}

/// The complete subtrees that `leaves` falls into, left to right, as few as possible.
package func subtrees(of leaves: Range<UInt64>) -> [NodeID] {
    var result: [NodeID] = []
    var begin = leaves.lowerBound
    while begin < leaves.upperBound {
        let aligned = begin == 0 ? 63 : begin.trailingZeroBitCount
        let fitting = 63 - (leaves.upperBound - begin).leadingZeroBitCount
        let level = min(aligned, fitting)
        result.append(NodeID(level: level, index: begin >> level))
        begin += 1 << level
    }
    return result
}
