package import Checkpoints
import Digests
package import Merkle
package import Phrases

/// What a ledger holds of others, as it follows from the records of `ledger/anchors`.
package struct AnchorBook: Sendable {
    /// By origin.
    package private(set) var entries: [Origin: Entry] = [:]
    /// Records that are not as they must be.
    package private(set) var faults: [Fault] = []
    private var origins: [String: Origin] = [:]

    /// What is held of one ledger.
    package struct Entry: Sendable {
        /// The newest.
        package fileprivate(set) var anchored: Anchored?
        /// Every fork; of other reasons, what was refused since the newest was anchored.
        package fileprivate(set) var refusals: [RefusedAnchor] = []

        /// The gravest reason; nil if nothing is held against it.
        package var reason: AnchorRefusal? {
            AnchorRefusal.allCases.first { reason in refusals.contains { $0.reason == reason } }
        }
    }

    package struct Fault: Hashable, Sendable {
        package let sequence: SequenceNumber
        package let phrase: Phrase
    }

    package init() {}

    /// The ledger that was read at a place when it was anchored last.
    package func origin(at place: String) -> Origin? { origins[place] }

    /// Takes the next record of the stream `ledger/anchors`.
    package mutating func take(_ line: [UInt8], at sequence: SequenceNumber) {
        switch AnchorRecord(line) {
        case .anchored(let anchored): take(anchored)
        case .refused(let refused):
            entries[refused.origin, default: Entry()].refusals
                .append(refused)
        case nil:
            add(
                sequence, "it is no record of an anchoring, or its checkpoint does not verify",
                "不是锚定记录，或其检查点验证不通过")
        }
    }

    /// Takes the record before those that were taken; what later ones tell goes before it, and
    /// nothing is proved.
    package mutating func takeEarlier(_ line: [UInt8]) {
        switch AnchorRecord(line) {
        case .anchored(let anchored):
            if entries[anchored.origin]?.anchored == nil {
                entries[anchored.origin, default: Entry()].anchored = anchored
            }
            if origins[anchored.place] == nil { origins[anchored.place] = anchored.origin }
        case .refused(let refused):
            guard entries[refused.origin]?.anchored == nil else { return }
            entries[refused.origin, default: Entry()].refusals.append(refused)
        case nil: break
        }
    }

    /// Whether it knows the newest of what is at these places, and of these ledgers.
    package func knows(_ places: [String], _ wanted: [Origin]) -> Bool {
        places.allSatisfy { place in
            origins[place].map { entries[$0]?.anchored != nil } ?? false
        } && wanted.allSatisfy { entries[$0]?.anchored != nil }
    }

    private mutating func take(_ anchored: Anchored) {
        var entry = entries[anchored.origin] ?? Entry()
        guard continues(anchored, entry.anchored) else {
            return add(
                anchored.sequence,
                "nothing proves that \(anchored.origin) grew from what was anchored before",
                "没有证明表明 \(anchored.origin) 自此前锚定之后只增不改")
        }
        entry.refusals.removeAll { $0.reason != .forked }
        entry.anchored = anchored
        entries[anchored.origin] = entry
        origins[anchored.place] = anchored.origin
    }

    private func continues(_ anchored: Anchored, _ last: Anchored?) -> Bool {
        guard let last else { return anchored.since == .zero }
        guard anchored.since == last.checkpoint.size, anchored.checkpoint.size > anchored.since
        else { return false }
        let isProved: ()? = try? verifyConsistency(
            from: anchored.since, to: anchored.checkpoint.size, oldRoot: last.checkpoint.root,
            newRoot: anchored.checkpoint.root, proof: anchored.consistency, MerkleHasher())
        return isProved != nil
    }

    private mutating func add(_ sequence: SequenceNumber, _ en: String, _ zh: String) {
        faults.append(Fault(sequence: sequence, phrase: Phrase(en: en, zh: zh)))
    }
}
