import Checkpoints
import Digests
import Merkle
import Testing

@Suite struct TlogProofTests {
    let sample: Sample
    let file: [UInt8]
    let hasher = MerkleHasher()

    init() throws {
        sample = try Sample()
        file = try bytes("worked-example/entry-2.tlog-proof")
    }

    private func leaf(_ entry: String) -> LeafHash {
        Array(entry.utf8).withUnsafeBytes { hasher.leaf($0) }
    }

    @Test func `the worked example's proof file verifies and is written the same`() throws {
        let proof = try TlogProof(file)
        #expect(proof.sequence == SequenceNumber(2))
        #expect(proof.hashes.map(\.hex) == sample.values.inclusion_proof_index2_hex)
        #expect(proof.bytes == file)
        let verified = try proof.verify(
            leaf("entry-2"), of: sample.origin, by: [sample.logKey], hasher)
        #expect(verified.checkpoint == sample.checkpoint)
        #expect(try verified.cosignatures(by: [sample.witnessKey]).count == 1)
        let made = TlogProof(
            sequence: SequenceNumber(2), hashes: proof.hashes,
            note: Array(sample.values.cosigned.utf8))
        #expect(made.bytes == file)
    }

    @Test func `it does not prove another record, another place or another log`() throws {
        let proof = try TlogProof(file)
        func verify(_ proof: TlogProof, _ entry: String) throws(TlogProofError) {
            _ = try proof.verify(leaf(entry), of: sample.origin, by: [sample.logKey], hasher)
        }
        #expect(throws: TlogProofError.self) { try verify(proof, "entry-3") }
        let moved = TlogProof(sequence: SequenceNumber(3), hashes: proof.hashes, note: proof.note)
        #expect(throws: TlogProofError.self) { try verify(moved, "entry-2") }
        let outside = TlogProof(sequence: SequenceNumber(5), hashes: proof.hashes, note: proof.note)
        #expect(
            throws: TlogProofError.proof(
                .notCovered(SequenceNumber(5), by: Subtree(of: TreeSize(5))))
        ) { try verify(outside, "entry-2") }
        let signers = [sample.log.name, sample.witness.name]
        #expect(throws: TlogProofError.checkpoint(.note(.noKnownSignature(signers)))) {
            _ = try proof.verify(leaf("entry-2"), of: sample.origin, by: [], hasher)
        }
    }

    @Test func `extra bytes and a tree of one survive`() throws {
        let note = sample.checkpoint.sign(with: sample.log)
        let proof = TlogProof(sequence: SequenceNumber(0), hashes: [], note: note, extra: [1, 2])
        #expect(try TlogProof(proof.bytes) == proof)
        let empty = TlogProof(sequence: SequenceNumber(0), hashes: [], note: note, extra: [])
        #expect(try TlogProof(empty.bytes) == empty)
    }

    @Test func `each trap has its refusal`() throws {
        let hash = Base64.encode(Digest.zero.bytes)
        let head = "c2sp.org/tlog-proof@v1\n"
        let cases: [(String, TlogProofError)] = [
            ("", .badLine(number: 1)), ("c2sp.org/tlog-proof@v2\nindex 0\n\n", .badHeader),
            ("c2sp.org/tlog-proof@v1\r\nindex 0\n\n", .badHeader),
            (head, .badLine(number: 2)), (head + "\n", .badLine(number: 2)),
            (head + "index -1\n\n", .badLine(number: 2)),
            (head + "index 01\n\n", .badLine(number: 2)),
            (head + "index x\n\n", .badLine(number: 2)),
            (head + "index  1\n\n", .badLine(number: 2)),
            (head + "index 18446744073709551616\n\n", .badLine(number: 2)),
            (head + "index 1", .badLine(number: 2)),
            (head + "index 1\n", .badLine(number: 3)),
            (head + "index 1\nAAAA\n\n", .badLine(number: 3)),
            (head + "index 1\n\(hash.dropLast())\n\n", .badLine(number: 3)),
            (head + "index 1\n\(hash) \n\n", .badLine(number: 3)),
            (head + "extra A\nindex 1\n\n", .badLine(number: 2)),
            (head + "extra AA==\nextra AA==\nindex 1\n\n", .badLine(number: 3)),
            (head + "index 1\nextra AA==\n\n", .badLine(number: 3)),
            (
                head + "index 1\n" + String(repeating: hash + "\n", count: 64) + "\n",
                .badLine(number: 66)
            ),
            (
                head + "extra " + String(repeating: "AAAA", count: 20_000) + "\nindex 1\n\n",
                .badLine(number: 2)
            ),
        ]
        for (text, error) in cases {
            #expect(throws: error, "\(text.prefix(80).debugDescription)") {
                try TlogProof(Array(text.utf8))
            }
        }
        let sixtyThree = head + "index 1\n" + String(repeating: hash + "\n", count: 63) + "\nnote"
        #expect(try TlogProof(Array(sixtyThree.utf8)).hashes.count == 63)
        let long = [UInt8](repeating: 0, count: SignedNote.maximumByteCount + 1)
        #expect(throws: TlogProofError.tooLong) { try TlogProof(long) }
    }
}
