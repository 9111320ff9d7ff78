package import Phrases

/// Why an event was not recorded: an answer, not an error.
package struct Refusal: Error, Hashable, Sendable {
    package let code: Code
    /// Where in what was sent: a JSON pointer (RFC 6901), empty for the whole.
    package let pointer: String
    package let reason: Phrase
    /// Of code `rule`, the rule in parts.
    package let rule: RefusingRule?

    package init(
        _ code: Code, at pointer: String = "", _ reason: Phrase, rule: RefusingRule? = nil
    ) {
        (self.code, self.pointer, self.reason) = (code, pointer, reason)
        self.rule = rule
    }

    package init(_ code: Code, at pointer: String = "", en: String, zh: String) {
        self.init(code, at: pointer, Phrase(en: en, zh: zh))
    }

    package var phrase: Phrase {
        pointer.isEmpty
            ? reason : Phrase(en: "\(pointer): \(reason.en)", zh: "\(pointer)：\(reason.zh)")
    }
}

extension Refusal {
    /// What kind of refusal it is; the spelling is stable and part of the command line's output.
    package enum Code: String, Sendable, CaseIterable {
        /// The bytes are no JSON that we read.
        case malformed
        /// An attribute or member that the format does not have.
        case unknownMember = "unknown-member"
        /// An attribute or member that must be there is not.
        case missing
        /// A value of the wrong type, form or range.
        case invalid
        /// The catalogue in force has no such event type, or it has another procedure.
        case unknownType = "unknown-type"
        /// The type is the ledger's own.
        case reservedType = "reserved-type"
        /// A value in a field that must be sealed, and nobody could open it.
        case needsSealing = "needs-sealing"
        /// The event is said to happen in the future.
        case inFuture = "in-future"
        /// The record would be over 65,535 bytes.
        case tooLarge = "too-large"
        /// The same source and id with other content.
        case conflict
        /// Some events of a batch are recorded already and some are not.
        case partlyRecorded = "partly-recorded"
        /// The stream is not at the expected revision.
        case wrongRevision = "wrong-revision"
        /// What a correction or withdrawal names is not there.
        case wrongTarget = "wrong-target"
        /// Another event of the same atomic batch was refused.
        case inRefusedBatch = "in-refused-batch"
        /// An attachment that the event names is not held.
        case missingAttachment = "missing-attachment"
        /// A rule of the catalogue forbids the act as long as something is missing.
        case rule
        /// The producer may not state facts past the rules.
        case mayNotAssert = "may-not-assert"
        /// The disk did not answer: nothing is known against the event.
        case unavailable
    }
}

/// The rule that refuses an event, in parts for programs: Specs/judging.md section 4.
package struct RefusingRule: Hashable, Sendable {
    package let id: String
    /// The clauses it rests on.
    package let basis: [Phrase]
    /// The law's own words, in Chinese.
    package let quote: String?
    /// What is missing or in the way: event types or persons.
    package let missing: [Named]
    /// What to do about it.
    package let next: Phrase

    package struct Named: Hashable, Sendable {
        package let name: String
        package let title: Phrase

        package init(name: String, title: Phrase) {
            (self.name, self.title) = (name, title)
        }
    }

    package init(
        id: String, basis: [Phrase], quote: String?, missing: [Named], next: Phrase
    ) {
        (self.id, self.basis, self.quote) = (id, basis, quote)
        (self.missing, self.next) = (missing, next)
    }
}
