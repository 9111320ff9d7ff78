package import Checkpoints
package import DurableFiles
import Merkle

/// A witness (c2sp.org/tlog-witness): cosigns for each log it knows one history only.
package struct Witness: Sendable {
    private let key: SignerKey
    private let judge: WitnessJudge
    private let state: WitnessState

    package init(
        key: SignerKey, logs: [Origin: [VerifierKey]], state folder: String
    ) throws(FileError) {
        self.key = key
        judge = WitnessJudge(logs)
        state = try WitnessState(folder: folder, key: key.cosignerKey)
    }

    /// What others check its cosignatures with.
    package var verifierKey: VerifierKey { key.cosignerKey }
    package var origins: [Origin] { Array(judge.logs.keys) }

    /// Answers `add-checkpoint`: a cosignature line that says that at `seconds` since 1970 this was
    /// the largest tree of the log seen here.
    ///
    /// What is refused changes nothing. Throws if the state cannot be read or written: then nothing
    /// is known to have been cosigned.
    package func addCheckpoint(
        _ body: some Collection<UInt8>, at seconds: UInt64
    ) throws(FileError) -> Result<[UInt8], WitnessRefusal> {
        let candidate: WitnessJudge.Candidate
        do throws(WitnessRefusal) {
            candidate = try judge.read(body)
        } catch {
            return .failure(error)
        }
        var line: NoteSignature?
        let result = try state.advance(candidate.checkpoint.origin) {
            (newest) throws(WitnessRefusal) in
            try judge.demand(candidate, continues: newest)
            guard let signature = key.cosign(candidate.note.text, seconds: seconds)
            else { throw .malformed }
            line = signature
            return kept(candidate, signature)
        }
        return result.map { _ in Array((line?.line ?? "").utf8) }
    }

    /// What is kept and shown to monitors: a line of each key of the log's that signed, and ours.
    ///
    /// Of others' lines, and of repeated ones, there may be any number.
    private func kept(
        _ candidate: WitnessJudge.Candidate, _ signature: NoteSignature
    ) -> SignedNote {
        let keys = judge.logs[candidate.checkpoint.origin] ?? []
        let ofLog = keys.compactMap { key in
            candidate.note.signatures.first { $0.name == key.name && $0.id == key.id }
        }
        return SignedNote(text: candidate.note.text, signatures: ofLog + [signature])
    }

    /// The newest note cosigned here for the log whose origin has this SHA-256; nil if none was.
    package func newest(named name: String) throws(FileError) -> [UInt8]? {
        guard let origin = origins.first(where: { WitnessState.name(of: $0) == name })
        else { return nil }
        return try state.newest(of: origin)?.bytes
    }
}
