import CanonicalJSON
import Catalogue

/// Opens holes in the events of one story: whatever differs from case to case.
struct TemplateMaker {
    private let catalogue: EventCatalogue
    /// The story's case ids and event ids, in the order of their first appearance.
    private let caseIDs: [String]
    private let eventIDs: [String]
    /// Texts that are the same value wherever they stand in the story, numbered.
    private var values: [String: Int] = [:]
    private(set) var words: WordLists
    /// The holes of the event at hand.
    private var holes: [Hole] = []

    /// Fields whose words say nothing of a case's course: any other of their list does as well.
    private static let freeWords: Set<String> = ["caseType", "channel", "industry"]

    init(_ events: [SampleEvent], _ catalogue: EventCatalogue, _ words: WordLists) {
        (self.catalogue, self.words) = (catalogue, words)
        eventIDs = events.map(\.id)
        var caseIDs: [String] = []
        for event in events where !caseIDs.contains(event.caseID) { caseIDs.append(event.caseID) }
        self.caseIDs = caseIDs
    }

    mutating func templates(
        of event: SampleEvent
    ) -> (canonical: EventTemplate, loose: EventTemplate) {
        holes = []
        let type = catalogue.eventType(event.typeName)
        let open = JSONValue.object(
            (event.json.members ?? []).map { member in
                let value =
                    member.name == "data"
                    ? openData(member.value, type)
                    : opened(member.value, member.name, nil, isDayOnly: event.isDayOnly)
                return JSONMember(member.name, value)
            })
        return (
            EventTemplate(open.canonicalBytes, holes: holes),
            EventTemplate(TemplateMaker.loose(open), holes: holes)
        )
    }

    /// As many producers write: attributes first, data last, a space after colons and commas.
    private static func loose(_ event: JSONValue) -> [UInt8] {
        let first = ["specversion", "id", "source", "type", "subject", "time"]
        let members = event.members ?? []
        let ordered =
            first.compactMap { name in members.first { $0.name == name } }
            + members.filter { !first.contains($0.name) && $0.name != "data" }
            + members.filter { $0.name == "data" }
        var bytes = Array("{".utf8)
        for (place, member) in ordered.enumerated() {
            if place > 0 { bytes += Array(", ".utf8) }
            bytes += Array("\"\(member.name)\": ".utf8) + member.value.canonicalBytes
        }
        return bytes + Array("}".utf8)
    }

    // MARK: Values

    private mutating func openData(_ data: JSONValue, _ type: EventType?) -> JSONValue {
        .object(
            (data.members ?? []).map { member in
                JSONMember(
                    member.name, opened(member.value, member.name, type?.field(member.name)))
            })
    }

    private mutating func opened(
        _ value: JSONValue, _ name: String, _ field: Field?, isDayOnly: Bool = false
    ) -> JSONValue {
        switch value {
        case .object(let members):
            .object(members.map { JSONMember($0.name, opened($0.value, $0.name, nil)) })
        case .array(let elements): .array(elements.map { opened($0, name, field) })
        case .integer where field?.type == .fen:
            .string(EventTemplate.numberMark(hole(.fineFen(0))))
        case .integer where name == "bytes":
            .string(EventTemplate.numberMark(hole(.fileSize(holes.count))))
        case .string(let text): .string(opened(text, name, field, isDayOnly))
        default: value
        }
    }

    private mutating func opened(
        _ text: String, _ name: String, _ field: Field?, _ isDayOnly: Bool
    ) -> String {
        if let hole = whole(text, name, field) { return mark(hole) }
        if let day = DateText.day(text.prefix(10)), text.count == 25 {
            guard let second = DateText.second(text.dropFirst(11).prefix(8)), !isDayOnly else {
                return mark(.date(day)) + text.dropFirst(10)
            }
            return mark(.date(day)) + "T" + mark(.clock(second)) + text.dropFirst(19)
        }
        if text.hasPrefix("P-1"), text.count == 6 {
            return "P-1" + mark(.person) + text.suffix(2)
        }
        if CreditCodeText.isSound(text) {
            let kind = Int(text.prefix(2)) ?? 91
            return text.prefix(2) + mark(.creditCode(kind: kind, number(text)))
        }
        return parts(text, field)
    }

