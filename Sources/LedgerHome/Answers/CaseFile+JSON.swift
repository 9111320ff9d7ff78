package import CanonicalJSON
import Catalogue
import Merkle
import Records

extension CaseFile {
    /// The case for programs.
    package var json: JSONValue { json(nil) }

    /// The same, as far as it is shown at `level`; without one everything.
    package func json(_ level: AnswerLevel?) -> JSONValue {
        let procedure = String(stream.procedure)
        let title = JSONValue.string(title)
        let aliases = JSONValue.array(aliases.map { .string($0) })
        return [
            "stream": .string(stream.text), "procedure": .string(procedure),
            "title": level?.title(title, of: procedure) ?? title,
            "stage": stage.map { .string($0.id) } ?? .null, "ended": .bool(hasEnded),
            "aliases": level?.aliases(aliases, of: procedure) ?? aliases,
            "continuedIn": .array(continuedIn.map { .string($0) }),
            "continues": .array(continues.map { .string($0) }),
            "timeline": .array(entries.map { $0.json(level, destroyed($0)) }),
            "people": .array(
                people.map { person in
                    .object(
                        [JSONMember("roles", .array(person.roles.map { .string($0) }))]
                            + level.members(
                                of: person.person, person.roles,
                                [("unit", person.unit), ("post", person.post)]))
                }),
        ]
    }
}

extension CaseFile.Entry {
    fileprivate func json(_ level: AnswerLevel?, _ destroyed: KeysDestroyed?) -> JSONValue {
        [
            "sealed": .array(sealed.map { .string($0) }),
            "destroyed": destroyed.map { destroyed in
                [
                    "seq": .integer(Int64(clamping: destroyed.sequence.rawValue)),
                    "day": .string(destroyed.day),
                    "ground": destroyed.ground.map { .string($0.rawValue) } ?? .null,
                    "reason": .string(destroyed.reason),
                ]
            } ?? .null,
            "seq": .integer(Int64(sequence.rawValue)),
            "revision": .integer(Int64(revision.rawValue)), "type": .string(type),
            "time": .string(time), "precision": isDayOnly ? "day" : .null,
            "recorded": .string(recorded.text), "asserted": .bool(isAsserted),
            "operator": level?.enterer(operatorPerson, ofType: type) ?? .string(operatorPerson),
            "fate": fate.map { .string($0.rawValue) } ?? .null,
            "mends": mends.map { .integer(Int64($0.rawValue)) } ?? .null,
            "participants": .array(
                participants.map { participant in
                    .object(
                        [JSONMember("role", .string(participant.role))]
                            + level.members(
                                of: participant.person, [participant.role],
                                [
                                    ("unit", participant.unit), ("post", participant.post),
                                    ("opinion", participant.opinion),
                                    ("evidence", participant.evidence),
                                ]))
                }),
        ]
    }
}

extension AnswerLevel? {
    /// A person, and what is said of him.
    fileprivate func members(
        of person: String, _ roles: [String], _ details: [(name: String, text: String?)]
    ) -> [JSONMember] {
        [JSONMember("person", self?.person(person, roles: roles) ?? .string(person))]
            + details.map { name, text in
                JSONMember(
                    name,
                    self?.detail(text, roles: roles) ?? text.map { .string($0) } ?? .null)
            }
    }
}
