package import Phrases

/// One thing that is not as it must be.
package struct Finding: Hashable, Sendable {
    package let code: FindingCode
    /// The first record that may be the damaged one; nil where no record is concerned.
    package var seq: UInt64?
    /// The last record that may be the damaged one.
    package var through: UInt64?
    /// The path inside the ledger.
    package var file: String?
    /// Bytes from the beginning of `file`.
    package var offset: Int?
    package var expected: String
    package var found: String

    package init(
        _ code: FindingCode, seq: UInt64? = nil, through: UInt64? = nil, file: String? = nil,
        offset: Int? = nil, expected: String, found: String
    ) {
        self.code = code
        (self.seq, self.through) = (seq, through ?? seq)
        (self.file, self.offset, self.expected, self.found) = (file, offset, expected, found)
    }

    /// What is wrong and where, for people.
    package var phrase: Phrase {
        var en = code.phrase.en
        var zh = code.phrase.zh
        if let seq, let through {
            en = (seq == through ? "record \(seq)" : "records \(seq) to \(through)") + ": " + en
            zh = (seq == through ? "记录 \(seq)" : "记录 \(seq) 至 \(through)") + "：" + zh
        }
        if let file {
            let place = offset.map { "\(file), byte \($0)" } ?? file
            en += " (\(place))"
            zh += "（\(offset.map { "\(file) 第 \($0) 字节" } ?? file)）"
        }
        return Phrase(
            en: "\(en); expected \(expected), found \(found)",
            zh: "\(zh)；应为 \(expected)，实为 \(found)")
    }

    /// The line that this was found at: a broken link is found at the later of its two records.
    var place: UInt64? { code == .linkBroken ? through : seq }
}

extension Finding {
    /// In the order of the log.
    static func precedes(_ left: Finding, _ right: Finding) -> Bool {
        (left.seq ?? 0, left.code.rawValue, left.through ?? 0, left.file ?? "", left.offset ?? 0)
            < (
                right.seq ?? 0, right.code.rawValue, right.through ?? 0, right.file ?? "",
                right.offset ?? 0
            )
    }
}

/// What does no harm but should be known.
package struct AuditNote: Hashable, Sendable {
    /// Stable, kebab-case: Specs/verify.md section 4.
    package let code: String
    package let phrase: Phrase

    package init(_ code: String, en: String, zh: String) {
        self.code = code
        phrase = Phrase(en: en, zh: zh)
    }
}
