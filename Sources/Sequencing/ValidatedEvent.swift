import CanonicalJSON
import Digests
package import Merkle
package import Records
import Sealing

/// An event that the catalogue in force has found right; only ``Intake`` makes one, and ``Sealer``
/// one with boxes of one with values.
package struct ValidatedEvent: Sendable {
    package let event: CloudEvent
    /// The record that a correction, withdrawal or statement is about.
    package let target: EventTarget?
    /// Why it is refused if it is not recorded yet: what is recorded already is a repeat whatever
    /// its producer may assert.
    let refusalsIfNew: [Refusal]
    /// Values that are in clear still; an event with any is never recorded.
    private(set) var secrets: [SealedMember] = []
    /// A correction that may have such values: what it corrects tells.
    private(set) var mayCorrectSecrets = false
    /// Boxes stand in place of all such values.
    private(set) var isSealed = false
    /// How it compares with what is recorded under its name.
    private(set) var likeness = Likeness.byBytes

    /// Whether an event is the one that is recorded under its source and id.
    enum Likeness: Hashable {
        /// Its bytes say.
        case byBytes
        case other
        /// As far as could be compared, if not everything could: Specs/sealing.md section 5.
        case same(isCompared: Bool)
    }

    init(_ event: CloudEvent, target: EventTarget?, refusalsIfNew: [Refusal] = []) {
        (self.event, self.target) = (event, target)
        self.refusalsIfNew = refusalsIfNew
    }

    /// Whether it goes to a ``Sealer`` before it is submitted.
    package var needsSealing: Bool { !secrets.isEmpty || mayCorrectSecrets }

    /// Why it is never recorded as it is.
    var unsealed: [Refusal] { secrets.map { .unsealed($0.name) } }

    func with(secrets: [SealedMember], mayCorrectSecrets: Bool) -> ValidatedEvent {
        var event = self
        (event.secrets, event.mayCorrectSecrets) = (secrets, mayCorrectSecrets)
        return event
    }

    /// Recorded already: its values are compared, not sealed.
    func recorded(_ likeness: Likeness) -> ValidatedEvent {
        var event = self
        event.likeness = likeness
        return event
    }

    /// The same with boxes in place of values.
    func sealed(_ event: CloudEvent) -> ValidatedEvent {
        var sealed = ValidatedEvent(event, target: target, refusalsIfNew: refusalsIfNew)
        sealed.isSealed = true
        return sealed
    }
}

/// A record that an event names by number and leaf hash.
package struct EventTarget: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let leafHash: LeafHash
    /// Where the event names it, as a JSON pointer.
    package let pointer: String
}
