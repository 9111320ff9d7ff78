import CanonicalJSON
import Catalogue
import Phrases
import Records
import Rules

/// Writes the steps of a story as events: what a step does not say, an example of its type does.
struct StoryWriter {
    private let catalogue: EventCatalogue
    private let cast: StoryCast
    private(set) var events: [AccidentStory.Event] = []
    private var steps: [StoryStep] = []
    private var counts: [String: Int] = [:]
    private var ids: [String: String] = [:]

    init(_ catalogue: EventCatalogue, _ cast: StoryCast) {
        (self.catalogue, self.cast) = (catalogue, cast)
    }

    mutating func write(_ step: StoryStep) {
        guard let type = type(of: step) else { return }
        counts[step.place, default: 0] += 1
        let count = counts[step.place] ?? 1
        let id = "\(caseID(step.place))-\(count < 10 ? "0" : "")\(count)"
        if let key = step.key { ids[key] = id }
        let time = "\(step.day)T\(step.hour < 10 ? "0" : "")\(step.hour):00:00+08:00"
        var members = [
            JSONMember("specversion", "1.0"), JSONMember("id", .string(id)),
            JSONMember("source", .string(AccidentStory.source)),
            JSONMember("type", .string(type.name)),
            JSONMember("subject", .string(stream(of: step.place))),
            JSONMember("time", .string(time)), JSONMember("datacontenttype", "application/json"),
        ]
        members.append(JSONMember("data", .object(data(of: step, type, time, id))))
        steps.append(step)
        events.append(
            AccidentStory.Event(
                json: .object(members), recorded: recorded(step, time),
                targets: step.targets.compactMap { ids[$0] }))
    }

    private func type(of step: StoryStep) -> EventType? { catalogue.eventType(step.type) }

    /// Five minutes after it happened, or at noon of the day on which it was entered.
    private func recorded(_ step: StoryStep, _ time: String) -> Timestamp {
        let text = step.entered.map { "\($0)T12:00:00+08:00" } ?? time
        let moment = Array(text.utf8).withUnsafeBytes { ZonedTime($0)?.moment }
        return (moment ?? Timestamp(microseconds: 0)).advanced(bySeconds: 300)
    }

    // MARK: - Names

    /// `PN` is the story's first penalty, `PN:2` another case.
    func stream(of place: String) -> String { "\(procedure(place))/\(caseID(place))" }

    private func procedure(_ place: String) -> String {
        let kind = String(place.prefix { $0 != ":" })
        let found = catalogue.procedures.first {
            $0.caseIDPattern.prefix { $0 != "-" } == kind
        }
        return found?.id ?? "person"
    }

    private func caseID(_ place: String) -> String {
        let parts = place.split(separator: ":").map(String.init)
        let series = Int(cast.seed % 1_000)
        guard parts[0] == "P" || parts[0] == "OF" else {
            let number = parts.count > 1 ? parts[1] : "1"
            let digits = String(880_000 + series * 10 + (Int(number) ?? 1))
            return "\(parts[0])-\(AccidentStory.years[place] ?? "2022")-\(digits)"
        }
        return "\(parts[0])-\(cast.id(parts[1]).dropFirst(2))"
    }

    // MARK: - Data

    private func data(
        of step: StoryStep, _ type: EventType, _ time: String, _ id: String
    ) -> [JSONMember] {
        let example = catalogue.example(of: type)["data"]?.members ?? []
        var members = example.filter { member in
            member.name != "operator" && member.name != "participants"
                && !step.fields.contains { $0.0 == member.name }
        }.map { member in
            JSONMember(member.name, made(member, type, step, time, id))
        }
        members += step.fields.map { JSONMember($0.0, resolved($0.1)) }
        if !step.corrected.isEmpty, let key = step.targets.first {
            members = members.filter { $0.name != "corrected" }
            members.append(JSONMember("corrected", corrected(key, parts: step.corrected)))
        }
        var entered = [
            JSONMember("person", .string(cast.id(step.by))),
            JSONMember("unit", .string(cast.unit(step.by))),
        ]
        if let post = cast.post(step.by, on: step.day) {
            entered.append(JSONMember("post", .string(post)))
        }
        members.append(JSONMember("operator", .object(entered)))
        if !step.parts.isEmpty {
            members.append(
                JSONMember("participants", .array(step.parts.map { participant($0, step.day) })))
        }
        if !step.causes.isEmpty {
            let causes = step.causes.map { key -> JSONValue in
                ["source": .string(AccidentStory.source), "id": .string(ids[key] ?? key)]
            }
            members.append(JSONMember("causes", .array(causes)))
        }
        return members
    }

    /// What the example has, as of the day and of this enterprise.
    private func made(
        _ member: JSONMember, _ type: EventType, _ step: StoryStep, _ time: String, _ id: String
    ) -> JSONValue {
        guard let field = type.field(member.name) else { return member.value }
        switch field.type {
        case .date: return .string(step.day)
        case .instant: return .string(time)
        case .uscc: return .string(cast.code)
        case .docNo: return .string(docNo(id, step))
        case .string where field.isAlias: return .string(id)
        case .string where field.isParty: return .string(StoryCast.firm)
        case .string, .text:
            let text = JSONValue.string("（虚构样例）\(field.title.zh)")
            return field.isList ? [text] : text
        case .organisation: return field.isList ? [bureau] : bureau
        default: return member.value
        }
    }

    private var bureau: JSONValue { ["name": .string(StoryCast.bureau)] }

