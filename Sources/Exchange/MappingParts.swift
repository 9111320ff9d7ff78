import CanonicalJSON

/// What the data of an event are made of; those of one activity come on top of the shared ones.
struct MappingParts {
    /// Members of the data that are no fields: Specs/record.md section 3.
    static let reserved: Set<String> = [
        "attachments", "causes", "corrects", "legalBasis", "operator", "participants", "withdraws",
    ]

    var fields: [String: FieldSource] = [:]
    var participants: [ParticipantSource] = []
    var legalBasis: [JSONValue]?
    var `operator`: OperatorSource?

    func adding(_ own: MappingParts) -> MappingParts {
        var parts = self
        parts.fields.merge(own.fields) { $1 }
        parts.participants += own.participants
        if let legalBasis = own.legalBasis { parts.legalBasis = legalBasis }
        if let person = own.operator { parts.operator = person }
        return parts
    }

    /// The members of `data` in canonical order.
    var members: [EventPlan.Member] {
        var values: [(String, EventPlan.Member.Value)] = fields.map { ($0, .field($1)) }
        if let person = `operator` { values.append(("operator", .person(person))) }
        if !participants.isEmpty { values.append(("participants", .participants(participants))) }
        if let legalBasis, !legalBasis.isEmpty {
            values.append(("legalBasis", .constant(JSONValue.array(legalBasis).canonicalBytes)))
        }
        values.sort { $0.0.utf16.lexicographicallyPrecedes($1.0.utf16) }
        return values.map { name, value in
            var head: [UInt8] = []
            CanonicalWriter.writeString(name.utf8, to: &head)
            head.append(UInt8(ascii: ":"))
            return EventPlan.Member(head: head, name: name, value: value)
        }
    }

    /// The numbers of all attributes that are used.
    var attributes: [Int] {
        var sources = fields.values.map(\.text)
        for participant in participants {
            sources += [participant.person, participant.role, participant.unit]
            if let post = participant.post { sources.append(post) }
        }
        if let person = `operator` {
            sources += [person.person, person.unit]
            if let post = person.post { sources.append(post) }
        }
        return sources.flatMap(\.pattern.attributes)
    }
}
