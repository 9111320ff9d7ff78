package import Phrases

/// Why a note is no checkpoint of the log that it should be of.
package enum CheckpointError: Error, Hashable, Sendable {
    /// The note itself, or its signatures.
    case note(NoteError)
    /// Not origin, size and root, one line each.
    case wrongLineCount(Int)
    case badOrigin
    /// No decimal number below 2^64 without leading zeros.
    case badSize
    /// No base64 of 32 bytes, or for size 0 another root than that of the empty tree.
    case badRoot
    case otherOrigin(expected: Origin, found: Origin)
}

extension CheckpointError {
    package var phrase: Phrase {
        switch self {
        case .note(let error):
            Phrase(en: "checkpoint: \(error.phrase.en)", zh: "检查点：\(error.phrase.zh)")
        case .wrongLineCount(let count):
            Phrase(
                en: "a checkpoint has three lines, origin, size and root; this one has \(count)",
                zh: "检查点应有来源、规模、树根三行，此处为 \(count) 行")
        case .badOrigin:
            Phrase(en: "the checkpoint's origin is empty", zh: "检查点的来源行为空")
        case .badSize:
            Phrase(
                en: "the checkpoint's size is not a decimal number without leading zeros",
                zh: "检查点的规模不是无前导零的十进制数")
        case .badRoot:
            Phrase(
                en: "the checkpoint's root is not base64 of 32 bytes, "
                    + "or not that of the empty tree though the size is 0",
                zh: "检查点的树根不是 32 字节的 base64，或规模为 0 而树根不是空树的根")
        case .otherOrigin(let expected, let found):
            Phrase(
                en: "the checkpoint is of \(found), not of \(expected)",
                zh: "该检查点属于 \(found)，而不是 \(expected)")
        }
    }
}
