package import Digests

/// RFC 6962's tree over the same records with SM3 in SHA-256's place: Specs/shangmi.md.
///
/// Not Sendable, like ``MerkleHasher``.
package final class SM3Tree {
    private let sm3 = SM3()
    /// The roots of complete subtrees, the largest first.
    private var nodes: [Digest] = []
    package private(set) var count: UInt64 = 0

    package init() {}

    package func leaf(_ record: UnsafeRawBufferPointer) -> Digest { sm3.digest(0, record) }

    package func append(_ record: UnsafeRawBufferPointer) {
        append(leaf: leaf(record))
    }

    package func append(leaf: Digest) {
        var hash = leaf
        // As many subtrees end here as the count has trailing ones.
        for _ in 0..<(~count).trailingZeroBitCount { hash = node(nodes.removeLast(), hash) }
        nodes.append(hash)
        count += 1
    }

    package var root: Digest {
        guard var hash = nodes.last else { return sm3.digest(nil) }
        for left in nodes.dropLast().reversed() { hash = node(left, hash) }
        return hash
    }

    private func node(_ left: Digest, _ right: Digest) -> Digest {
        withUnsafeBytes(of: left) { left in
            withUnsafeBytes(of: right) { right in sm3.digest(1, left, right) }
        }
    }
}
