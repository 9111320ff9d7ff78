import Digests
import Merkle
import Testing

@Suite struct CompactRangeTests {
    let hasher = MerkleHasher()

    private func range(_ leaves: Range<Int>, of tree: SmallTree) -> CompactRange {
        var range = CompactRange(begin: UInt64(leaves.lowerBound))
        for leaf in tree.leaves[leaves] { range.append(LeafHash(leaf), hasher) }
        return range
    }

    @Test func `it has the recursive root at every size up to 130`() {
        let tree = SmallTree(count: 130)
        var growing = CompactRange(begin: 0)
        #expect(growing.root(hasher).digest == .emptyTree)
        for size in 1...130 {
            growing.append(LeafHash(tree.leaves[size - 1]), hasher)
            #expect(growing.root(hasher).digest == Reference.root(tree.leaves[..<size]))
            #expect(growing.nodes.count == size.nonzeroBitCount)
        }
    }

    @Test func `two adjacent ranges joined are the range over both`() {
        let tree = SmallTree(count: 40)
        for end in 0...40 {
            for begin in 0...end {
                for middle in begin...end {
                    var joined = range(begin..<middle, of: tree)
                    joined.append(range(middle..<end, of: tree), hasher)
                    #expect(joined == range(begin..<end, of: tree), "\(begin) \(middle) \(end)")
                }
            }
        }
    }

    @Test(arguments: [21, 22, 23] as [UInt64])
    func `random cuts joined in order give the root of the whole`(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let tree = SmallTree(count: 3000)
        var (joined, begin) = (CompactRange(begin: 0), 0)
        while begin < 3000 {
            let end = min(3000, begin + Int.random(in: 1...700, using: &random))
            joined.append(range(begin..<end, of: tree), hasher)
            begin = end
        }
        #expect(joined == tree.range, "seed \(seed)")
    }

    @Test func `each complete subtree is told once, children before parents`() {
        var told: [NodeID] = []
        var growing = CompactRange(begin: 0)
        for leaf in SmallTree(count: 100).leaves {
            growing.append(LeafHash(leaf), hasher) { node, _ in told.append(node) }
        }
        let expected = (1...6).flatMap { level in
            (0..<UInt64(100 >> level)).map { NodeID(level: level, index: $0) }
        }
        #expect(told.count == expected.count)
        #expect(Set(told) == Set(expected))
        let ends = told.map(\.leaves.upperBound)
        #expect(ends == ends.sorted())
    }

    @Test func `it is rebuilt from hashes and refuses a wrong number of them`() throws {
        let tree = SmallTree(count: 77)
        let nodes = try subtrees(of: 0..<77).map { try tree.read($0) }
        #expect(CompactRange(begin: 0, end: 77, nodes: nodes) == tree.range)
        #expect(CompactRange(begin: 0, end: 77, nodes: nodes.dropLast()) == nil)
        #expect(CompactRange(begin: 0, end: 79, nodes: nodes) == nil)
        let read = try compactRange(of: TreeSize(77), hasher) { try tree.read($0) }
        #expect(read == tree.range)
    }
}
