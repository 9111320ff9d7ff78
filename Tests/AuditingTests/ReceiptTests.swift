import Auditing
import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import Merkle
import Phrases
import Testing

/// What receipts prove, with the worked example that other programs made.
@Suite struct ReceiptTests {
    private let file: [UInt8]
    private let log: VerifierKey
    private let witness: VerifierKey
    private let record = Array("entry-2".utf8)

    init() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/vectors/worked-example")
        file = [UInt8](try Data(contentsOf: folder.appending(path: "entry-2.tlog-proof")))
        log = try VerifierKey(
            "ledger.example/audit+2a52108c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")
        witness = try VerifierKey(
            "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X")
    }

    private func policy(_ rules: String = "quorum w") throws -> WitnessPolicy {
        try WitnessPolicy(Array("log \(log)\nwitness w \(witness)\n\(rules)\n".utf8))
    }

    private func judge(
        _ file: [UInt8], record: [UInt8]?, keys: [VerifierKey]? = nil,
        policy: WitnessPolicy? = nil
    ) throws -> ReceiptAudit.Verdict {
        let receipts = try KeptReceipt.File(file).receipts
        #expect(receipts.count == 1)
        return ReceiptAudit(keys: keys ?? [log], policy: policy).judge(receipts[0], record: record)
    }

    private func code(_ verdict: ReceiptAudit.Verdict) -> ReceiptAudit.Refusal.Code? {
        guard case .refused(let refusal) = verdict else { return nil }
        return refusal.code
    }

    private func facts(_ verdict: ReceiptAudit.Verdict) throws -> ReceiptFacts {
        guard case .proved(let facts) = verdict else {
            throw CocoaError(.coderReadCorrupt, userInfo: ["verdict": "\(verdict)"])
        }
        return facts
    }

    @Test func `a proof file proves the record that is given with it, and no other`() throws {
        let facts = try facts(try judge(file, record: record))
        #expect(facts.sequence.rawValue == 2)
        #expect(facts.record == .whole)
        #expect(facts.witnessed.isEmpty)
        #expect(facts.proves.count == 2)
        #expect(code(try judge(file, record: Array("entry-3".utf8))) == .proofRefused)
        guard case .recordNeeded = try judge(file, record: nil) else {
            Issue.record("a proof file alone proves nothing")
            return
        }
    }

    @Test func `JSON proves its leaf hash, and with the record the record`() throws {
        let json = try json()
        let alone = try facts(try judge(json.canonicalBytes, record: nil))
        #expect(alone.record == nil)
        #expect(alone.doesNotProve.contains { $0.en.contains("--record") })
        let whole = try facts(try judge(json.canonicalBytes, record: record))
        #expect(!whole.doesNotProve.contains { $0.en.contains("--record") })
        let other = try judge(json.canonicalBytes, record: Array("entry-3".utf8))
        #expect(code(other) == .otherRecord)
    }

    @Test func `a witness says when, and that it saw no other history`() throws {
        let facts = try facts(try judge(file, record: record, keys: [], policy: try policy()))
        #expect(facts.witnessed.map(\.name) == ["w"])
        #expect(facts.witnessed.map(\.seconds) == [1_767_225_600])
        #expect(facts.proves.contains { $0.en.contains("2026-01-01T00:00:00.000000Z") })
        #expect(facts.doesNotProve.contains { $0.en.contains("unless w ") })
        // True whatever is given.
        #expect(facts.doesNotProve.contains { $0.en.contains("was true") })
        #expect(facts.doesNotProve.contains { $0.en.contains("today") })
    }

    @Test func `without enough witnesses it is refused`() throws {
        let other = try cosigner("w2.example")
        let rules = "witness v \(other)\ngroup both all w v\nquorum both"
        let verdict = try judge(file, record: record, policy: try policy(rules))
        #expect(code(verdict) == .quorumUnmet)
    }

    private func cosigner(_ name: String) throws -> VerifierKey {
        SignerKey.generate(name: try #require(KeyName(name))).cosignerKey
    }

    @Test func `what was changed proves nothing`() throws {
        let text = String(decoding: file, as: UTF8.self)
        func changed(_ from: String, _ to: String) -> [UInt8] {
            Array(text.replacing(from, with: to, maxReplacements: 1).utf8)
        }
        #expect(code(try judge(changed("index 2", "index 3"), record: record)) == .proofRefused)
        let larger = changed("\n5\n", "\n6\n")
        #expect(code(try judge(larger, record: record)) == .checkpointRefused)
        // A known witness's line that does not verify is tampering, wherever it stands.
        let time = changed("IDJKvgAAAABpVbkA", "IDJKvgAAAABpVbkB")
        #expect(facts(of: try judge(time, record: record)) != nil, "nobody asked for the witness")
        let asked = try judge(time, record: record, policy: try policy())
        #expect(code(asked) == .checkpointRefused)
    }

    private func facts(of verdict: ReceiptAudit.Verdict) -> ReceiptFacts? { try? facts(verdict) }

    @Test func `another log's key proves nothing`() throws {
        let key = SignerKey.generate(name: try #require(KeyName("ledger.example/audit")))
        let verdict = try judge(file, record: record, keys: [key.verifierKey])
        #expect(code(verdict) == .checkpointRefused)
        #expect(code(try judge(file, record: record, keys: [])) == .checkpointRefused)
        // A witness does not speak for a log.
        #expect(code(try judge(file, record: record, keys: [witness])) == .checkpointRefused)
    }

    @Test func `a file holds one receipt, an array, or one a line`() throws {
        let one = try json().canonicalBytes
        func count(_ bytes: [UInt8]) throws -> Int { try KeptReceipt.File(bytes).receipts.count }
        #expect(try count(one) == 1)
        #expect(try count(Array("[".utf8) + one + Array(",".utf8) + one + Array("]".utf8)) == 2)
        #expect(try count(one + [0x0A] + one + [0x0A, 0x0A]) == 2)
        #expect(try KeptReceipt.File(Array(#"{"seq":1}"#.utf8)).receipts[0] == nil)
        #expect(throws: ReceiptFileError.notJSON(line: 2)) {
            try KeptReceipt.File(one + [0x0A] + Array("no".utf8))
        }
        #expect(throws: ReceiptFileError.badProof(.badHeader)) {
            try KeptReceipt.File(Array("c2sp.org/tlog-proof@v2\nindex 0\n\n".utf8))
        }
    }

    /// The same proof as JSON.
    private func json() throws -> JSONValue {
        let proof = try TlogProof(file)
        let leaf = "049d7dcdb56bcfebd313304c9839f196a3d4b6ef3bdc0b08298f93ac8191f0a8"
        return [
            "seq": 2, "leafHash": .string(leaf),
            "proof": .array(proof.hashes.map { .string($0.hex) }),
            "checkpoint": .string(String(decoding: proof.note, as: UTF8.self)),
        ]
    }
}
