package import Auditing
import CanonicalJSON
package import Checkpoints
package import Digests
package import Merkle
package import Records

/// A checkpoint of another ledger that was anchored: `ledger.anchored` of Specs/anchoring.md.
package struct Anchored: Hashable, Sendable {
    /// The record that holds it, and when that was recorded.
    package let sequence: SequenceNumber
    package let recorded: Timestamp
    /// Where it was read.
    package let place: String
    package let checkpoint: VerifiedCheckpoint
    /// The size that was anchored before; zero in the first.
    package let since: TreeSize
    /// Leads from there to the checkpoint.
    package let consistency: [Digest]

    package var origin: Origin { checkpoint.origin }
    package var key: VerifierKey { checkpoint.key }
}

/// A checkpoint that was refused: `ledger.anchor-refused`.
package struct RefusedAnchor: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let recorded: Timestamp
    package let place: String
    /// The ledger that was to be there.
    package let origin: Origin
    package let reason: AnchorRefusal
    /// The record of the anchored checkpoint that it was compared with.
    package let last: SequenceNumber?
    /// What stays as evidence: both notes, or what was shown.
    package let evidence: ForkEvidence?
}

/// Why a checkpoint is not anchored; the spelling is stable.
package enum AnchorRefusal: String, Hashable, Sendable, CaseIterable {
    /// It is not of the history that was anchored.
    case forked
    /// It covers fewer records than were anchored.
    case rolledBack = "rolled-back"
    /// It is of another ledger than the one that was to be there.
    case otherLedger = "other-ledger"
    /// It is not signed by the key that the ledger had.
    case keyUnknown = "key-unknown"
}

/// A record of the stream `ledger/anchors`.
package enum AnchorRecord: Sendable {
    case anchored(Anchored)
    case refused(RefusedAnchor)

    package static let anchoredType = "ledger.anchored"
    package static let refusedType = "ledger.anchor-refused"

    /// Nil if the line is not one of them, or its checkpoint does not verify.
    package init?(_ line: [UInt8]) {
        guard let value = try? JSONValue(parsing: line), let event = value["event"],
            let data = event["data"],
            let number = value["chain"]?["seq"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let recorded = value["chain"]?["recorded"]?.string.flatMap({ Timestamp(fixed: $0) }),
            let origin = data["origin"]?.string.flatMap(Origin.init),
            let place = data["place"]?.string
        else { return nil }
        let sequence = SequenceNumber(number)
        switch event["type"]?.string {
        case AnchorRecord.anchoredType:
            guard let anchored = Anchored(data, origin, place, sequence, recorded) else {
                return nil
            }
            self = .anchored(anchored)
        case AnchorRecord.refusedType:
            guard let reason = data["reason"]?.string.flatMap({ AnchorRefusal(rawValue: $0) })
            else { return nil }
            let last = data["last"]?.integer.flatMap { UInt64(exactly: $0) }
            self = .refused(
                RefusedAnchor(
                    sequence: sequence, recorded: recorded, place: place, origin: origin,
                    reason: reason, last: last.map { SequenceNumber($0) },
                    evidence: data["evidence"].flatMap { ForkEvidence($0) }))
        default: return nil
        }
    }
}

extension Anchored {
    fileprivate init?(
        _ data: JSONValue, _ origin: Origin, _ place: String, _ sequence: SequenceNumber,
        _ recorded: Timestamp
    ) {
        guard let key = data["key"]?.string.flatMap({ try? VerifierKey($0) }),
            let note = data["note"]?.string,
            let checkpoint = try? VerifiedCheckpoint(
                verifying: Array(note.utf8), of: origin, by: [key]),
            let since = data["since"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let texts = data["proof"]?.array
        else { return nil }
        let proof = texts.compactMap { $0.string.flatMap { Digest(hex: $0) } }
        guard proof.count == texts.count else { return nil }
        self.init(
            sequence: sequence, recorded: recorded, place: place, checkpoint: checkpoint,
            since: TreeSize(since), consistency: proof)
    }
}
