package import CanonicalJSON
import Catalogue
import Merkle
import Records

extension CaseFile {
    /// The case for programs.
    package var json: JSONValue {
        [
            "stream": .string(stream.text), "procedure": .string("\(stream.procedure)"),
            "title": .string(title), "stage": stage.map { .string($0.id) } ?? .null,
            "ended": .bool(hasEnded), "aliases": .array(aliases.map { .string($0) }),
            "continuedIn": .array(continuedIn.map { .string($0) }),
            "continues": .array(continues.map { .string($0) }),
            "timeline": .array(entries.map(\.json)),
            "people": .array(
                people.map { person in
                    [
                        "person": .string(person.person),
                        "roles": .array(person.roles.map { .string($0) }),
                        "unit": .string(person.unit),
                        "post": person.post.map { .string($0) } ?? .null,
                    ]
                }),
        ]
    }
}

extension CaseFile.Entry {
    fileprivate var json: JSONValue {
        [
            "seq": .integer(Int64(sequence.rawValue)),
            "revision": .integer(Int64(revision.rawValue)), "type": .string(type),
            "time": .string(time), "precision": isDayOnly ? "day" : .null,
            "recorded": .string(recorded.text), "asserted": .bool(isAsserted),
            "operator": .string(operatorPerson),
            "fate": fate.map { .string($0.rawValue) } ?? .null,
            "mends": mends.map { .integer(Int64($0.rawValue)) } ?? .null,
            "participants": .array(participants.map(\.json)),
        ]
    }
}

extension CaseFile.Participant {
    fileprivate var json: JSONValue {
        [
            "person": .string(person), "role": .string(role), "unit": .string(unit),
            "post": post.map { .string($0) } ?? .null,
            "opinion": opinion.map { .string($0) } ?? .null, "evidence": .string(evidence),
        ]
    }
}
