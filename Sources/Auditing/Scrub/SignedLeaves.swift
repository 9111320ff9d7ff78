import Digests
import Merkle

/// Leaf hashes of the index that are as good as the signed root, block by block.
///
/// A block of 256 is followed up the stored levels: if everything on the way is hashed to the root
/// that was signed, these leaf hashes are those of the records that were signed, whatever the rest
/// of the index is like. Specs/scrub.md section 2.
struct SignedLeaves {
    private let index: any IndexReader
    private let size: UInt64
    private let root: Root
    private let hasher = MerkleHasher()
    /// The last answer: neighbours are asked for one after another.
    private var known: (block: UInt64, isSigned: Bool)?

    init(_ index: any IndexReader, size: UInt64, root: Root) {
        (self.index, self.size, self.root) = (index, size, root)
    }

    /// Whether the index's leaf hash at `ordinal` is the one that was signed.
    mutating func isSigned(_ ordinal: UInt64) throws(SourceError) -> Bool {
        guard ordinal < size else { return false }
        let block = ordinal / StoredLevels.width
        if let known, known.block == block { return known.isSigned }
        let answer = try judge(ordinal)
        known = (block, answer)
        return answer
    }

    private func judge(_ ordinal: UInt64) throws(SourceError) -> Bool {
        guard let top = try tops()?.first(where: { $0.node.leaves.contains(ordinal) }) else {
            return false
        }
        var (node, hash) = (top.node, top.hash)
        while node.level > 0 {
            // The next stored level below: a whole one's children are eight levels down.
            let height =
                node.level % StoredLevels.step == 0
                ? StoredLevels.step : node.level % StoredLevels.step
            let level = node.level - height
            let first = node.index << UInt64(height)
            guard let hashes = try read(level, first..<first + 1 << UInt64(height)),
                fold(hashes) == hash
            else { return false }
            let child = ordinal >> UInt64(level)
            (node, hash) = (NodeID(level: level, index: child), hashes[Int(child - first)])
        }
        return true
    }

    /// The roots of the complete subtrees that the tree consists of, if they give its root.
    private func tops() throws(SourceError) -> [(node: NodeID, hash: Digest)]? {
        var tops: [(node: NodeID, hash: Digest)] = []
        for node in subtrees(of: 0..<size) {
            let height = node.level % StoredLevels.step
            let first = node.index << UInt64(height)
            guard
                let hashes = try read(
                    node.level - height, first..<first + 1 << UInt64(height))
            else { return nil }
            tops.append((node, fold(hashes)))
        }
        guard
            let range = CompactRange(begin: 0, end: size, nodes: tops.map(\.hash)),
            range.root(hasher) == root
        else { return nil }
        return tops
    }

    /// Neighbouring hashes of a stored level; nil if the index does not have them all.
    private func read(_ level: Int, _ places: Range<UInt64>) throws(SourceError) -> [Digest]? {
        let width = Digest.byteCount
        guard level / StoredLevels.step <= IndexFile.levelMax,
            places.upperBound < UInt64(Int.max / width)
        else { return nil }
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: places.count * width, alignment: 8)
        defer { memory.deallocate() }
        let file = IndexFile.level(level / StoredLevels.step)
        let count = try index.read(file, at: Int(places.lowerBound) * width, into: memory)
        guard count == memory.count else { return nil }
        return stride(from: 0, to: count, by: width).compactMap {
            Digest(UnsafeRawBufferPointer(rebasing: memory[$0..<$0 + width]))
        }
    }

    private func fold(_ hashes: [Digest]) -> Digest {
        var range = CompactRange(begin: 0)
        for hash in hashes { range.append(LeafHash(hash), hasher) }
        return range.root(hasher).digest
    }
}
