import Digests
import Merkle

/// RFC 6962 section 2.1 word for word: recursive, slow, on whole lists of leaves.
///
/// It shares no code with what it is compared with but SHA-256.
enum Reference {
    static func leaf(_ record: [UInt8]) -> Digest { SHA256.digest(of: [0] + record) }

    static func node(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.digest(of: [1] + left.bytes + right.bytes)
    }

    static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves.first ?? SHA256.digest(of: []) }
        let middle = leaves.startIndex + split(leaves.count)
        return node(root(leaves[..<middle]), root(leaves[middle...]))
    }

    static func path(_ place: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let length = split(leaves.count)
        let middle = leaves.startIndex + length
        return place < length
            ? path(place, leaves[..<middle]) + [root(leaves[middle...])]
            : path(place - length, leaves[middle...]) + [root(leaves[..<middle])]
    }

    static func proof(_ size: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        part(0..<size, leaves, isKnown: true)
    }

    /// SUBPROOF, widened to any subtree as in the draft for Merkle Tree Certificates.
    static func part(
        _ part: Range<Int>, _ leaves: ArraySlice<Digest>, isKnown: Bool = true
    ) -> [Digest] {
        if part == 0..<leaves.count { return isKnown ? [] : [root(leaves)] }
        let length = split(leaves.count)
        let middle = leaves.startIndex + length
        let (left, right) = (leaves[..<middle], leaves[middle...])
        if part.upperBound <= length {
            return self.part(part, left, isKnown: isKnown) + [root(right)]
        }
        if length <= part.lowerBound {
            let shifted = part.lowerBound - length..<part.upperBound - length
            return self.part(shifted, right, isKnown: isKnown) + [root(left)]
        }
        return self.part(0..<part.upperBound - length, right, isKnown: false) + [root(left)]
    }

    /// The largest power of two below `count`.
    private static func split(_ count: Int) -> Int {
        var length = 1
        while length * 2 < count { length *= 2 }
        return length
    }
}

/// A tree in memory: leaf *i* is the record of the bytes given, and every complete subtree is at
/// hand, made by the code under test.
struct SmallTree {
    private(set) var leaves: [Digest] = []
    private(set) var nodes: [NodeID: Digest] = [:]
    private(set) var range = CompactRange(begin: 0)
    let hasher = MerkleHasher()

    init(_ records: some Sequence<[UInt8]>) {
        for record in records {
            let leaf = record.withUnsafeBytes { hasher.leaf($0) }
            nodes[NodeID(level: 0, index: UInt64(leaves.count))] = leaf.digest
            leaves.append(leaf.digest)
            var completed: [(NodeID, Digest)] = []
            range.append(leaf, hasher) { completed.append(($0, $1)) }
            for (node, hash) in completed { nodes[node] = hash }
        }
    }

    /// `count` records, each the number of its place in eight bytes.
    init(count: Int) {
        self.init((0..<UInt64(count)).map { place in withUnsafeBytes(of: place) { Array($0) } })
    }

    struct Missing: Error { let node: NodeID }

    func read(_ node: NodeID) throws(Missing) -> Digest {
        guard let hash = nodes[node] else { throw Missing(node: node) }
        return hash
    }
}
