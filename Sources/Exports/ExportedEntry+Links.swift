import CanonicalJSON
import Catalogue

extension ExportedEntry {
    /// A document that an entry names.
    struct Document: Hashable {
        let id: String
        let name: String
        let mediaType: String?
        /// The field that names it, or `attachment`.
        let qualifier: String
    }

    struct Organisation: Hashable {
        let id: String
        let name: String
        let code: String?
        let qualifier: String
    }

    /// Another case that a field names.
    struct OtherCase: Hashable {
        let stream: String
        let qualifier: String
    }

    /// Documents by number and attachments by digest.
    var documents: [Document] {
        var found: [Document] = []
        for attachment in data["attachments"]?.array ?? [] {
            guard let digest = attachment["sha256"]?.string else { continue }
            found.append(
                Document(
                    id: "sha256:" + digest, name: attachment["name"]?.string ?? digest,
                    mediaType: attachment["mediaType"]?.string, qualifier: "attachment"))
        }
        let attached = Set(found.map(\.id))
        for (field, value) in fieldValues {
            guard let text = value.string else { continue }
            if field.type == .docNo {
                found.append(
                    Document(
                        id: "document:" + DocumentNumber.normalised(text), name: text,
                        mediaType: nil, qualifier: field.name))
            } else if field.type == .digest || field.type == .attachment {
                let id = "sha256:" + text
                let isNamed = attached.contains(id)
                let name = found.first { $0.id == id }?.name
                found.append(
                    Document(
                        id: id, name: isNamed ? name ?? text : text, mediaType: nil,
                        qualifier: field.name))
            }
        }
        return found
    }

    var organisations: [Organisation] {
        fieldValues.compactMap { field, value in
            let code = field.type == .uscc ? value.string : value["uscc"]?.string
            let name = value["name"]?.string ?? code
            guard field.type == .organisation || field.type == .uscc, let name else { return nil }
            return Organisation(
                id: "organisation:" + (code ?? "name:" + name), name: name, code: code,
                qualifier: field.name)
        }
    }

    /// Persons in fields, beside the operator and the participants.
    var namedPersons: [(person: String, qualifier: String)] {
        fieldValues.compactMap { field, value in
            guard field.type == .person, let person = value.string else { return nil }
            return (person, field.name)
        }
    }

    var otherCases: [OtherCase] {
        fieldValues.compactMap { field, value in
            guard field.type == .reference, let stream = value.string else { return nil }
            return OtherCase(stream: stream, qualifier: field.name)
        }
    }

    /// Records that led to this one, and the one that it mends.
    var causes: [UInt64] {
        let causes = (data["causes"]?.array ?? []).compactMap { $0["seq"]?.integer }
            .compactMap { UInt64(exactly: $0) }
        return causes + (mends.map { [$0] } ?? [])
    }
}
