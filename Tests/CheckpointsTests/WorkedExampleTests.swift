import Checkpoints
import Digests
import Merkle
import Testing

/// The rest of the worked example: what its records, tiles and consistency proof must be.
@Suite struct WorkedExampleTests {
    let sample: Sample
    let hasher = MerkleHasher()
    let leaves: [LeafHash]

    init() throws {
        sample = try Sample()
        let hasher = hasher
        leaves = sample.values.entries.map { entry in
            Array(entry.utf8).withUnsafeBytes { hasher.leaf($0) }
        }
    }

    struct Missing: Error {}

    private func read(_ node: NodeID) throws(Missing) -> Digest {
        try StoredLevels.hash(of: node, hasher) { (level, indexes) throws(Missing) in
            guard level == 0, indexes.upperBound <= 5 else { throw Missing() }
            return leaves[Int(indexes.lowerBound)..<Int(indexes.upperBound)].map(\.digest)
        }
    }

    @Test func `leaf hashes and roots are the published ones`() throws {
        #expect(leaves.map(\.digest.hex) == sample.values.leaf_hashes_hex)
        var range = CompactRange(begin: 0)
        #expect(range.root(hasher).description == sample.values.roots_hex["0"])
        for (index, leaf) in leaves.enumerated() {
            range.append(leaf, hasher)
            #expect(range.root(hasher).description == sample.values.roots_hex["\(index + 1)"])
        }
        #expect(range.root(hasher).base64 == "GqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=")
        #expect(range.root(hasher) == sample.checkpoint.root)
    }

    @Test func `proofs are the published ones`() throws {
        let five = TreeSize(5)
        let inclusion = try inclusionProof(of: SequenceNumber(2), in: five, hasher) {
            try read($0)
        }
        #expect(inclusion.map(\.hex) == sample.values.inclusion_proof_index2_hex)
        let link = try consistencyProof(from: TreeSize(3), to: five, hasher) { try read($0) }
        #expect(link.map(\.hex) == sample.values.consistency_3_to_5_hex)
        let old = try rootHash(of: TreeSize(3), hasher) { try read($0) }
        #expect(old.description == sample.values.roots_hex["3"])
        try verifyConsistency(
            from: TreeSize(3), to: five, oldRoot: old, newRoot: sample.checkpoint.root,
            proof: link, hasher)
    }

    @Test func `the tile is where its path says and holds the leaf hashes`() throws {
        let tiles = Array(Tile.tiles(at: 0, from: .zero, to: TreeSize(5)))
        #expect(tiles.map(\.path) == ["tile/0/000.p/5"])
        #expect(Array(Tile.tiles(at: 1, from: .zero, to: TreeSize(5))).isEmpty)
        let tile = try #require(tiles.first)
        let content = try bytes("worked-example/log/\(tile.path)")
        #expect(content == leaves.flatMap(\.digest.bytes))
        #expect(Hex.encode(content) == sample.values.tile_0_000_p_5_hex)
        let bundle = try bytes("worked-example/log/\(tile.entriesPath)")
        #expect(Hex.encode(bundle) == sample.values.entry_bundle_hex)
    }

    @Test func `the body sent to the witness holds the proof and the note`() throws {
        let lines =
            ["old 3"]
            + (try sample.values.consistency_3_to_5_hex.map { hex in
                Base64.encode(try #require(Hex.decode(hex)))
            })
        let body = lines.joined(separator: "\n") + "\n\n" + sample.values.checkpoint
        #expect(try bytes("worked-example/add-checkpoint.request") == Array(body.utf8))
    }
}
