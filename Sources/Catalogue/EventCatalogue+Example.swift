package import CanonicalJSON
import Digests
import Phrases
import Records

extension EventCatalogue {
    /// A CloudEvent of type `type` that passes every check, with what is required and no more: a
    /// pattern for those who write a producer.
    ///
    /// A type that mends or comments on an entry gets a leaf hash of zeros, which no ledger has.
    package func example(of type: EventType) -> JSONValue {
        let procedure = type.procedure ?? procedures.first?.id ?? "procedure"
        return .object([
            JSONMember("specversion", "1.0"),
            JSONMember("id", .string("example-\(type.name)-1")),
            JSONMember("source", "https://example.org/producer"),
            JSONMember("type", .string(type.name)),
            JSONMember("subject", .string("\(procedure)/\(exampleCaseID(procedure))")),
            JSONMember("time", "2025-03-04T09:30:00+08:00"),
            JSONMember("datacontenttype", "application/json"),
            JSONMember("data", EventExample(self, type).data),
        ])
    }

    /// The procedure's pattern with every `{…}` filled in.
    func exampleCaseID(_ procedure: String) -> String {
        let pattern = self.procedure(procedure)?.caseIDPattern ?? "{n}"
        var text = ""
        for part in pattern.split(separator: "{", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2 else {
                text += part
                continue
            }
            text += (pieces[0] == "year" ? "2025" : "000001") + pieces[1]
        }
        return text
    }
}

/// Makes the data of one example.
private struct EventExample {
    private let catalogue: EventCatalogue
    private let type: EventType
    private var attachments: [JSONValue] = []

    init(_ catalogue: EventCatalogue, _ type: EventType) {
        (self.catalogue, self.type) = (catalogue, type)
    }

    var data: JSONValue {
        var example = self
        return example.make()
    }

    private mutating func make() -> JSONValue {
        var members = [
            JSONMember("operator", ["person": "P-0101", "unit": "执法队", "post": "执法队员"])
        ]
        members += example(of: type.fields)
        let participants = type.participants.flatMap(participants)
        if !participants.isEmpty {
            members.append(JSONMember("participants", .array(participants)))
        }
        for member in type.needs { members += uniform(member) }
        if !attachments.isEmpty { members.append(JSONMember("attachments", .array(attachments))) }
        return .object(members)
    }

    private mutating func example(of fields: [Field]) -> [JSONMember] {
        var members: [JSONMember] = []
        for field in fields where field.isRequired {
            let value = value(of: field)
            members.append(JSONMember(field.name, field.isList ? .array([value]) : value))
        }
        return members
    }

    private mutating func value(of field: Field) -> JSONValue {
        switch field.type {
        case .string, .text: .string(field.title.zh + "（示例）")
        case .integer, .fen: .integer(min(max(field.minimum, 1), field.maximum))
        case .percent: 85
        case .boolean: true
        case .date: "2025-03-04"
        case .instant: "2025-03-04T09:30:00+08:00"
        case .enum: .string(field.values.first ?? "")
        case .docNo: "杭应急罚〔2025〕12号"
        case .uscc: "91330109MA27A1B2C7"
        case .residentId: "330106199001010018"
        case .certificate: "33010012345"
        case .region: .string(region)
        case .digest: .string(Digest.zero.hex)
        case .attachment: .string(attach(field.title.zh))
        case .uri: "https://example.org/page"
        case .person: "P-0102"
        case .organisation: ["name": "示例单位", "uscc": "91330109MA27A1B2C7"]
        case .reference: .string(reference(field.procedure))
        case .target: ["seq": 12, "leafHash": .string(Digest.zero.hex)]
        case .caseId: "PN-2025-000001"
        case .record: .object(example(of: field.members))
        }
    }

    /// The digest of a file that the event then lists.
    private mutating func attach(_ name: String) -> String {
        let digest = SHA256.digest(of: name.utf8).hex
        attachments.append([
            "name": .string(name + ".pdf"), "mediaType": "application/pdf", "bytes": 20480,
            "sha256": .string(digest), "held": "producer",
        ])
        return digest
    }

    private func reference(_ procedure: String?) -> String {
        let procedure = procedure ?? catalogue.procedures.first?.id ?? "procedure"
        return "\(procedure)/\(catalogue.exampleCaseID(procedure))"
    }

    /// One that stands on the day of the example.
    private var region: String {
        catalogue.regions.first { region in
            Array(region.code.utf8).span.bytes.withUnsafeBytes {
                let day = CivilDate(year: 2025, month: 3, day: 4)?.dayNumber
                if case .sound = catalogue.regionTable.judge($0, on: day) { return true }
                return false
            }
        }?.code ?? ""
    }

    private func participants(_ required: RequiredParticipants) -> [JSONValue] {
        (0..<required.minimum).map { place in
            var members = [
                JSONMember("person", .string("P-02\(place < 9 ? "0" : "")\(place + 1)")),
                JSONMember("role", .string(required.role)), JSONMember("unit", "执法队"),
                JSONMember("post", "执法队员"), JSONMember("evidence", "signed"),
            ]
            if required.needsOpinion {
                members.append(JSONMember("opinion", "agree"))
                members.append(JSONMember("order", .integer(Int64(place + 1))))
            }
            return .object(members)
        }
    }

    private mutating func uniform(_ member: UniformMember) -> [JSONMember] {
        switch member {
        case .legalBasis:
            let law = catalogue.laws.first?.title.zh ?? "示例法"
            return [JSONMember("legalBasis", [["law": .string(law), "article": "1"]])]
        case .attachments:
            _ = attach("附件")
            return []
        case .causes:
            return [JSONMember("causes", [["source": "https://example.org/producer", "id": "1"]])]
        case .corrects, .withdraws:
            let target: JSONValue = [
                "seq": 12, "leafHash": .string(Digest.zero.hex), "reason": "misrecorded",
            ]
            return [JSONMember(member.rawValue, target)]
        case .assertion:
            let assertion: JSONValue = ["person": "P-0103", "reason": "示例理由"]
            return [JSONMember("assertion", assertion)]
        case .operator, .participants: return []
        }
    }
}
