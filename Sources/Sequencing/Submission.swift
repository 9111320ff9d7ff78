package import Merkle
package import Records

/// What is asked of the sequencer at once: it is recorded whole or not at all.
package struct Submission: Sendable {
    package var events: [ValidatedEvent]
    /// Through whom it came in, as ``Recorder`` writes it.
    package var recorder: String

    package init(_ events: [ValidatedEvent], recorder: String) {
        (self.events, self.recorder) = (events, recorder)
    }

    /// Whether it goes to a ``Sealer`` first.
    package var needsSealing: Bool { events.contains { $0.needsSealing } }
}

/// What became of a submission.
///
/// A refusal is an answer; only a ledger that cannot answer throws.
package enum Answer: Sendable {
    case accepted(Acceptance)
    /// Nothing of it was recorded.
    case refused([RefusedEvent])
    /// Too much is waiting already; nothing was recorded.
    case busy(retryAfterSeconds: Int)
}

/// The places that a submission's events have, under one checkpoint.
package struct Acceptance: Sendable {
    package let places: [Place]
    /// The signed note that covers them all.
    package let checkpoint: [UInt8]
    package let size: TreeSize
    /// What the note signs.
    package let root: Root
    /// What the tree of `size` got with the commit that recorded them; nil where nothing was new.
    package let growth: TreeGrowth?

    package struct Place: Hashable, Sendable {
        package let sequence: SequenceNumber
        package let leafHash: LeafHash
        package let revision: Revision
        /// The event was there already.
        package let isRepeat: Bool
        /// Of a repeat: everything was compared with what is recorded, sealed values too.
        package var isCompared = true
    }
}

/// Why a batch was not even submitted: the events that are not sound.
package struct BatchRefused: Error, Hashable, Sendable {
    package let events: [RefusedEvent]

    package init(events: [RefusedEvent]) {
        self.events = events
    }
}

/// What would become of a submission; nothing was recorded.
package enum Prospect: Sendable {
    /// The places it would have, if nobody came before; of what is recorded already, those it has.
    case accepted([Acceptance.Place])
    case refused([RefusedEvent])
}

/// Why one event of a submission was not recorded.
package struct RefusedEvent: Error, Hashable, Sendable {
    /// Its place in the submission, from 0.
    package let place: Int
    package let refusals: [Refusal]

    package init(place: Int, refusals: [Refusal]) {
        (self.place, self.refusals) = (place, refusals)
    }
}
