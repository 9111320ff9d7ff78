package import Auditing
import Checkpoints
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
    package func judge(receipt: KeptReceipt?) async throws(LedgerError) -> ReceiptVerdict {
        switch ReceiptAudit(keys: keys, policy: nil).judge(receipt, record: nil) {
        case .proved(let facts): try await judge(facts)
        case .refused(let refusal): .invalid(refusal.phrase)
        case .recordNeeded:
            .invalid(
                Phrase(
                    en: "a proof file says nothing of a record by itself: hanqing receipt verify "
                        + "takes the record too",
                    zh: "证明文件本身不说明是哪条记录：请用 hanqing receipt verify 并提供记录"))
        }
    }

    private func judge(_ stated: ReceiptFacts) async throws(LedgerError) -> ReceiptVerdict {
        // A key signs one history: what it signed beyond the restore that replaced it is lost.
        let place = keys.firstIndex(of: stated.checkpoint.key) ?? 0
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
            guard leaf != stated.leaf.digest else { return .present }
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
