package import CanonicalJSON
package import Merkle
package import Records

/// What rules look at in an event.
package struct EventFacts: Hashable, Sendable {
    /// The type's full name, `penalty.decided`.
    package let type: String
    /// The date of the event in the ledger's time zone, as days since 1970-01-01.
    package let day: Int
    package let instant: Timestamp
    package let sequence: SequenceNumber
    /// The event's `data` without `participants`.
    package let data: JSONValue
    package let participants: [Participant]

    /// The facts of an event with this `data`, an object.
    package init(
        type: String, day: Int, instant: Timestamp, sequence: SequenceNumber, data: JSONValue
    ) {
        (self.type, self.day, self.instant, self.sequence) = (type, day, instant, sequence)
        participants = (data["participants"]?.array ?? []).compactMap(Participant.init)
        var members = data.members ?? []
        members.removeAll { $0.name == "participants" }
        self.data = .object(members)
    }
}

/// A person who acted in an event: Specs/record.md section 3.
package struct Participant: Hashable, Sendable {
    package let person: String
    package let role: String
    package let unit: String?
    package let post: String?
    package let opinion: String?
    /// The order of speaking, from 1.
    package let order: Int64?
    /// The grade of evidence.
    package let evidence: String?
    /// The digest of the document that shows it.
    package let attachment: String?

    /// The participant that `json` tells of, or nil if it names no person or role.
    package init?(_ json: JSONValue) {
        guard let person = json["person"]?.string, let role = json["role"]?.string else {
            return nil
        }
        (self.person, self.role) = (person, role)
        (unit, post) = (json["unit"]?.string, json["post"]?.string)
        (opinion, order) = (json["opinion"]?.string, json["order"]?.integer)
        (evidence, attachment) = (json["evidence"]?.string, json["attachment"]?.string)
    }
}

/// The event that is judged, and what its stream held before it.
package protocol StreamContext {
    var judged: EventFacts { get }

    /// The events of the type with this full name before the judged one, the latest last.
    ///
    /// Asked often: an answer should be at hand, and not be looked for event by event.
    func earlier(_ type: String) -> [EventFacts]
}
