import Digests

/// The tree of RFC 6962 section 2.1 as its definition says it, by recursion.
///
/// Hashes of complete subtrees are kept, or each root would cost a walk over all leaves.
struct ModelTree {
    private(set) var leaves: [Digest] = []
    /// By height, the hashes of the complete subtrees in order; height 0 are the leaves.
    private var complete: [[Digest]] = []
    private var roots: [Int: Digest] = [:]

    mutating func append(_ leaf: Digest) {
        leaves.append(leaf)
    }

    static func leaf(_ line: [UInt8]) -> Digest {
        SHA256.digest(of: [0] + line)
    }

    private static func node(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.digest(of: [1] + left.bytes + right.bytes)
    }

    /// MTH(D[size]).
    mutating func root(_ size: Int) -> Digest {
        if let root = roots[size] { return root }
        let root = size == 0 ? SHA256.digest(of: []) : hash(0, size)
        roots[size] = root
        return root
    }

    /// PATH(m, D[size]), the leaf's sibling first.
    mutating func path(_ place: Int, _ size: Int) -> [Digest] {
        path(place, 0, size)
    }

    /// PROOF(old, D[size]) of RFC 6962 section 2.1.2: the tree begins with its first `old` leaves.
    mutating func consistency(_ old: Int, _ size: Int) -> [Digest] {
        consistency(old, 0, size, isWhole: true)
    }

    /// SUBPROOF(m, D[begin:begin + count], b).
    private mutating func consistency(
        _ old: Int, _ begin: Int, _ count: Int, isWhole: Bool
    ) -> [Digest] {
        if old == count { return isWhole ? [] : [hash(begin, count)] }
        let left = ModelTree.split(count)
        return old <= left
            ? consistency(old, begin, left, isWhole: isWhole)
                + [hash(begin + left, count - left)]
            : consistency(old - left, begin + left, count - left, isWhole: false)
                + [hash(begin, left)]
    }

    /// The hash of the complete subtree of `1 << height` leaves number `index`.
    mutating func subtree(_ height: Int, _ index: Int) -> Digest {
        hash(index << height, 1 << height)
    }

    private mutating func path(_ place: Int, _ begin: Int, _ count: Int) -> [Digest] {
        guard count > 1 else { return [] }
        let left = ModelTree.split(count)
        return place < begin + left
            ? path(place, begin, left) + [hash(begin + left, count - left)]
            : path(place, begin + left, count - left) + [hash(begin, left)]
    }

    /// MTH(D[begin:begin + count]).
    private mutating func hash(_ begin: Int, _ count: Int) -> Digest {
        if count == 1 { return leaves[begin] }
        if count & (count - 1) == 0, begin % count == 0 {
            return kept(count.trailingZeroBitCount, begin / count)
        }
        let left = ModelTree.split(count)
        return ModelTree.node(hash(begin, left), hash(begin + left, count - left))
    }

    private mutating func kept(_ height: Int, _ index: Int) -> Digest {
        if height == 0 { return leaves[index] }
        while complete.count <= height { complete.append([]) }
        while complete[height].count <= index {
            let next = complete[height].count
            let left = kept(height - 1, 2 * next)
            complete[height].append(ModelTree.node(left, kept(height - 1, 2 * next + 1)))
        }
        return complete[height][index]
    }

    /// The largest power of two below `count`.
    private static func split(_ count: Int) -> Int {
        var power = 1
        while power * 2 < count { power *= 2 }
        return power
    }
}
