import CanonicalJSON
import Catalogue
import Phrases
package import Projections
import Records
import Rules

/// Reads the entries of cases into acts.
package struct ActReader: Sendable {
    let view: any PastView
    let cases: CaseBook
    package let posts: PostBook
    let catalogue: EventCatalogue

    package init(_ view: any PastView) {
        self.view = view
        cases = CaseBook(view)
        posts = PostBook(view, cases)
        catalogue = view.shelf.newest.catalogue
    }

    /// The entries of a case in the order of record, without findings and phases.
    package func acts(
        of prefix: CasePrefix, _ wanted: (CaseRecord) -> Bool = { _ in true }
    ) async throws(ProjectionError) -> [Act] {
        let later = LaterRecords(prefix)
        var acts: [Act] = []
        for record in prefix.records where wanted(record) {
            guard let entry = prefix.entry(record) else {
                acts.append(Act(withheld: record))
                continue
            }
            let type = prefix.types[record.sequence]
            var act = Act(record, entry, type?.title ?? catalogue.title(ofType: entry.type))
            try await people(&act, entry, type)
            try await versions(&act, entry, type)
            describe(&act, entry, type)
            act.fate = prefix.fates[record.sequence].map { Act.Fate($0.fate) }
            act.changes = later.changes[record.sequence] ?? []
            act.words = later.words[record.sequence] ?? []
            acts.append(act)
        }
        return acts
    }

    // MARK: - Who

    private func people(
        _ act: inout Act, _ entry: CaseEntry, _ type: EventType?
    ) async throws(ProjectionError) {
        var persons: [ActPerson] = []
        if Protection.coversOperator(of: type) {
            act.protectedCount += 1
        } else if let one = entry.data["operator"] ?? act.submitted {
            persons.append(ActPerson(operator: one))
        }
        for participant in entry.participants {
            if Protection.roles.contains(participant.role) {
                act.protectedCount += 1
            } else {
                persons.append(ActPerson(participant))
            }
        }
        for place in persons.indices {
            persons[place].held = try await posts.posts(of: persons[place].person, on: act.day)
        }
        act.persons = persons
        let acting = Set(persons.map(\.person))
        for leaf in FieldLeaf.all(of: type?.fields ?? [], in: entry.data) {
            guard leaf.field.type == .person, let person = leaf.value.string,
                !acting.contains(person)
            else { continue }
            let named = NamedPerson(person: person, field: leaf.top.title)
            if !act.named.contains(named) { act.named.append(named) }
        }
    }

    // MARK: - On what

    private func versions(
        _ act: inout Act, _ entry: CaseEntry, _ type: EventType?
    ) async throws(ProjectionError) {
        for leaf in FieldLeaf.all(of: type?.fields ?? [], in: entry.data) {
            guard leaf.field.type == .reference, let stream = leaf.value.string else { continue }
            let other = try await cases.prefix(of: stream)
            let newest = other?.history.entries.filter { $0.mayPrecede(entry) }
                .max { ($0.moment, $0.sequence) < ($1.moment, $1.sequence) }
            act.versions.append(
                Version(field: leaf.top.title, stream: stream, record: newest?.sequence))
        }
    }

    private func describe(_ act: inout Act, _ entry: CaseEntry, _ type: EventType?) {
        let data = entry.data
        act.authority = (data["legalBasis"]?.array ?? []).compactMap { Authority($0) }
        act.attachments = (data["attachments"]?.array ?? []).compactMap { Attachment($0) }
        act.values = type.map { ValueText.values(of: $0, in: data) } ?? []
    }
}

/// What the later records of a case do to its earlier ones.
private struct LaterRecords {
    var changes: [UInt64: [Change]] = [:]
    var words: [UInt64: [Word]] = [:]

