package import Auditing
package import CanonicalJSON
package import Checkpoints
package import Digests
package import Merkle
import Phrases

/// Compares what a place shows with what was anchored of its ledger: Specs/anchoring.md section 1.
package struct AnchorJudge: Sendable {
    private let origin: Origin
    private let key: VerifierKey
    private let last: Anchored?

    /// The ledger that must be there, its key, and what was anchored of it last.
    package init(_ origin: Origin, _ key: VerifierKey, last: Anchored?) {
        (self.origin, self.key, self.last) = (origin, key, last)
    }

    package enum Judgement: Sendable {
        /// It grew from what was anchored.
        case grown(VerifiedCheckpoint, since: TreeSize, consistency: [Digest])
        case unchanged(TreeSize)
        case refused(AnchorRefusal, Shown)
    }

    /// What is kept of a refused checkpoint.
    package enum Shown: Sendable {
        case evidence(ForkEvidence)
        case note([UInt8])
    }

    /// A note that is kept has at most so many bytes.
    private static let noteByteCountMax = 8192

    /// Throws ``SourceError`` if nothing can be said.
    package func judge(_ reader: any TileReader) async throws(SourceError) -> Judgement {
        let note = try await PublishedLog.note(at: reader)
        guard let stated = AnchorJudge.checkpoint(note) else {
            throw SourceError(
                PublishedLog.checkpointFile,
                Phrase(en: "what is there is no checkpoint", zh: "该处内容不是检查点"))
        }
        guard stated.origin == origin else { return .refused(.otherLedger, try shown(note)) }
        guard let newest = try? VerifiedCheckpoint(verifying: note, of: origin, by: [key]) else {
            return .refused(.keyUnknown, try shown(note))
        }
        return try await judge(AnchorJudge.reduced(newest), reader)
    }

    private func judge(
        _ newest: VerifiedCheckpoint, _ reader: any TileReader
    ) async throws(SourceError) -> Judgement {
        guard let last else { return .grown(newest, since: .zero, consistency: []) }
        let old = last.checkpoint
        func evidence(_ contradiction: ForkEvidence.Contradiction) -> Shown {
            .evidence(
                ForkEvidence(
                    origin: origin, first: old.bytes, second: newest.bytes, contradiction))
        }
        guard newest.size >= old.size else { return .refused(.rolledBack, evidence(.shorter)) }
        guard newest.checkpoint != old.checkpoint, old.size > .zero else {
            return newest.size > old.size
                ? .grown(newest, since: old.size, consistency: []) : .unchanged(old.size)
        }
        var log = PublishedLog(reader, newest)
        let past = try await log.past(at: old.size)
        guard past.root == old.root else {
            return .refused(
                .forked, evidence(.roots(past.root, consistency: past.consistency)))
        }
        return .grown(newest, since: old.size, consistency: past.consistency)
    }

    private static func checkpoint(_ note: [UInt8]) -> Checkpoint? {
        (try? SignedNote(note)).flatMap { try? Checkpoint(text: $0.text) }
    }

    /// The note with no other line than the log's, so that a record has room for it.
    private static func reduced(_ checkpoint: VerifiedCheckpoint) -> VerifiedCheckpoint {
        let own = checkpoint.note.signatures.filter {
            $0.name == checkpoint.key.name && $0.id == checkpoint.key.id
        }
        let note = SignedNote(text: checkpoint.note.text, signatures: Array(own.prefix(1)))
        let reduced = try? VerifiedCheckpoint(
            verifying: note.bytes, of: checkpoint.origin, by: [checkpoint.key])
        return reduced ?? checkpoint
    }

    private func shown(_ note: [UInt8]) throws(SourceError) -> Shown {
        guard note.count <= AnchorJudge.noteByteCountMax else {
            throw SourceError(
                PublishedLog.checkpointFile,
                Phrase(
                    en: "the checkpoint there is no ledger's that was to be there, and too long to "
                        + "be kept as evidence",
                    zh: "该处检查点并非应在该处的账本所有，且过长，无法留作证据"))
        }
        return .note(note)
    }
}

extension AnchorJudge {
    /// The data of the record that a judgement becomes, without operator; nil if there is none.
    package func data(
        of judgement: Judgement, at place: String
    ) -> (type: String, members: [JSONMember])? {
        var members = [
            JSONMember("key", .string(key.description)),
            JSONMember("origin", .string(origin.text)), JSONMember("place", .string(place)),
        ]
        switch judgement {
        case .unchanged: return nil
        case .grown(let checkpoint, let since, let proof):
            members += [
                JSONMember("note", text(checkpoint.bytes)),
                JSONMember("proof", .array(proof.map { .string($0.hex) })),
                JSONMember("since", .integer(Int64(clamping: since.rawValue))),
            ]
            return (AnchorRecord.anchoredType, members)
        case .refused(let reason, let shown):
            members.append(JSONMember("reason", .string(reason.rawValue)))
            if let last {
                members.append(
                    JSONMember("last", .integer(Int64(clamping: last.sequence.rawValue))))
            }
            switch shown {
            case .evidence(let evidence): members.append(JSONMember("evidence", evidence.json))
            case .note(let note): members.append(JSONMember("note", text(note)))
            }
            return (AnchorRecord.refusedType, members)
        }
    }

    private func text(_ note: [UInt8]) -> JSONValue {
        .string(String(decoding: note, as: UTF8.self))
    }
}
