import Digests
import Merkle
import Testing

@Suite struct StoredLevelsTests {
    /// A tree of 66,000 leaves, of which only levels 0, 8 and 16 are kept; the records are numbers.
    static let count = 66_000
    static let levels: [Int: [Digest]] = {
        let hasher = MerkleHasher()
        var kept: [Int: [Digest]] = [0: [], 8: [], 16: []]
        var range = CompactRange(begin: 0)
        for number in 0..<UInt64(count) {
            let leaf = withUnsafeBytes(of: number) { hasher.leaf($0) }
            kept[0]?.append(leaf.digest)
            range.append(leaf, hasher) { node, hash in
                if StoredLevels.contains(node) { kept[node.level]?.append(hash) }
            }
        }
        return kept
    }()

    struct Outside: Error {}

    private func read(_ level: Int, _ indexes: Range<UInt64>) throws(Outside) -> [Digest] {
        guard let hashes = Self.levels[level], indexes.upperBound <= UInt64(hashes.count)
        else { throw Outside() }
        return Array(hashes[Int(indexes.lowerBound)..<Int(indexes.upperBound)])
    }

    private func node(_ node: NodeID, _ hasher: MerkleHasher) throws -> Digest {
        try StoredLevels.hash(of: node, hasher) { (level, indexes) throws(Outside) in
            #expect(level.isMultiple(of: 8))
            #expect(indexes.count <= 128)
            return try read(level, indexes)
        }
    }

    @Test func `each level keeps as many hashes as the size says`() {
        let size = TreeSize(UInt64(Self.count))
        #expect(Self.levels[0]?.count == 66_000)
        #expect(Self.levels[8]?.count == Int(StoredLevels.count(at: 8, in: size)))
        #expect(Self.levels[16]?.count == Int(StoredLevels.count(at: 16, in: size)))
        #expect(Self.levels[16]?.count == 1)
    }

    @Test func `a complete subtree of any level is folded from the level below`() throws {
        let hasher = MerkleHasher()
        let leaves = try #require(Self.levels[0])
        for level in 0...16 {
            let index = UInt64(Self.count >> level) - 1
            let expected = Reference.root(leaves[Int(index) << level..<Int(index + 1) << level])
            #expect(try node(NodeID(level: level, index: index), hasher) == expected)
        }
        #expect(throws: Outside.self) { try node(NodeID(level: 16, index: 1), hasher) }
    }

    @Test(arguments: [31, 32] as [UInt64])
    func `stored levels are enough for every proof`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let hasher = MerkleHasher()
        let leaves = try #require(Self.levels[0])
        let count = UInt64.random(in: 60_000...UInt64(Self.count), using: &random)
        let size = TreeSize(count)
        let root = try rootHash(of: size, hasher) { try node($0, hasher) }
        #expect(root.digest == Reference.root(leaves[..<Int(count)]), "seed \(seed)")
        for _ in 0..<20 {
            let place = UInt64.random(in: 0..<count, using: &random)
            let proof = try inclusionProof(of: SequenceNumber(place), in: size, hasher) {
                try node($0, hasher)
            }
            try verifyInclusion(
                of: LeafHash(leaves[Int(place)]), at: SequenceNumber(place), in: size,
                proof: proof, root: root, hasher)
        }
    }
}