    init(_ prefix: CasePrefix) {
        var newest: [UInt64: JSONValue] = [:]
        for record in prefix.records {
            guard let entry = record.entry else { continue }
            newest[record.sequence] = record.event?["data"]
            if let target = record.mends {
                let old = newest[target]
                newest[target] = entry.data["corrected"] ?? old
                let type = prefix.types[target]
                changes[target, default: []].append(Change(entry, of: type, from: old))
            }
            let isDispute = entry.type == "participant.disputed"
            guard isDispute || entry.type == "participant.confirmed",
                let target = entry.data["target"]?.sequence
            else { continue }
            words[target, default: []].append(
                Word(
                    record: record.sequence, person: entry.operatorPerson,
                    isDispute: isDispute))
        }
    }
}

extension JSONValue {
    /// The number of the record that a target, a correction or a cause names.
    var sequence: UInt64? { self["seq"]?.integer.flatMap { UInt64(exactly: $0) } }
}

extension Change {
    fileprivate init(_ entry: CaseEntry, of type: EventType?, from old: JSONValue?) {
        let data = entry.data
        by = entry.sequence
        person = entry.operatorPerson
        approver = data["approver"]?.string
        reason = (data["corrects"] ?? data["withdraws"])?["reason"]?.string ?? ""
        if let type, let old, let new = data["corrected"] {
            fields = ValueText.changes(of: type, from: old, to: new)
        } else {
            fields = []
        }
        let now = Set(Change.participants(data["corrected"]))
        removed =
            data["corrected"] == nil
            ? [] : Change.participants(old).filter { !now.contains($0) }
    }

    private static func participants(_ data: JSONValue?) -> [String] {
        (data?["participants"]?.array ?? []).compactMap { participant in
            let role = participant["role"]?.string ?? ""
            return Protection.roles.contains(role) ? nil : participant["person"]?.string
        }
    }
}

extension Act.Fate {
    init(_ fate: CasePrefix.Fate) {
        self = fate == .corrected ? .corrected : .withdrawn
    }
}

extension Act {
    fileprivate init(_ record: CaseRecord, _ entry: CaseEntry, _ title: Phrase?) {
        self.record = record.sequence
        stream = record.stream
        type = entry.type
        self.title = title ?? Phrase(en: entry.type, zh: entry.type)
        time = record.event?["time"]?.string ?? ""
        isDayOnly = entry.isDayOnly
        (moment, day, recorded) = (entry.moment, entry.day, record.recorded)
        isAsserted = entry.isAsserted
        submitted = record.event?["data"]?["operator"]
        let data = record.event?["data"]
        target = record.mends ?? data?["target"]?.sequence
        if target == nil, let finding = data?["finding"]?.string, type.hasPrefix("finding.") {
            target = finding.split(separator: "@").last.flatMap { UInt64($0) }
        }
    }

    fileprivate init(withheld record: CaseRecord) {
        self.record = record.sequence
        (stream, type, time) = (record.stream, "withheld", "")
        title = Phrase(en: "Withheld", zh: "已遮蔽")
        isDayOnly = false
        (moment, recorded) = (record.recorded, record.recorded)
        day = LocalTime.beijing.day(of: record.recorded)
        isAsserted = false
        submitted = nil
        fate = .withheld
    }
}

extension ActPerson {
    fileprivate init(operator json: JSONValue) {
        person = json["person"]?.string ?? ""
        role = ActPerson.operatorRole
        (unit, post) = (json["unit"]?.string, json["post"]?.string)
    }

    fileprivate init(_ participant: Participant) {
        (person, role) = (participant.person, participant.role)
        (unit, post) = (participant.unit, participant.post)
        (opinion, order) = (participant.opinion, participant.order)
        evidence = participant.evidence
    }
}

extension Authority {
    fileprivate init?(_ json: JSONValue) {
        guard let law = json["law"]?.string else { return nil }
        self.law = law
        let item = json["item"]?.string.map { "(\($0))" } ?? ""
        let paragraph = json["paragraph"]?.string.map { "(\($0))" } ?? ""
        article = (json["article"]?.string ?? "") + paragraph + item
        edition = json["edition"]?.string
    }
}

extension Attachment {
    fileprivate init?(_ json: JSONValue) {
        guard let digest = json["sha256"]?.string else { return nil }
        self.digest = digest
        name = json["name"]?.string ?? ""
    }
}
