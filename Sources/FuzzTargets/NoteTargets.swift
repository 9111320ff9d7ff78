import Checkpoints
import Digests
import Merkle

extension FuzzTarget {
    private static let words = [
        "\n\n", "\u{2014} ", "c2sp.org/tlog-proof@v1\n", "extra ", "index ", "cosignature/v1\n",
        "PRIVATE+KEY+", "vectors.example/v1\n", "example.org/log\n",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "+f10b6509+", "ledger.example/audit\n5\n",
        "witness.example/w1+20324abe+BCmsuuFB",
    ]

    /// A signed note, a checkpoint, the lines of witnesses and the texts of keys.
    static let note = FuzzTarget("note", byteCountMax: 2048, dictionary: words) {
        (bytes) throws(Broken) in
        let isKey = try judgeKeys(String(decoding: bytes, as: UTF8.self))
        let areLines = try judgeLines(bytes)
        guard let note = try? SignedNote(bytes) else {
            return isKey || areLines ? .read : .refused
        }
        try demand(note.bytes.elementsEqual(bytes), "a note that is read has one spelling")
        if let checkpoint = try? Checkpoint(text: note.text) {
            try demand(checkpoint.text == note.text, "a checkpoint has one spelling")
            try judge(note, bytes, checkpoint)
        }
        return .read
    }

    /// Nobody has the key of these, so nothing verifies that was not signed before.
    private static func judge(
        _ note: SignedNote, _ bytes: UnsafeRawBufferPointer, _ checkpoint: Checkpoint
    ) throws(Broken) {
        let verified = try? VerifiedCheckpoint(
            verifying: bytes, of: checkpoint.origin, by: knownKeys)
        guard let verified else { return }
        try demand(knownTexts.contains(note.text), "only what was signed verifies")
        _ = try? verified.cosignatures(by: knownKeys)
    }

    private static func judgeLines(_ bytes: UnsafeRawBufferPointer) throws(Broken) -> Bool {
        guard let lines = try? NoteSignature.parse(lines: bytes) else { return false }
        let again = lines.flatMap { Array($0.line.utf8) }
        try demand(again.elementsEqual(bytes), "signature lines have one spelling")
        for line in lines { _ = Cosignature(bytes: line.bytes) }
        return true
    }

    private static func judgeKeys(_ text: String) throws(Broken) -> Bool {
        if let key = try? VerifierKey(text) {
            try demand(key.description.utf8.elementsEqual(text.utf8), "a key has one spelling")
            return true
        }
        if let key = try? SM2VerifierKey(text) {
            try demand(key.description.utf8.elementsEqual(text.utf8), "a key has one spelling")
            return true
        }
        guard let key = try? SignerKey(secretText: text) else { return false }
        try demand(key.secretText.utf8.elementsEqual(text.utf8), "a key has one spelling")
        return true
    }

    /// A record's proof that stands alone.
    static let proof = FuzzTarget("proof", byteCountMax: 4096, dictionary: words) {
        (bytes) throws(Broken) in
        guard let proof = try? TlogProof(bytes) else { return .refused }
        try demand(proof.bytes.elementsEqual(bytes), "a proof has one spelling")
        guard let origin = Origin("ledger.example/audit") else { return .read }
        let hasher = MerkleHasher()
        let leaf = Array("entry-2".utf8).withUnsafeBytes { hasher.leaf($0) }
        let shown = try? proof.verify(leaf, of: origin, by: knownKeys, hasher)
        try demand(
            shown == nil || proof.sequence.rawValue == 2 && shown?.size == TreeSize(5),
            "a proof shows a record at its place alone")
        let other = try? proof.verify(LeafHash(.zero), of: origin, by: knownKeys, hasher)
        try demand(other == nil, "no proof shows a record that is in no log")
        return .read
    }

    /// The keys of the golden ledger and of the worked example's log and witness.
    private static let knownKeys = [
        "vectors.example/v1+f10b6509+AQZk8sbqb2EphAkOmfByJlyfM/tWXVb+UG7f82tEG3vZ",
        "ledger.example/audit+2a52108c+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X",
    ].compactMap { try? VerifierKey($0) }

    private static let knownTexts = [
        "vectors.example/v1\n30\n836+bsi6SeNe0o3wVCxBvnmz7+Ur/mZjyB1OUVOwB64=\n",
        "ledger.example/audit\n5\nGqaNMHSQWlgfhMu9D3U3lJBP2ARRvEwT5p2aU7xZUCw=\n",
    ].map { Array($0.utf8) }
}
