package import Checkpoints
package import Records

/// Who signs the ledger's checkpoints: Specs/keys.md.
package struct CheckpointSigner: Sendable {
    private let key: any NoteSigner
    private let overlap: Overlap?

    /// A key that was given up and signs beside the one in force for a while, so that those who
    /// know only it have time to learn the new one.
    package struct Overlap: Sendable {
        let key: any NoteSigner
        let until: Timestamp

        package init(key: any NoteSigner, until: Timestamp) {
            (self.key, self.until) = (key, until)
        }
    }

    package init(_ key: any NoteSigner, overlap: Overlap? = nil) {
        (self.key, self.overlap) = (key, overlap)
    }

    /// The note over `checkpoint`, which is durable; the line of the key in force comes first.
    ///
    /// The other one is a help, and left out where it cannot be had.
    func sign(
        _ checkpoint: Checkpoint, at moment: Timestamp
    ) async throws(SigningError) -> SignedNote {
        let text = checkpoint.text
        var note = SignedNote(text: text, signatures: [try await key.signature(of: text)])
        if let overlap, moment < overlap.until,
            let line = try? await overlap.key.signature(of: text)
        {
            note.add(line)
        }
        return note
    }
}
