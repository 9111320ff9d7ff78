package import CanonicalJSON
package import Catalogue
import Digests
package import Records
import Rules

/// A fictitious accident and what came before it over five years: what a trace must find.
///
/// A permit, an inspection that finds a hazard, the hazard listed and never accepted as gone, a
/// report on it found untrue, a penalty reduced against a dissent, the accident, its investigation
/// and two persons called to account. The same seed gives the same events.
package struct AccidentStory: Sendable {
    /// An event, and when a ledger of that time recorded it.
    package struct Event: Sendable {
        package let json: JSONValue
        package let recorded: Timestamp
        /// Of those about other records: what they name, by id.
        let targets: [String]

        package var id: String { json["id"]?.string ?? "" }
    }

    /// In the order in which they are recorded.
    package let events: [Event]
    /// What is recorded once the numbers of the others are known.
    package let mends: [Event]
    package let truths: [StoryTruth]
    /// The streams from which the story is traced.
    package let accident: String
    package let hazard: String
    /// The code of the enterprise.
    package let enterprise: String

    static let source = "https://story.example/accident"

    package init(_ catalogue: EventCatalogue, seed: UInt64) {
        let cast = StoryCast(seed: seed)
        var writer = StoryWriter(catalogue, cast)
        for step in StoryCast.posts + AccidentStory.course { writer.write(step) }
        events = writer.events.filter(\.targets.isEmpty).sorted { $0.recorded < $1.recorded }
        mends = writer.events.filter { !$0.targets.isEmpty }.sorted { $0.recorded < $1.recorded }
        truths = writer.truths(AccidentStory.traced) + AccidentStory.owed.map { writer.owed($0) }
        accident = writer.stream(of: "AX")
        hazard = writer.stream(of: "HZ")
        enterprise = cast.code
    }

    /// An event that names records, once these are known by their ids.
    package static func mend(
        _ event: Event, places: (_ id: String) -> (sequence: Int64, leafHash: String)?
    ) -> JSONValue? {
        var found: [JSONValue] = []
        for target in event.targets {
            guard let place = places(target) else { return nil }
            found.append([
                "seq": .integer(place.sequence), "leafHash": .string(place.leafHash),
            ])
        }
        return StoryWriter.filled(event.json, found)
    }
}

/// What a trace of the story must hold.
package struct StoryTruth: Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// A record of a case that belongs to the trace.
        case trace
        /// A case that must not be in it.
        case traceForeign
        /// A duty that was missed.
        case traceDuty
    }

    package struct Person: Hashable, Sendable {
        package let person: String
        package let role: String
        package let post: String?
        package let opinion: String?
        package let order: Int64?

        package init(
            person: String, role: String, post: String?, opinion: String?, order: Int64?
        ) {
            (self.person, self.role, self.post) = (person, role, post)
            (self.opinion, self.order) = (opinion, order)
        }
    }

    package struct Correction: Hashable, Sendable {
        package let event: String
        package let recorded: Timestamp
        /// As it is said from then on.
        package let persons: [Person]
    }

    package let kind: Kind
    /// Of the record; of a duty, of the record that began it; empty of a foreign case.
    package let event: String
    package let stream: String
    /// When a ledger of that time recorded it.
    package let recorded: Timestamp
    package var persons: [Person] = []
    package var duty: String?
    package var correction: Correction?
    /// What later became of it.
    package var fate: String?
    /// It happened before the accident, and was entered after it.
    package var isEnteredAfter = false

    package var json: JSONValue {
        var members = [
            JSONMember("kind", .string(kind.rawValue)), JSONMember("event", .string(event)),
            JSONMember("source", .string(AccidentStory.source)),
            JSONMember("stream", .string(stream)),
        ]
        if let duty { members.append(JSONMember("duty", .string(duty))) }
        if let fate { members.append(JSONMember("fate", .string(fate))) }
        if isEnteredAfter { members.append(JSONMember("enteredAfter", true)) }
        if !persons.isEmpty {
            members.append(JSONMember("persons", .array(persons.map(\.json))))
        }
        if let correction {
            members.append(
                JSONMember(
                    "correction",
                    [
                        "event": .string(correction.event),
                        "persons": .array(correction.persons.map(\.json)),
                    ]))
        }
        return .object(members)
    }
}

extension StoryTruth.Person {
    fileprivate var json: JSONValue {
        [
            "person": .string(person), "role": .string(role),
            "post": post.map { .string($0) } ?? .null,
            "opinion": opinion.map { .string($0) } ?? .null,
            "order": order.map { .integer($0) } ?? .null,
        ]
    }
}
