import Digests
import Merkle
import Testing

@Suite struct TreeGrowthTests {
    @Test func `every new leaf is proved as the recursive definition says, and no old one`() {
        let (tree, hasher) = (SmallTree(count: 70), MerkleHasher())
        var old = CompactRange(begin: 0)
        for begin in 0..<70 {
            for end in begin + 1...70 {
                let leaves = tree.leaves[begin..<end].map { LeafHash($0) }
                let growth = TreeGrowth(old, leaves)
                #expect(growth.size == TreeSize(UInt64(end)))
                for place in begin..<end {
                    #expect(
                        growth.inclusionProof(of: SequenceNumber(UInt64(place)))
                            == Reference.path(place, tree.leaves[..<end]))
                }
                for place in [begin - 1, end] where place >= 0 {
                    #expect(growth.inclusionProof(of: SequenceNumber(UInt64(place))) == nil)
                }
            }
            old.append(LeafHash(tree.leaves[begin]), hasher)
        }
    }
}
