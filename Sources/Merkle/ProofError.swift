package import Phrases

/// Why a proof does not show what it should, with the evidence.
package enum ProofError: Error, Hashable, Sendable {
    /// The tree or subtree has no such record.
    case notCovered(SequenceNumber, by: Subtree)
    /// The subtree, or the older tree, does not lie in the tree.
    case outsideTree(Subtree, size: TreeSize)
    /// The older tree has no records: there is nothing to prove.
    case emptyTree
    /// More hashes than this place in this tree needs.
    case tooLong(hashes: Int)
    /// Fewer hashes than this place in this tree needs.
    case tooShort(hashes: Int)
    /// The proof leads to another hash of the older tree, or of the subtree, than was stated.
    case oldRootDiffers(expected: Root, found: Root)
    /// The proof leads to another root of the tree than was stated.
    case rootDiffers(expected: Root, found: Root)
}

extension ProofError {
    package var phrase: Phrase {
        switch self {
        case .notCovered(let sequence, let subtree):
            Phrase(
                en: "record \(sequence) is not among records \(text(of: subtree))",
                zh: "第 \(sequence) 号记录不在 \(text(of: subtree)) 号记录范围内")
        case .outsideTree(let subtree, let size):
            Phrase(
                en: "records \(text(of: subtree)) are not all in a tree of size \(size)",
                zh: "\(text(of: subtree)) 号记录超出了规模为 \(size) 的树")
        case .emptyTree:
            Phrase(
                en: "the older tree is empty, so a consistency proof from it shows nothing",
                zh: "旧树为空，对它的一致性证明不能说明任何问题")
        case .tooLong(let hashes):
            Phrase(
                en: "the proof has \(hashes) hashes, more than this position needs",
                zh: "证明含 \(hashes) 个哈希值，多于该位置所需")
        case .tooShort(let hashes):
            Phrase(
                en: "the proof has only \(hashes) hashes, fewer than this position needs",
                zh: "证明仅含 \(hashes) 个哈希值，少于该位置所需")
        case .oldRootDiffers(let expected, let found):
            Phrase(
                en: "the proof leads to \(found) for the older tree, not to \(expected)",
                zh: "证明推出的旧树根为 \(found)，而应为 \(expected)")
        case .rootDiffers(let expected, let found):
            Phrase(
                en: "the proof leads to the root \(found), not to \(expected)",
                zh: "证明推出的树根为 \(found)，而应为 \(expected)")
        }
    }

    private func text(of subtree: Subtree) -> String {
        "[\(subtree.leaves.lowerBound), \(subtree.leaves.upperBound))"
    }
}
