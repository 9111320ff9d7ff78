package import Merkle
package import Phrases

/// Why a proof file cannot be read, or does not prove what it should.
package enum TlogProofError: Error, Hashable, Sendable {
    case tooLong
    /// The first line is not `c2sp.org/tlog-proof@v1`.
    case badHeader
    /// Counted from 1.
    case badLine(number: Int)
    case checkpoint(CheckpointError)
    case proof(ProofError)
}

extension TlogProofError {
    package var phrase: Phrase {
        switch self {
        case .tooLong:
            Phrase(
                en: "the proof file is longer than \(SignedNote.maximumByteCount) bytes",
                zh: "证明文件超过 \(SignedNote.maximumByteCount) 字节")
        case .badHeader:
            Phrase(
                en: "the file does not begin with “c2sp.org/tlog-proof@v1”: no proof file, "
                    + "or one of a later version",
                zh: "文件首行不是“c2sp.org/tlog-proof@v1”：不是证明文件，或版本更新")
        case .badLine(let number):
            Phrase(
                en: "line \(number) of the proof file is not as the format has it",
                zh: "证明文件第 \(number) 行不符合格式")
        case .checkpoint(let error): error.phrase
        case .proof(let error): error.phrase
        }
    }
}
