import CanonicalJSON
import Catalogue
import Digests
import Records

/// The events of the story, in the order in which they are entered.
struct StoryScript {
    /// An entry about the event with that id.
    struct Mend {
        let target: String
        let stream: String
        let time: String
        /// The whole data as it should have been; nil withdraws.
        var corrected: JSONValue?
        /// Who confirms what is recorded of him, instead of mending it.
        var confirmedBy: String?

        func event(_ sequence: Int64, _ leafHash: String) -> JSONValue {
            if let confirmedBy { return confirmation(confirmedBy, sequence, leafHash) }
            let reason = corrected == nil ? "did-not-happen" : "misrecorded"
            let place: JSONValue = [
                "seq": .integer(sequence), "leafHash": .string(leafHash),
                "reason": .string(reason),
            ]
            var data = [
                JSONMember("operator", ["person": "P-2090", "unit": "办公室"]),
                JSONMember("approver", "P-2091"),
                JSONMember(corrected == nil ? "withdraws" : "corrects", place),
            ]
            if let corrected { data.append(JSONMember("corrected", corrected)) }
            let type = corrected == nil ? "entry.withdrawn" : "entry.corrected"
            return event(type, data)
        }

        private func confirmation(
            _ person: String, _ sequence: Int64, _ leafHash: String
        ) -> JSONValue {
            event(
                "participant.confirmed",
                [
                    JSONMember("operator", ["person": .string(person), "unit": "局领导"]),
                    JSONMember("statement", "属实。"),
                    JSONMember(
                        "target", ["seq": .integer(sequence), "leafHash": .string(leafHash)]),
                ])
        }

        private func event(_ type: String, _ data: [JSONMember]) -> JSONValue {
            .object([
                JSONMember("specversion", "1.0"), JSONMember("id", .string(target + time)),
                JSONMember("source", "https://story.example/1"),
                JSONMember("type", .string(type)), JSONMember("subject", .string(stream)),
                JSONMember("time", .string(time)), JSONMember("data", .object(data)),
            ])
        }
    }

    private let catalogue: EventCatalogue
    private(set) var events: [JSONValue] = []
    var mends: [Mend] = []
    /// Number of the record that the next event becomes: two records make the ledger.
    var next: Int64 { Int64(events.count) + 2 }

    /// Enterprises with sound codes.
    static let accidentUnit = "91330110W00XB6YY4P"
    static let graded = [
        "9133010826Y5EW5336", "913301220GNGCUYE3R", "91330106F0A3QMAD2X", "91330109M7M81FQJ0X",
        "913301092A13GYBA8T",
    ]

    init(_ catalogue: EventCatalogue) {
        self.catalogue = catalogue
    }

    /// An event with what its type needs and these members instead; its id.
    @discardableResult mutating func add(
        _ type: String, _ stream: String, _ time: String, by person: String = "P-2090",
        unit: String = "综合行政执法队", _ fields: [(String, JSONValue)] = [],
        people: [JSONValue]? = nil
    ) -> String {
        let id = "story-\(events.count)"
        guard let eventType = catalogue.eventType(type) else { return id }
        var data = catalogue.example(of: eventType)["data"]?.members ?? []
        func put(_ name: String, _ value: JSONValue) {
            data.removeAll { $0.name == name }
            data.append(JSONMember(name, value))
        }
        put("operator", ["person": .string(person), "unit": .string(unit)])
        if let people { put("participants", .array(people)) }
        for (name, value) in fields { put(name, value) }
        let moment = time.contains("T") ? time : time + "T10:00:00"
        events.append(
            .object([
                JSONMember("specversion", "1.0"), JSONMember("id", .string(id)),
                JSONMember("source", "https://story.example/1"),
                JSONMember("type", .string(type)), JSONMember("subject", .string(stream)),
                JSONMember("time", .string(moment + "+08:00")),
                JSONMember("data", .object(data)),
            ]))
        return id
    }

    static func person(
        _ person: String, _ role: String, opinion: String? = nil, order: Int64? = nil,
        unit: String = "综合行政执法队", post: String? = nil, shown: String? = nil,
        note: String? = nil
    ) -> JSONValue {
        var members = [
            JSONMember("person", .string(person)), JSONMember("role", .string(role)),
            JSONMember("unit", .string(unit)),
            JSONMember("evidence", .string(shown == nil ? "signed" : "documented")),
        ]
        if let opinion { members.append(JSONMember("opinion", .string(opinion))) }
        if let order { members.append(JSONMember("order", .integer(order))) }
        if let post { members.append(JSONMember("post", .string(post))) }
        if let shown { members.append(JSONMember("attachment", .string(shown))) }
        if let note { members.append(JSONMember("note", .string(note))) }
        return .object(members)
    }

    /// The data of an event so far, without its operator, with other members.
    func corrected(_ id: String, _ fields: [(String, JSONValue)]) -> JSONValue {
        let event = events.first { $0["id"]?.string == id }
        var members = (event?["data"]?.members ?? []).filter { $0.name != "operator" }
        for (name, value) in fields {
            members.removeAll { $0.name == name }
            members.append(JSONMember(name, value))
        }
        return .object(members)
    }
}