    private func docNo(_ id: String, _ step: StoryStep) -> String {
        let number = Mixing.number(of: id) % 900_000 + 100_000
        return "虚构应急\(step.place.prefix { $0 != ":" })〔\(step.day.prefix(4))〕\(number)号"
    }

    private func participant(_ part: StoryStep.Part, _ day: String) -> JSONValue {
        var members = [
            JSONMember("person", .string(cast.id(part.who))),
            JSONMember("role", .string(part.role)),
            JSONMember("unit", .string(cast.unit(part.who))),
            JSONMember("evidence", .string(part.grade)),
        ]
        if let post = cast.post(part.who, on: day) {
            members.append(JSONMember("post", .string(post)))
        }
        if let opinion = part.opinion { members.append(JSONMember("opinion", .string(opinion))) }
        if let order = part.order { members.append(JSONMember("order", .integer(order))) }
        return .object(members)
    }

    /// Streams, persons and codes in the place of their keys.
    private func resolved(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text):
            if text.hasPrefix("stream:") { return .string(stream(of: String(text.dropFirst(7)))) }
            if text.hasPrefix("person:") { return .string(cast.id(String(text.dropFirst(7)))) }
            if text == "code:own" { return .string(cast.code) }
            return text == "code:other" ? .string(cast.otherCode) : value
        case .array(let elements): return .array(elements.map { resolved($0) })
        default: return value
        }
    }

    // MARK: - About other records

    /// Numbers and leaf hashes in the place of those of the example.
    static func filled(_ event: JSONValue, _ targets: [JSONValue]) -> JSONValue? {
        guard let first = targets.first, let members = event.members else { return nil }
        return .object(
            members.map { member in
                guard member.name == "data", let data = member.value.members else { return member }
                return JSONMember(
                    "data", .object(data.map { JSONMember($0.name, filled($0, first, targets)) }))
            })
    }

    private static func filled(
        _ member: JSONMember, _ first: JSONValue, _ all: [JSONValue]
    ) -> JSONValue {
        switch member.name {
        case "corrects", "withdraws":
            .object((first.members ?? []) + [JSONMember("reason", reason(member.value))])
        case "target": first
        case "events": .array(all)
        default: member.value
        }
    }

    private static func reason(_ example: JSONValue) -> JSONValue {
        example["reason"] ?? "misrecorded"
    }

    /// The data of an earlier event without its operator, its participants said otherwise.
    private func corrected(_ key: String, parts: [StoryStep.Part]) -> JSONValue {
        let event = events.first { $0.id == ids[key] }
        let day = String(event?.json["time"]?.string?.prefix(10) ?? "")
        let members = event?.json["data"]?.members ?? []
        return .object(
            members.filter { $0.name != "operator" }.map { member in
                member.name == "participants"
                    ? JSONMember(member.name, .array(parts.map { participant($0, day) })) : member
            })
    }

    // MARK: - Truths

    /// What is known of each case of the story.
    func truths(_ traced: Set<String>) -> [StoryTruth] {
        let fates = self.fates
        var foreign: [String: StoryTruth] = [:]
        var truths: [StoryTruth] = []
        for (step, event) in zip(steps, events) {
            let stream = stream(of: step.place)
            guard traced.contains(step.place) else {
                foreign[stream] = StoryTruth(
                    kind: .traceForeign, event: "", stream: stream, recorded: event.recorded)
                continue
            }
            var truth = StoryTruth(
                kind: .trace, event: event.id, stream: stream, recorded: event.recorded)
            truth.persons = persons(step, step.parts)
            truth.correction = correction(of: event.id)
            truth.fate = fates[event.id]
            truth.isEnteredAfter = step.entered.map { $0 > AccidentStory.day } ?? false
            truths.append(truth)
        }
        return truths + foreign.values.sorted { $0.stream < $1.stream }
    }

    private var fates: [String: String] {
        var fates: [String: String] = [:]
        for (step, event) in zip(steps, events) {
            guard step.type == "entry.corrected" || step.type == "entry.withdrawn" else { continue }
            for target in event.targets {
                fates[target] = step.type == "entry.corrected" ? "corrected" : "withdrawn"
            }
        }
        return fates
    }

    private func correction(of id: String) -> StoryTruth.Correction? {
        for (step, event) in zip(steps, events) where !step.corrected.isEmpty {
            guard event.targets.contains(id), let place = events.firstIndex(where: { $0.id == id })
            else { continue }
            return StoryTruth.Correction(
                event: event.id, recorded: event.recorded,
                persons: persons(steps[place], step.corrected))
        }
        return nil
    }

    private func persons(
        _ step: StoryStep, _ parts: [StoryStep.Part]
    ) -> [StoryTruth.Person] {
        guard let type = type(of: step) else { return [] }
        let entered = StoryTruth.Person(
            person: cast.id(step.by), role: "operator", post: cast.post(step.by, on: step.day),
            opinion: nil, order: nil)
        // Who is protected is not shown.
        let operators = type.by == ["reporter"] ? [] : [entered]
        return operators
            + parts.map { part in
                StoryTruth.Person(
                    person: cast.id(part.who), role: part.role,
                    post: cast.post(part.who, on: step.day), opinion: part.opinion,
                    order: part.order)
            }
    }

    func owed(_ one: (duty: String, key: String)) -> StoryTruth {
        let event = events.first { $0.id == ids[one.key] }
        var truth = StoryTruth(
            kind: .traceDuty, event: event?.id ?? "",
            stream: event?.json["subject"]?.string ?? "",
            recorded: event?.recorded ?? Timestamp(microseconds: 0))
        truth.duty = one.duty
        return truth
    }
}
