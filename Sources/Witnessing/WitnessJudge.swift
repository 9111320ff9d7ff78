package import Checkpoints
import Merkle

/// What a witness decides, without files or clock (c2sp.org/tlog-witness, `add-checkpoint`).
package struct WitnessJudge: Sendable {
    /// The logs that it knows, each by the keys that may sign for it.
    package let logs: [Origin: [VerifierKey]]

    package init(_ logs: [Origin: [VerifierKey]]) {
        self.logs = logs
    }

    /// A request that says nothing wrong by itself, of a log that is known and has signed it.
    package struct Candidate: Sendable {
        let request: WitnessRequest
        package let checkpoint: Checkpoint

        package var note: SignedNote { request.note }
    }

    /// Judges what does not depend on what was cosigned before.
    package func read(_ body: some Collection<UInt8>) throws(WitnessRefusal) -> Candidate {
        guard let request = WitnessRequest(body) else { throw refusal(ofUnreadable: Array(body)) }
        guard let checkpoint = try? Checkpoint(spelling: request.note.text)
        else { throw .malformed }
        guard let keys = logs[checkpoint.origin] else { throw .unknownLog }
        guard (try? request.note.verifiedKeys(among: keys)) != nil else { throw .notSigned }
        guard request.old <= checkpoint.size else { throw .oldIsLarger }
        return Candidate(request: request, checkpoint: checkpoint)
    }

    /// What is said of a body that cannot be read.
    ///
    /// A line that is no signature is one that does not verify, if all before it is in order.
    private func refusal(ofUnreadable body: [UInt8]) -> WitnessRefusal {
        let empty = body.indices.dropLast().last { body[$0] == 0x0A && body[$0 + 1] == 0x0A }
        guard let empty, let name = KeyName("unreadable") else { return .malformed }
        let line = NoteSignature(name: name, id: KeyID(0), bytes: [0]).line
        guard let request = WitnessRequest(body[...(empty + 1)] + Array(line.utf8)),
            let checkpoint = try? Checkpoint(spelling: request.note.text)
        else { return .malformed }
        return logs[checkpoint.origin] == nil ? .unknownLog : .notSigned
    }

    /// Whether the candidate continues `newest`, what was cosigned last; nil if nothing was.
    package func demand(
        _ candidate: Candidate, continues newest: Checkpoint?
    ) throws(WitnessRefusal) {
        let (old, new) = (candidate.request.old, candidate.checkpoint)
        let known = newest?.size ?? .zero
        guard old == known else { throw .otherSize(known) }
        guard new.size > .zero || new.root == Root(.emptyTree) else { throw .wrongEmptyRoot }
        guard let newest, known > .zero else {
            // Every tree continues the empty one; a proof of that has no hashes.
            guard candidate.request.proof.isEmpty else { throw .inconsistent }
            return
        }
        do throws(ProofError) {
            try verifyConsistency(
                from: old, to: new.size, oldRoot: newest.root, newRoot: new.root,
                proof: candidate.request.proof, MerkleHasher())
        } catch {
            throw .inconsistent
        }
    }
}
