import CanonicalJSON
import Catalogue
import Rules

/// Something that a record names: a person, an organisation, a document, another case.
package struct Mention: Hashable, Sendable {
    package let key: MentionKey
    /// Where in the data, such as `party` or `items.1.person`; empty for the event itself.
    package let field: String
    /// The role of a participant, the name of an organisation, the name of a file.
    package let label: String?

    package init(_ key: MentionKey, field: String, label: String? = nil) {
        (self.key, self.field, self.label) = (key, field, label)
    }

    /// Whether it is neither the operator nor a participant.
    var isInData: Bool {
        field != "operator" && !field.hasPrefix("participants.")
            && !field.hasPrefix("corrected.participants.")
    }
}

extension CasePrefix {
    /// Everything that one of the records names, in the order of the catalogue's fields.
    ///
    /// A correction names what the corrected entry names now; the entry itself is still found by
    /// what it named before.
    package func mentions(of record: CaseRecord) -> [Mention] {
        guard let data = record.event?["data"] else { return [] }
        var found: [Mention] = []
        if let person = data["operator"]?["person"]?.string {
            found.append(Mention(.person(person), field: "operator", label: "operator"))
        }
        found += CasePrefix.participants(data, "participants")
        return found + named(by: record)
    }

    /// The same without the operator and the participants of the event itself.
    func named(by record: CaseRecord) -> [Mention] {
        guard let data = record.event?["data"] else { return [] }
        let type = types[record.sequence]
        var found: [Mention] = []
        for (place, attachment) in (data["attachments"]?.array ?? []).enumerated() {
            guard let digest = attachment["sha256"]?.string else { continue }
            found.append(
                Mention(
                    .attachment(digest), field: "attachments.\(place)",
                    label: attachment["name"]?.string))
        }
        for field in type?.namingFields ?? [] {
            MentionReader.read(field, data[field.name], &found)
        }
        for said in [data, data["corrected"]] {
            guard history.procedure == MentionKey.vault.procedure,
                let whose = said?[MentionKey.vault.field]?.string
            else { continue }
            found.append(Mention(.kept(whose), field: MentionKey.vault.field))
        }
        if let corrected = data["corrected"] {
            let target = record.mends.flatMap { types[$0] }
            found += CasePrefix.participants(corrected, "corrected.participants")
            for field in target?.namingFields ?? [] {
                MentionReader.read(field, corrected[field.name], &found)
            }
        }
        return found
    }

    /// Whether a record names one of these persons, or a correction of it ever did.
    package func names(_ persons: Set<String>, in record: CaseRecord) -> Bool {
        func isOne(_ key: MentionKey) -> Bool {
            if case .person(let person) = key { persons.contains(person) } else { false }
        }
        return mentions(of: record).contains { isOne($0.key) }
            || records.contains { later in
                guard later.mends == record.sequence,
                    let corrected = later.event?["data"]?["corrected"]
                else { return false }
                return CasePrefix.participants(corrected, "").contains { isOne($0.key) }
            }
    }

    static func participants(_ data: JSONValue, _ path: String) -> [Mention] {
        (data["participants"]?.array ?? []).enumerated().compactMap { place, participant in
            participant["person"]?.string.map { person in
                Mention(
                    .person(person), field: "\(path).\(place)",
                    label: participant["role"]?.string)
            }
        }
    }
}

/// Reads what a field's value names.
private enum MentionReader {
    static func read(_ field: Field, _ value: JSONValue?, _ found: inout [Mention]) {
        read(field, value, path: field.name, &found)
    }

    private static func read(
        _ field: Field, _ value: JSONValue?, path: String, _ found: inout [Mention]
    ) {
        guard let value else { return }
        if case .array(let elements) = value {
            for (place, element) in elements.enumerated() {
                readOne(field, element, path: "\(path).\(place)", &found)
            }
        } else {
            readOne(field, value, path: path, &found)
        }
    }

    private static func readOne(
        _ field: Field, _ value: JSONValue, path: String, _ found: inout [Mention]
    ) {
        if field.isAlias, let text = value.string {
            found.append(Mention(.alias(DocumentNumber.normalised(text)), field: path, label: text))
        }
        switch field.type {
        case .person:
            if let person = value.string { found.append(Mention(.person(person), field: path)) }
        case .organisation:
            guard let code = value["uscc"]?.string else { return }
            found.append(
                Mention(.organisation(code), field: path, label: value["name"]?.string))
        case .uscc:
            if let code = value.string { found.append(Mention(.organisation(code), field: path)) }
        case .docNo where !field.isAlias:
            guard let text = value.string else { return }
            found.append(Mention(.alias(DocumentNumber.normalised(text)), field: path, label: text))
        case .reference:
            if let stream = value.string {
                found.append(Mention(.reference(stream), field: path))
            }
        case .attachment:
            if let digest = value.string {
                found.append(Mention(.attachment(digest), field: path))
            }
        case .record:
            for member in field.members {
                read(member, value[member.name], path: "\(path).\(member.name)", &found)
            }
        default: break
        }
    }
}
