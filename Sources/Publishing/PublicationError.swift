package import DurableFiles
package import Phrases

/// Why a ledger was not published.
package enum PublicationError: Error, Hashable, Sendable {
    /// What was published, or seen by a witness, and what the ledger has cannot both be its
    /// history: all of it is evidence.
    case contradiction(Phrase)
    /// The folder or the ledger is not as it must be; nothing is said against anybody.
    case refused(Phrase)
    case file(FileError)

    package var phrase: Phrase {
        switch self {
        case .contradiction(let phrase), .refused(let phrase): phrase
        case .file(let error): error.phrase
        }
    }
}

extension PublicationError {
    static func evidence(en: String, zh: String) -> PublicationError {
        .contradiction(
            Phrase(
                en: en + ". Nothing was published; keep the folder, the ledger and its backups as "
                    + "they are: they are evidence",
                zh: zh + "。未发布任何内容；请将该目录、账本及其备份保持原样，它们是证据"))
    }

    static func refused(en: String, zh: String) -> PublicationError {
        .refused(Phrase(en: en, zh: zh))
    }

    static let damagedIndex = PublicationError.refused(
        en:
            "the ledger's stored hashes do not give the root that its checkpoint signs: run hanqing "
            + "verify; if the log is sound, delete the folder index and publish again",
        zh: "账本所存哈希推算不出检查点所签的树根：请运行 hanqing verify；若日志完好，请删除 index 目录后重新发布")
}
