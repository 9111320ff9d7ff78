package import Checkpoints
import Digests
package import Merkle
package import Phrases
import Records

/// What a receipt that holds proves, and what it does not: Specs/verify.md section 8.
package struct ReceiptFacts: Sendable {
    /// What was seen of the record itself.
    package enum Shown: String, Sendable {
        /// Its exact bytes.
        case whole
        /// A line that stands in its place: its leaf hash is what that line says.
        case withheld
    }

    package let sequence: SequenceNumber
    package let leaf: LeafHash
    package let checkpoint: VerifiedCheckpoint
    /// Nil if the record was not given.
    package let record: Shown?
    package let policy: WitnessPolicy?
    package let cosigners: [VerifierKey: Cosignature]
}

extension ReceiptFacts {
    /// Witnesses by the policy's name with the time that each states, the earliest first.
    package var witnessed: [(name: String, seconds: UInt64)] {
        let all = policy?.witnesses.compactMap { witness in
            cosigners[witness.key].map { (witness.name, $0.seconds) }
        }
        return (all ?? []).sorted { ($0.1, $0.0) < ($1.1, $1.0) }
            .map { (name: $0.0, seconds: $0.1) }
    }

    package var proves: [Phrase] {
        var phrases = [
            Phrase(
                en: "record \(sequence) of \(checkpoint.origin) is in the tree of "
                    + "\(checkpoint.size) records that \(checkpoint.key.name) signed "
                    + "(key \(checkpoint.key.id)); its leaf hash is \(leaf.digest.hex)",
                zh: "账本 \(checkpoint.origin) 的记录 \(sequence) 包含在 \(checkpoint.key.name)"
                    + "（密钥 \(checkpoint.key.id)）签名的 \(checkpoint.size) 条记录的树中；"
                    + "其叶哈希为 \(leaf.digest.hex)")
        ]
        if record == .whole {
            phrases.append(
                Phrase(
                    en: "the record given is that record, unchanged since it was entered",
                    zh: "所给记录即为该记录，自入账以来未被改动"))
        }
        for (name, seconds) in witnessed {
            let time = ReceiptFacts.time(seconds)
            phrases.append(
                Phrase(
                    en: "\(name) cosigned that tree at \(time): the record was in the ledger by "
                        + "then, and \(name) had seen no other history of it",
                    zh: "见证人 \(name) 于 \(time) 联署该树：此时记录已在账，且其未见过该账本的其他历史"))
        }
        return phrases
    }

    package var doesNotProve: [Phrase] {
        [
            recordGap,
            Phrase(
                en: "that what was entered was true when it was entered",
                zh: "所登记的内容在登记时是否属实"),
            witnessed.isEmpty
                ? Phrase(
                    en: "when it was entered: the time in a record is the ledger's own word, and "
                        + "no witness's time was checked",
                    zh: "入账时间：记录中的时间出自账本自身，且未核对任何见证人的时间") : nil,
            historyGap,
            Phrase(
                en:
                    "that the record is in the ledger today: ask whoever shows it with hanqing receipt challenge",
                zh: "该记录如今是否仍在账：请用 hanqing receipt challenge 向出示账本者质询"),
        ].compactMap(\.self)
    }

    private var recordGap: Phrase? {
        switch record {
        case .whole: nil
        case nil:
            Phrase(
                en: "what the record says: give its exact bytes with --record",
                zh: "记录的内容：请用 --record 提供其原始字节")
        case .withheld:
            Phrase(
                en: "what the record said: its text was withheld, and the line given only names "
                    + "its leaf hash",
                zh: "记录的原文：该行已遮蔽，仅载明其叶哈希")
        }
    }

    private var historyGap: Phrase {
        let names = witnessed.map(\.name)
        guard !names.isEmpty else {
            return Phrase(
                en: "that others are not shown another history: no witness's cosignature was "
                    + "checked (--policy)",
                zh: "他人所见是否为同一历史：未核对任何见证人的联署（--policy）")
        }
        return Phrase(
            en:
                "that others are not shown another history, unless \(names.joined(separator: ", ")) "
                + "can be relied on",
            zh: "他人所见是否为同一历史，除非 \(names.joined(separator: "、")) 可信")
    }

    /// In UTC; a number where that has no fixed form.
    private static func time(_ seconds: UInt64) -> String {
        let year10000: UInt64 = 253_402_300_800
        guard seconds < year10000 else { return "\(seconds)" }
        return Timestamp(microseconds: Int64(seconds) * 1_000_000).text
    }
}
