import Digests
import Foundation
import Merkle
import Phrases
import Testing

@Suite struct VerificationTests {
    let hasher = MerkleHasher()

    @Test func `all 98 inclusion vectors are judged as they say`() throws {
        let all = try cases("inclusion", as: InclusionCase.self)
        for (name, vector) in all {
            let size = TreeSize(try #require(vector.treeSize))
            let isAccepted = try accepts {
                try verifyInclusion(
                    of: LeafHash(digest(vector.leafHash)), at: SequenceNumber(vector.leafIdx),
                    in: size, proof: (vector.proof ?? []).map(digest),
                    root: Root(digest(vector.root)), hasher)
            }
            #expect(isAccepted == !vector.wantErr, "\(name)")
        }
        #expect(all.count == 98)
        #expect(all.count { !$0.1.wantErr } > 0)
    }

    @Test func `all 98 consistency vectors are judged as they say`() throws {
        let all = try cases("consistency", as: ConsistencyCase.self)
        for (name, vector) in all {
            let (old, new) = (try #require(vector.size1), try #require(vector.size2))
            let isAccepted = try accepts {
                try verifyConsistency(
                    from: TreeSize(old), to: TreeSize(new), oldRoot: Root(digest(vector.root1)),
                    newRoot: Root(digest(vector.root2)), proof: (vector.proof ?? []).map(digest),
                    hasher)
            }
            #expect(isAccepted == !vector.wantErr, "\(name)")
        }
        #expect(all.count == 98)
        #expect(all.count { !$0.1.wantErr } > 0)
    }

    @Test func `all 204 subtree inclusion vectors are judged as they say`() throws {
        let all = try cases("subtreeinclusion", as: InclusionCase.self)
        for (name, vector) in all {
            let (start, end) = (try #require(vector.start), try #require(vector.end))
            let subtree = Subtree(from: start, to: end)
            let isAccepted = try subtree.map { subtree in
                try accepts {
                    try verifyInclusion(
                        of: LeafHash(digest(vector.leafHash)), at: SequenceNumber(vector.leafIdx),
                        in: subtree, proof: (vector.proof ?? []).map(digest),
                        root: Root(digest(vector.root)), hasher)
                }
            }
            #expect((isAccepted ?? false) == !vector.wantErr, "\(name)")
        }
        #expect(all.count == 204)
        #expect(all.count { !$0.1.wantErr } > 0)
    }

    @Test func `all 118 subtree consistency vectors are judged as they say`() throws {
        let all = try cases("subtreeconsistency", as: ConsistencyCase.self)
        for (name, vector) in all {
            let (start, end) = (try #require(vector.start), try #require(vector.end))
            let (subtree, size) = (Subtree(from: start, to: end), try #require(vector.size))
            let isAccepted = try subtree.map { subtree in
                try accepts {
                    try verifyConsistency(
                        of: subtree, in: TreeSize(size), hash: Root(digest(vector.root1)),
                        root: Root(digest(vector.root2)), proof: (vector.proof ?? []).map(digest),
                        hasher)
                }
            }
            #expect((isAccepted ?? false) == !vector.wantErr, "\(name)")
        }
        #expect(all.count == 118)
        #expect(all.count { !$0.1.wantErr } > 0)
    }

    @Test func `the files under testdata are 518`() throws {
        let folder = vectors.appending(path: "merkle/testdata")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(names.count { $0.hasSuffix(".json") } == 518)
    }

    @Test func `a refused proof says why`() throws {
        let tree = SmallTree(count: 7)
        let (size, root) = (TreeSize(7), tree.range.root(hasher))
        let leaf = LeafHash(tree.leaves[2])
        let proof = try inclusionProof(of: SequenceNumber(2), in: size, hasher) {
            try tree.read($0)
        }
        func refusal(_ leaf: LeafHash, _ sequence: UInt64, _ proof: [Digest]) -> ProofError? {
            do throws(ProofError) {
                try verifyInclusion(
                    of: leaf, at: SequenceNumber(sequence), in: size, proof: proof, root: root,
                    hasher)
                return nil
            } catch { return error }
        }
        #expect(refusal(leaf, 2, proof) == nil)
        #expect(refusal(leaf, 7, proof) == .notCovered(SequenceNumber(7), by: Subtree(of: size)))
        #expect(refusal(leaf, 2, proof.dropLast()) == .tooShort(hashes: 2))
        #expect(refusal(leaf, 2, proof + [.zero]) == .tooLong(hashes: 4))
        guard case .rootDiffers(root, _) = refusal(.zero, 2, proof) else {
            Issue.record("another leaf must lead to another root")
            return
        }
    }

    @Test func `consistency from the empty tree is refused with its own reason`() {
        let empty = Root(.emptyTree)
        #expect(throws: ProofError.emptyTree) {
            try verifyConsistency(
                from: .zero, to: .zero, oldRoot: empty, newRoot: empty, proof: [], hasher)
        }
        #expect(throws: ProofError.outsideTree(Subtree(of: TreeSize(2)), size: TreeSize(1))) {
            try verifyConsistency(
                from: TreeSize(2), to: TreeSize(1), oldRoot: empty, newRoot: empty, proof: [],
                hasher)
        }
    }

    @Test func `sizes up to the largest neither trap nor run for ever`() {
        let largest = TreeSize(.max)
        let hashes = [Digest](repeating: .zero, count: 70)
        for count in [0, 1, 63, 64, 65, 70] {
            #expect(throws: ProofError.self) {
                try verifyInclusion(
                    of: .zero, at: SequenceNumber(.max - 1), in: largest,
                    proof: Array(hashes.prefix(count)), root: Root(.zero), hasher)
            }
            #expect(throws: ProofError.self) {
                try verifyConsistency(
                    from: TreeSize(.max - 1), to: largest, oldRoot: Root(.zero),
                    newRoot: Root(.zero), proof: Array(hashes.prefix(count)), hasher)
            }
        }
    }

    @Test func `every refusal has words in both languages`() {
        let root = Root(.emptyTree)
        let all: [ProofError] = [
            .notCovered(SequenceNumber(1), by: Subtree(of: TreeSize(1))), .emptyTree,
            .outsideTree(Subtree(of: TreeSize(2)), size: TreeSize(1)), .tooLong(hashes: 3),
            .tooShort(hashes: 2), .oldRootDiffers(expected: root, found: root),
            .rootDiffers(expected: root, found: root),
        ]
        #expect(Set(all.map(\.phrase.en)).count == all.count)
        #expect(Set(all.map(\.phrase.zh)).count == all.count)
    }
}
