package import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import LedgerStore
import Merkle
package import Phrases

/// What a receipt proves, and what has become of its record: Specs/backup.md section 5.
package enum ReceiptVerdict: Sendable {
    /// The record is there as it was acknowledged.
    case present
    /// It was acknowledged, and a restore lost it.
    case lost(Restore)
    /// It was acknowledged, and the ledger has another record or none in its place.
    case contradicted(Phrase)
    /// The receipt proves nothing of this ledger.
    case invalid(Phrase)
}

extension Ledger {
    /// Checks a full receipt: signature, inclusion, and the record itself.
    package func judge(receipt: JSONValue) async throws(LedgerError) -> ReceiptVerdict {
        guard let stated = StatedReceipt(receipt) else {
            return .invalid(
                Phrase(
                    en: "it is no full receipt: it needs seq, leafHash, checkpoint and proof",
                    zh: "不是完整回执：须有 seq、leafHash、checkpoint 和 proof"))
        }
        let checkpoint: VerifiedCheckpoint
        do throws(CheckpointError) {
            checkpoint = try VerifiedCheckpoint(
                verifying: Array(stated.note.utf8), of: origin, by: keys)
        } catch {
            return .invalid(error.phrase)
        }
        do throws(ProofError) {
            try verifyInclusion(
                of: LeafHash(stated.leaf), at: stated.sequence, in: checkpoint.size,
                proof: stated.proof, root: checkpoint.root, MerkleHasher())
        } catch {
            return .invalid(
                Phrase(
                    en: "its proof does not lead to the root that its checkpoint signs",
                    zh: "其证明推算不出检查点所签的树根"))
        }
        return try await judge(stated, signedBy: checkpoint)
    }

    private func judge(
        _ stated: StatedReceipt, signedBy checkpoint: VerifiedCheckpoint
    ) async throws(LedgerError) -> ReceiptVerdict {
        // A key signs one history: what it signed beyond the restore that replaced it is lost.
        let place = keys.firstIndex(of: checkpoint.key) ?? 0
        let loss = restores.first {
            keys[(place + 1)...].contains($0.key) && stated.sequence >= $0.sequence
        }
        if let loss { return .lost(loss) }
        let number = stated.sequence.rawValue
        do throws(StoreError) {
            guard try await store.head().size.covers(stated.sequence) else {
                return .contradicted(
                    Phrase(
                        en: "record \(number) was acknowledged and is not there: the ledger was "
                            + "rolled back. Keep the receipt; it is evidence",
                        zh: "记录 \(number) 曾被确认，现已不在：账本被回退。请保存回执，它是证据"))
            }
            let leaf = try await store.hashes(level: 0, number..<number + 1)[0]
            guard leaf != stated.leaf else { return .present }
        } catch {
            throw LedgerError(error)
        }
        return .contradicted(
            Phrase(
                en: "record \(number) is another than the one acknowledged. Keep the receipt; it "
                    + "is evidence, and run hanqing verify",
                zh: "记录 \(number) 与所确认的不同。请保存回执，它是证据，并运行 hanqing verify"))
    }
}

/// What a full receipt says: Specs/record.md's `seq`, `leafHash`, `checkpoint`, `proof`.
private struct StatedReceipt {
    let sequence: SequenceNumber
    let leaf: Digest
    let note: String
    let proof: [Digest]

    init?(_ value: JSONValue) {
        guard let number = value["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let leaf = value["leafHash"]?.string.flatMap({ Digest(hex: $0) }),
            let note = value["checkpoint"]?.string, let hashes = value["proof"]?.array
        else { return nil }
        let proof = hashes.compactMap { $0.string.flatMap { Digest(hex: $0) } }
        guard proof.count == hashes.count else { return nil }
        (sequence, self.leaf, self.note) = (SequenceNumber(number), leaf, note)
        self.proof = proof
    }
}
