package import CanonicalJSON
import Catalogue
import Digests
import Phrases
import Records
package import Rules

/// Writes a draft's events as CloudEvents: fills in names, texts and numbers that follow from a
/// seed, so that one draft gives any number of cases.
package struct DraftWriter: Sendable {
    package static let source = "https://sample.example/hanqing"
    /// The place of a person who stands in no register.
    static let outsider = -1

    /// One for each list of persons.
    static func outsiders(_ catalogue: EventCatalogue) -> Set<String> {
        Set((0...catalogue.roles.count + 9).map { number($0, place: outsider) })
    }

    static func number(_ list: Int, place: Int) -> String {
        "P-" + padded(list + 1, 3) + padded(place + 1, 2)
    }

    /// What all cases share.
    package struct Shared: Sendable {
        let clock: LocalTime
        /// Codes of regions that stand on any day.
        let regions: [String]
        /// Where those who have a role work, by its number.
        let units: [String]
        let caseIDPatterns: [String: String]
        let anyProcedure: String
        /// How many persons have the same role.
        let personsAList: Int
        /// The organisation's first law, for what must name a legal basis.
        let law: String

        package init(_ book: RuleBook, personsAList: Int) {
            let catalogue = book.catalogue
            self.personsAList = personsAList
            clock = book.clock
            regions = catalogue.regions.filter { $0.from == nil && $0.to == nil }.map(\.code)
            units = Shared.units(catalogue.roles)
            caseIDPatterns = Dictionary(
                catalogue.procedures.map { ($0.id, $0.caseIDPattern) },
                uniquingKeysWith: { first, _ in first })
            anyProcedure = catalogue.procedures.first?.id ?? "procedure"
            law = catalogue.laws.first?.title.zh ?? "虚构样例法"
        }

        /// Of a post its own; of a role in one act that of some post.
        private static func units(_ roles: [Role]) -> [String] {
            let offices = roles.filter { $0.kind == .office }.map(\.title.zh)
            return roles.enumerated().map { number, role in
                let name =
                    role.kind == .act && !offices.isEmpty
                    ? offices[number * 7 % offices.count] : role.title.zh
                return (role.kind == .outside ? "虚构样例" : "虚构样例局") + String(name.prefix(20))
            }
        }
    }

    let shared: Shared
    let draft: CaseDraft
    /// Names of the draft's streams.
    package let streams: [String]
    let seed: UInt64
    /// Persons who are not taken from the lists: by field, in the first stream.
    private let fixed: [String: String]

    /// `numbers` are those of the cases, one for each stream of the draft.
    package init(
        _ shared: Shared, _ draft: CaseDraft, numbers: [Int], seed: UInt64,
        fixed: [String: String] = [:]
    ) {
        (self.shared, self.draft, self.seed, self.fixed) = (shared, draft, seed, fixed)
        let day = draft.events.first?.day ?? 0
        streams = draft.procedures.enumerated().map { stream, procedure in
            let number = numbers.indices.contains(stream) ? numbers[stream] : 1
            let id = shared.caseID(procedure, CivilDate(dayNumber: day).year, number)
            return "\(procedure)/\(id)"
        }
    }

    private init(_ other: DraftWriter, _ draft: CaseDraft) {
        (shared, streams, seed, fixed) = (other.shared, other.streams, other.seed, other.fixed)
        self.draft = draft
    }

    /// The same names and numbers for a draft that differs in a value.
    func with(_ draft: CaseDraft) -> DraftWriter { DraftWriter(self, draft) }

    /// The CloudEvent of the draft's event number `place`.
    package func event(_ place: Int) -> JSONValue {
        let event = draft.events[place]
        let stream = streams[event.stream]
        var members = [
            JSONMember("specversion", "1.0"), JSONMember("id", .string(id(place))),
            JSONMember("source", .string(DraftWriter.source)),
            JSONMember("type", .string(event.type.name)), JSONMember("subject", .string(stream)),
            JSONMember("time", .string(time(event))),
            JSONMember("datacontenttype", "application/json"),
        ]
        if event.isAsserted { members.append(JSONMember("asserted", true)) }
        members.append(JSONMember("data", data(event)))
        return .object(members)
    }

    /// The id of the draft's event number `place`: its stream and its place there.
    package func id(_ place: Int) -> String {
        let stream = draft.events[place].stream
        let before = draft.events[...place].count { $0.stream == stream }
        let name = streams[stream].replacing("/", with: ".")
        return "\(name).\(before < 10 ? "0" : "")\(before)"
    }

    func moment(_ event: DraftEvent) -> Timestamp {
        shared.clock.start(of: event.day).advanced(bySeconds: Int64(event.second))
    }

    private func time(_ event: DraftEvent) -> String { text(moment(event)) }

    /// RFC 3339 with the offset that the time zone had.
    private func text(_ moment: Timestamp) -> String {
        let minutes = shared.clock.minutes(at: moment)
        let local = moment.advanced(bySeconds: Int64(minutes) * 60).text.prefix(19)
        let size = abs(minutes)
        let sign = minutes < 0 ? "-" : "+"
        return local + sign + padded(size / 60, 2) + ":" + padded(size % 60, 2)
    }

    // MARK: - Data

    /// What rules look at, without the work of writing names and texts: different keys stand for
    /// different values.
    func judgedData(_ event: DraftEvent) -> JSONValue {
        var members: [JSONMember] = []
        members.reserveCapacity(event.fields.count + 1)
        for field in event.fields {
            members.append(JSONMember(field.name, judged(field.value, event)))
        }
        if !event.participants.isEmpty {
            let persons = event.participants.map { participant($0) }
            members.append(JSONMember("participants", .array(persons)))
        }
        return .object(members)
    }

    private func judged(_ value: DraftValue, _ event: DraftEvent) -> JSONValue {
        switch value {
        case .made(.organisation, let key): ["name": .string(String(key))]
        case .made(_, let key), .common(_, let key): .string(String(key))
        case .list(let values): .array(values.map { judged($0, event) })
        case .record: .object([])
        default: written(value, event)
        }
    }

    private func written(_ value: DraftValue, _ event: DraftEvent) -> JSONValue {
        var none: [JSONValue] = []
        return json(value, event, &none)
    }

    private func data(_ event: DraftEvent) -> JSONValue {
        var attachments: [JSONValue] = []
        var members = [JSONMember("operator", entered(event))]
        for field in event.fields {
            let value = json(field.value, event, &attachments)
            let given = event.stream == 0 ? fixed[field.name].map { JSONValue.string($0) } : nil
            members.append(JSONMember(field.name, given ?? value))
        }
        if !event.participants.isEmpty {
            let persons = event.participants.map { participant($0) }
            members.append(JSONMember("participants", .array(persons)))
        }
        for member in event.type.needs {
            switch member {
            case .legalBasis:
                let basis: JSONValue = ["law": .string(shared.law), "article": "1"]
                members.append(JSONMember("legalBasis", [basis]))
            case .causes:
                let cause: JSONValue = ["source": .string(DraftWriter.source), "id": "1"]
                members.append(JSONMember("causes", [cause]))
            case .attachments where attachments.isEmpty:
                _ = attach("附件", Mixing.number(of: event.type.name), &attachments)
            default: break
            }
        }
        if event.isAsserted {
            let reason: JSONValue = [
                "person": .string(person(PersonReference(list: 0, place: 7))),
                "reason": "（虚构样例）事后补报，事实已经发生。",
            ]
            members.append(JSONMember("assertion", reason))
        }
        if !attachments.isEmpty { members.append(JSONMember("attachments", .array(attachments))) }
        return .object(members)
    }

    private func entered(_ event: DraftEvent) -> JSONValue {
        [
            "person": .string(person(event.enteredBy)),
            "unit": .string(unit(event.enteredBy)), "post": "经办",
        ]
    }

    private func participant(_ participant: DraftParticipant) -> JSONValue {
        var members = [
            JSONMember("person", .string(person(participant.person))),
            JSONMember("role", .string(participant.role)),
            JSONMember("unit", .string(unit(participant.person))),
            JSONMember("evidence", .string(participant.evidence)),
        ]
        if let opinion = participant.opinion {
            members.append(JSONMember("opinion", .string(opinion)))
        }
        if let order = participant.order {
            members.append(JSONMember("order", .integer(Int64(order))))
        }
        return .object(members)
    }

    private func unit(_ person: PersonReference) -> String {
        shared.units.indices.contains(person.list) ? shared.units[person.list] : "虚构样例局综合处"
    }

    /// The same person for the same place of a list throughout a case.
    func person(_ person: PersonReference) -> String {
        let start = Mixing.below(
            shared.personsAList, Mixing.mixed(seed ^ UInt64(person.list) &* 0x9e37))
        let place =
            person.place == DraftWriter.outsider
            ? person.place : (start + person.place) % shared.personsAList
        return DraftWriter.number(person.list, place: place)
    }

    // MARK: - Values

    private func json(
        _ value: DraftValue, _ event: DraftEvent, _ attachments: inout [JSONValue]
    ) -> JSONValue {
        switch value {
        case .plain(let json): json
        case .day(let offset): .string(CivilDate(dayNumber: event.day + offset).text)
        case .moment(let offset): .string(text(moment(event).advanced(bySeconds: Int64(offset))))
        case .year: .integer(Int64(CivilDate(dayNumber: event.day).year))
        case .person(let reference): .string(person(reference))
        case .list(let values): .array(values.map { json($0, event, &attachments) })
        case .record(let members):
            .object(members.map { JSONMember($0.name, json($0.value, event, &attachments)) })
        case .made(.attachment(let title), let key):
            .string(attach(title, Mixing.mixed(seed ^ key), &attachments))
        case .made(.reference(let procedure), let key):
            .string(reference(procedure, event, Mixing.mixed(seed ^ key)))
        case .common(let filler, let key):
            json(.made(filler, key: key), inFirst(event), &attachments)
        case .made(let filler, let key): filled(filler, event, Mixing.mixed(seed ^ key))
        }
    }

    /// The event as if on the day on which the case began.
    private func inFirst(_ event: DraftEvent) -> DraftEvent {
        var event = event
        event.day = draft.events.first?.day ?? event.day
        return event
    }

    /// The digest of a file that nobody has, and which the event then lists.
    private func attach(
        _ title: String, _ bits: UInt64, _ attachments: inout [JSONValue]
    ) -> String {
        let digest = SHA256.digest(of: "\(bits)".utf8).hex
        guard !attachments.contains(where: { $0["sha256"]?.string == digest }) else {
            return digest
        }
        attachments.append([
            "name": .string(String(title.prefix(40)) + ".pdf"), "mediaType": "application/pdf",
            "bytes": .integer(8_192 + Int64(bits % 4_000_000)), "sha256": .string(digest),
            "held": "producer",
        ])
        return digest
    }

    /// A case of the draft that the event's own is linked with, or one that nobody has.
    ///
    /// Numbers are drawn from so many that hardly two name the same case, in a large ledger either:
    /// else all its cases would have to do with each other.
    private func reference(_ procedure: String?, _ event: DraftEvent, _ bits: UInt64) -> String {
        let others = draft.procedures.indices.filter { $0 != event.stream }
        let found = others.first { procedure == nil || draft.procedures[$0] == procedure }
        if let found { return streams[found] }
        let name = procedure ?? shared.anyProcedure
        let year = CivilDate(dayNumber: event.day).year
        return "\(name)/\(shared.caseID(name, year, 900_000_000 + Int(bits % 99_999_999)))"
    }

    func padded(_ number: Int, _ width: Int) -> String { DraftWriter.padded(number, width) }

    static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension DraftWriter.Shared {
    /// The procedure's pattern with every `{…}` filled in, and with the number in any case.
    func caseID(_ procedure: String, _ year: Int, _ number: Int) -> String {
        let padded = DraftWriter.padded(number, 6)
        var (text, isNumbered) = ("", false)
        for part in (caseIDPatterns[procedure] ?? "{n}").split(
            separator: "{", omittingEmptySubsequences: false)
        {
            let pieces = part.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
            guard pieces.count == 2 else {
                text += part
                continue
            }
            text += (pieces[0] == "year" ? String(year) : padded) + pieces[1]
            isNumbered = isNumbered || pieces[0] != "year"
        }
        return isNumbered ? text : text + "-" + padded
    }
}
