package import Digests

/// The position of a record in the ledger, from 0: its Merkle leaf index.
package struct SequenceNumber: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static func < (left: SequenceNumber, right: SequenceNumber) -> Bool {
        left.rawValue < right.rawValue
    }

    package var next: SequenceNumber { SequenceNumber(rawValue + 1) }
    package var description: String { String(rawValue) }
}

/// How many records a tree covers; one more than its last sequence number.
package struct TreeSize: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let rawValue: UInt64

    package static let zero = TreeSize(0)

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static func < (left: TreeSize, right: TreeSize) -> Bool {
        left.rawValue < right.rawValue
    }

    package func covers(_ sequence: SequenceNumber) -> Bool { sequence.rawValue < rawValue }

    /// The sequence number that the next record will get.
    package var next: SequenceNumber { SequenceNumber(rawValue) }
    package var description: String { String(rawValue) }
}

/// SHA-256(0x00 ‖ record): RFC 6962 section 2.1.
///
/// It is the tree's leaf and the chain's link.
package struct LeafHash: Hashable, Sendable {
    package let digest: Digest

    /// 32 zero bytes: the `prev` of record 0.
    package static let zero = LeafHash(.zero)

    package init(_ digest: Digest) {
        self.digest = digest
    }
}

/// The root of a tree.
package struct Root: Hashable, Sendable, CustomStringConvertible {
    package let digest: Digest

    package init(_ digest: Digest) {
        self.digest = digest
    }

    /// 44 characters, as a checkpoint spells it.
    package var base64: String { Base64.encode(digest.bytes) }

    /// The root spelt as ``base64`` spells it, or nil.
    package init?(base64: some StringProtocol) {
        guard let bytes = Base64.decode(base64), let digest = Digest(bytes) else { return nil }
        self.digest = digest
    }

    /// 64 lower-case hexadecimal digits, as reports show it.
    package var description: String { digest.hex }
}
