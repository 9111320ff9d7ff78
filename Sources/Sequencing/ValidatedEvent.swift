import CanonicalJSON
import Digests
package import Merkle
package import Records

/// An event that the catalogue in force has found right; only ``Intake`` makes one.
package struct ValidatedEvent: Sendable {
    package let event: CloudEvent
    /// The record that a correction, withdrawal or statement is about.
    package let target: EventTarget?
    /// Why it is refused if it is not recorded yet: what is recorded already is a repeat whatever
    /// its producer may assert.
    let refusalsIfNew: [Refusal]

    init(_ event: CloudEvent, target: EventTarget?, refusalsIfNew: [Refusal] = []) {
        (self.event, self.target) = (event, target)
        self.refusalsIfNew = refusalsIfNew
    }
}

/// A record that an event names by number and leaf hash.
package struct EventTarget: Hashable, Sendable {
    package let sequence: SequenceNumber
    package let leafHash: LeafHash
    /// Where the event names it, as a JSON pointer.
    package let pointer: String
}
