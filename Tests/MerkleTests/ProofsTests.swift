import Digests
import Foundation
import Merkle
import Testing

@Suite struct ProofsTests {
    let hasher = MerkleHasher()

    struct Accumulated: Decodable {
        let sha256Roots: String
        let sha256Inclusion: String
        let sha256Consistency: String

        enum CodingKeys: String, CodingKey {
            case sha256Roots = "sha256_roots"
            case sha256Inclusion = "sha256_inclusion"
            case sha256Consistency = "sha256_consistency"
        }
    }

    @Test func `roots and proofs of the trees 1 to 130 hash to the published digests`() throws {
        let expected = try json("rfc6962-accumulated-130.json", as: Accumulated.self)
        let tree = SmallTree((0..<130).map { [UInt8($0)] })
        var (roots, inclusion, consistency) = ("", "", "")
        for size in 1...130 as ClosedRange<UInt64> {
            let whole = TreeSize(size)
            roots += "\(size) \(try rootHash(of: whole, hasher) { try tree.read($0) })\n"
            for index in 0..<size {
                let proof = try inclusionProof(of: SequenceNumber(index), in: whole, hasher) {
                    try tree.read($0)
                }
                inclusion += "\(index) \(size)" + proof.map { " \($0.hex)" }.joined() + "\n"
                let old = try consistencyProof(from: TreeSize(index + 1), to: whole, hasher) {
                    try tree.read($0)
                }
                consistency += "\(index + 1) \(size)" + old.map { " \($0.hex)" }.joined() + "\n"
            }
        }
        #expect(SHA256.digest(of: roots.utf8).hex == expected.sha256Roots)
        #expect(SHA256.digest(of: inclusion.utf8).hex == expected.sha256Inclusion)
        #expect(SHA256.digest(of: consistency.utf8).hex == expected.sha256Consistency)
    }

    @Test func `the roots of the published tree of eight are as published`() throws {
        struct Vector: Decodable {
            let leaf_inputs_hex: [String]
            let root_hash_hex_by_size: [String]
        }
        let vector = try json("rfc6962-tree-8.json", as: Vector.self)
        for (size, root) in vector.root_hash_hex_by_size.enumerated() {
            let records = try vector.leaf_inputs_hex.prefix(size).map { hex in
                try #require(Hex.decode(hex))
            }
            let tree = SmallTree(records)
            #expect(tree.range.root(hasher).description == root)
            #expect(Reference.root(tree.leaves[...]).hex == root)
        }
        #expect(vector.root_hash_hex_by_size.count == 9)
    }

    @Test func `roots and proofs up to 70 equal the recursive reference and verify`() throws {
        let tree = SmallTree(count: 70)
        for size in 1...70 { try compare(tree, size: size, places: 0..<size) }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `random larger trees equal the recursive reference and verify`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let tree = SmallTree(count: 1100)
        for _ in 0..<5 {
            let size = Int.random(in: 131...1100, using: &random)
            let places = (0..<4).map { _ in Int.random(in: 0..<size, using: &random) }
            try compare(tree, size: size, places: places, note: "seed \(seed)")
        }
    }

    private func compare(
        _ tree: SmallTree, size: Int, places: some Sequence<Int>, note: String = ""
    ) throws {
        let leaves = tree.leaves[..<size]
        let whole = TreeSize(UInt64(size))
        let root = try rootHash(of: whole, hasher) { try tree.read($0) }
        #expect(root.digest == Reference.root(leaves), "\(note) size \(size)")
        for place in places {
            let sequence = SequenceNumber(UInt64(place))
            let proof = try inclusionProof(of: sequence, in: whole, hasher) { try tree.read($0) }
            #expect(proof == Reference.path(place, leaves), "\(note) \(place) in \(size)")
            try verifyInclusion(
                of: LeafHash(leaves[place]), at: sequence, in: whole, proof: proof, root: root,
                hasher)
            let old = TreeSize(UInt64(place + 1))
            let link = try consistencyProof(from: old, to: whole, hasher) { try tree.read($0) }
            #expect(link == Reference.proof(place + 1, leaves), "\(note) \(old) to \(size)")
            let oldRoot = try rootHash(of: old, hasher) { try tree.read($0) }
            try verifyConsistency(
                from: old, to: whole, oldRoot: oldRoot, newRoot: root, proof: link, hasher)
        }
    }

    @Test func `every subtree of the trees up to 40 is proved as the reference proves it`() throws {
        let tree = SmallTree(count: 40)
        var proved = 0
        for size in 1...40 {
            let root = Root(Reference.root(tree.leaves[..<size]))
            for (begin, end) in (0..<size).flatMap({ begin in (begin + 1...size).map { (begin, $0) }
            }) {
                guard let subtree = Subtree(from: UInt64(begin), to: UInt64(end)) else { continue }
                let whole = TreeSize(UInt64(size))
                let proof = try consistencyProof(of: subtree, in: whole, hasher) {
                    try tree.read($0)
                }
                #expect(proof == Reference.part(begin..<end, tree.leaves[..<size]))
                let hash = Root(Reference.root(tree.leaves[begin..<end]))
                try verifyConsistency(
                    of: subtree, in: whole, hash: hash, root: root, proof: proof, hasher)
                let path = try inclusionProof(
                    of: SequenceNumber(UInt64(end - 1)), in: subtree, hasher
                ) { try tree.read($0) }
                try verifyInclusion(
                    of: LeafHash(tree.leaves[end - 1]), at: SequenceNumber(UInt64(end - 1)),
                    in: subtree, proof: path, root: hash, hasher)
                proved += 1
            }
        }
        #expect(proved > 2000)
    }

    @Test(arguments: [11, 12] as [UInt64])
    func `a proof with any one bit changed is refused`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let tree = SmallTree(count: 100)
        let root = tree.range.root(hasher)
        let oldRoot = try rootHash(of: TreeSize(37), hasher) { try tree.read($0) }
        let link = try consistencyProof(from: TreeSize(37), to: TreeSize(100), hasher) {
            try tree.read($0)
        }
        for place in link.indices {
            var forged = link
            let bit = Int.random(in: 0..<256, using: &random)
            forged[place].withUnsafeMutableBytes { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
            #expect(throws: ProofError.self, "seed \(seed), hash \(place), bit \(bit)") {
                try verifyConsistency(
                    from: TreeSize(37), to: TreeSize(100), oldRoot: oldRoot, newRoot: root,
                    proof: forged, hasher)
            }
        }
    }

    @Test func `what the reader cannot find is thrown through`() {
        let tree = SmallTree(count: 5)
        #expect(throws: SmallTree.Missing.self) {
            try rootHash(of: TreeSize(6), hasher) { try tree.read($0) }
        }
    }
}
