import CanonicalJSON
package import Checkpoints
import Merkle
package import Phrases
import Records

/// Judges receipts with nothing but keys that came by another way: Specs/verify.md section 8.
package struct ReceiptAudit: Sendable {
    private let keys: [VerifierKey]
    private let policy: WitnessPolicy?

    /// `keys` are the log's, of which at least one must have signed; those of `policy` count too.
    package init(keys: [VerifierKey], policy: WitnessPolicy?) {
        self.keys = keys + (policy?.logKeys ?? [])
        self.policy = policy
    }

    package enum Verdict: Sendable {
        case proved(ReceiptFacts)
        case refused(Refusal)
        /// A proof file says nothing of a record by itself.
        case recordNeeded
    }

    package struct Refusal: Error, Hashable, Sendable {
        package enum Code: String, Sendable, CaseIterable {
            /// A brief one, or none at all.
            case notAReceipt = "not-a-receipt"
            case checkpointRefused = "checkpoint-refused"
            case proofRefused = "proof-refused"
            case otherRecord = "other-record"
            case quorumUnmet = "quorum-unmet"
        }

        package let code: Code
        package let phrase: Phrase
    }

    /// `record` is the exact bytes of the record that the receipt is said to be of.
    package func judge(_ receipt: KeptReceipt?, record: [UInt8]?) -> Verdict {
        do throws(Refusal) {
            guard let receipt else { throw .notAReceipt }
            guard let leaf = receipt.leaf ?? record.map(ReceiptAudit.leaf) else {
                return .recordNeeded
            }
            let checkpoint = try verify(receipt.proof, leaf)
            let shown = try record.map { (bytes) throws(Refusal) in
                try ReceiptAudit.compare(bytes, leaf, receipt)
            }
            let cosigners = try cosigners(checkpoint)
            return .proved(
                ReceiptFacts(
                    sequence: receipt.proof.sequence, leaf: leaf, checkpoint: checkpoint,
                    record: shown, policy: policy, cosigners: cosigners))
        } catch {
            return .refused(error)
        }
    }

    private static func leaf(_ record: [UInt8]) -> LeafHash {
        record.withUnsafeBytes { WithheldLine($0)?.leafHash ?? MerkleHasher().leaf($0) }
    }

    private func verify(
        _ proof: TlogProof, _ leaf: LeafHash
    ) throws(Refusal) -> VerifiedCheckpoint {
        let stated = (try? SignedNote(proof.note)).flatMap { try? Checkpoint(text: $0.text) }
        let known = keys.first { $0.name.text == stated?.origin.text } ?? keys.first
        guard let origin = known.flatMap({ Origin($0.name.text) }) else { throw .noKey }
        do throws(TlogProofError) {
            return try proof.verify(leaf, of: origin, by: keys, MerkleHasher())
        } catch {
            if case .proof = error { throw Refusal(code: .proofRefused, phrase: error.phrase) }
            throw Refusal(code: .checkpointRefused, phrase: error.phrase)
        }
    }

    /// The record must have the leaf hash that was proved, and be what the receipt says it is.
    private static func compare(
        _ record: [UInt8], _ leaf: LeafHash, _ receipt: KeptReceipt
    ) throws(Refusal) -> ReceiptFacts.Shown {
        guard ReceiptAudit.leaf(record) == leaf else { throw .otherRecord }
        guard !record.withUnsafeBytes({ WithheldLine($0) != nil }) else { return .withheld }
        let fits = record.withUnsafeBytes { raw in
            try? JSONReader(byteCountMax: RecordLayout.byteCountMax).read(raw) { root -> Bool? in
                guard let view = try? RecordView(root) else { return nil }
                guard view.sequence == receipt.proof.sequence else { return false }
                guard let stated = receipt.stated else { return true }
                return view.revision.rawValue == stated.revision
                    && view.subject.string == stated.stream
                    && view.source.string == stated.source && view.id.string == stated.id
            }
        }
        // What is no record of ours has its leaf hash all the same, and nothing to compare.
        guard fits != false else { throw .otherRecord }
        return .whole
    }

    private func cosigners(
        _ checkpoint: VerifiedCheckpoint
    ) throws(Refusal) -> [VerifierKey: Cosignature] {
        guard let policy else { return [:] }
        let found: [VerifierKey: Cosignature]
        do throws(NoteError) {
            found = try checkpoint.cosignatures(by: policy.witnessKeys)
        } catch {
            throw Refusal(code: .checkpointRefused, phrase: error.phrase)
        }
        guard policy.isMet(by: found.keys) else {
            throw Refusal(code: .quorumUnmet, phrase: policy.unmet(by: found.keys))
        }
        return found
    }
}

extension ReceiptAudit.Refusal {
    fileprivate static let notAReceipt = ReceiptAudit.Refusal(
        code: .notAReceipt,
        phrase: Phrase(
            en: "it is no full receipt: it needs seq, leafHash, checkpoint and proof",
            zh: "不是完整回执：须有 seq、leafHash、checkpoint 和 proof"))

    fileprivate static let noKey = ReceiptAudit.Refusal(
        code: .checkpointRefused,
        phrase: Phrase(
            en: "no key of a log is known; give it with --key", zh: "没有账本公钥；请用 --key 提供"))

    fileprivate static let otherRecord = ReceiptAudit.Refusal(
        code: .otherRecord,
        phrase: Phrase(
            en: "the receipt is of another record than the one given, or the record was changed",
            zh: "回执所指并非所给的记录，或该记录已被改动"))
}
