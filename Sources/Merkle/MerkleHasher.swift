package import Digests

/// Leaf and node hashing of RFC 6962 section 2.1.
///
/// Not Sendable: each task makes its own.
package final class MerkleHasher {
    private let sha = SHA256()
    /// A prefix byte and two child hashes, so that a node is hashed in one update.
    private let nodeInput: UnsafeMutableRawPointer

    private static let nodeByteCount = 1 + 2 * Digest.byteCount

    package init() {
        // Owned by this object alone and freed with it; no pointer to it leaves.
        nodeInput = .allocate(byteCount: MerkleHasher.nodeByteCount, alignment: 8)
        nodeInput.storeBytes(of: 1, as: UInt8.self)
    }

    deinit {
        nodeInput.deallocate()
    }

    /// MTH({d(0)}) = SHA-256(0x00 ‖ d(0)).
    package func leaf(_ record: UnsafeRawBufferPointer) -> LeafHash {
        sha.start()
        withUnsafeBytes(of: UInt8(0)) { sha.update($0) }
        sha.update(record)
        return LeafHash(sha.finish())
    }

    /// SHA-256(0x01 ‖ left ‖ right).
    ///
    /// The prefix differs from a leaf's so that no interior node can be passed off as a record.
    package func node(_ left: Digest, _ right: Digest) -> Digest {
        left.copy(to: nodeInput + 1)
        right.copy(to: nodeInput + 33)
        return sha.digest(
            of: UnsafeRawBufferPointer(start: nodeInput, count: MerkleHasher.nodeByteCount))
    }
}

extension Digest {
    /// The root of a tree without leaves: SHA-256 of nothing.
    package static let emptyTree = SHA256.digest(of: [])
}