    /// What a whole string is, by its field or its form.
    private mutating func whole(_ text: String, _ name: String, _ field: Field?) -> Hole? {
        if let place = eventIDs.firstIndex(of: text) { return .eventID(place) }
        if let day = DateText.day(Substring(text)) { return .date(day) }
        if field?.type == .region { return .region }
        if let field, field.type == .enum, TemplateMaker.freeWords.contains(name) {
            return .word(list: words.number(of: field.values))
        }
        // 罚款额 in ten thousand yuan, as the published form of a penalty has it.
        if name == "CF_NR_FK" { return .fineDigit(0) }
        let isDigest = text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
        return isDigest ? .digest(number(text)) : nil
    }

    /// What stands inside other text.
    private mutating func parts(_ given: String, _ field: Field?) -> String {
        var text = given
        for (place, caseID) in caseIDs.enumerated() {
            let words = caseID.split(separator: "-")
            guard words.count == 3, text.contains(caseID) else { continue }
            let open = "\(words[0])-" + mark(.year) + "-" + mark(.caseName(place))
            text = text.replacing(caseID, with: open)
        }
        text = serials(text)
        for (word, more) in [("三万元", 0), ("四万元", 1)] where text.contains(word) {
            text = text.replacing(word, with: mark(.fineNumeral(more)) + "万元")
        }
        let start = "虚构样例"
        if text.hasPrefix(start) { text = start + mark(.stem) + text.dropFirst(start.count) }
        if let field, field.type == .text, given.hasSuffix("。") {
            let room = (field.bytesMax - given.utf8.count) / Vocabulary.sentenceByteCountMax
            text += mark(.prose(holes.count, atMost: max(0, room)))
        }
        return text
    }

    /// Years in brackets with a number after, and `2025-003` at the end of an address or a name.
    private mutating func serials(_ text: String) -> String {
        // All three have a year; looking for one costs less than looking for a pattern.
        guard text.contains("20") else { return text }
        if let match = text.firstMatch(of: /〔20\d\d〕(\d+)/) {
            let open = "〔" + mark(.year) + "〕" + mark(.serial(number(text), width: 1))
            return text.replacing(match.0, with: open)
        }
        if let match = text.firstMatch(of: /(?:W-|\/)(20\d\d-(\d+))$/) {
            let serial = Hole.serial(number(String(match.1)), width: match.2.count)
            return text.replacing(match.1, with: mark(.year) + "-" + mark(serial))
        }
        if let match = text.firstMatch(of: /^ZJ(20\d{6})(\d+)$/),
            let day = DateText.day(
                match.1.prefix(4) + "-" + match.1.dropFirst(4).prefix(2) + "-"
                    + match.1.suffix(2))
        {
            let serial = Hole.serial(number(text), width: match.2.count)
            return "ZJ" + mark(.compactDate(day)) + mark(serial)
        }
        return text
    }

    // MARK: Numbers

    private mutating func number(_ text: String) -> Int {
        let number = values[text] ?? values.count
        values[text] = number
        return number
    }

    private mutating func hole(_ hole: Hole) -> Int {
        holes.append(hole)
        return holes.count - 1
    }

    private mutating func mark(_ new: Hole) -> String {
        EventTemplate.mark(hole(new))
    }
}

/// The lists that words are drawn from.
struct WordLists: Sendable {
    private(set) var all: [[[UInt8]]] = []

    mutating func number(of words: [String]) -> Int {
        let list = words.map { Array($0.utf8) }
        if let number = all.firstIndex(of: list) { return number }
        all.append(list)
        return all.count - 1
    }
}
