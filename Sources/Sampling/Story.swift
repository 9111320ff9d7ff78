import CanonicalJSON
import Catalogue

/// Cases of the sample that belong together, as a pattern for any number of such stories.
struct Story: Sendable {
    /// In the sample's order.
    let canonical: [EventTemplate]
    /// The same events as many producers write them: members in another order, spaces.
    let loose: [EventTemplate]
    /// The first day in the sample, counted from 1970.
    let firstDay: Int

    /// The stories of a sample, one event a line.
    ///
    /// Cases whose events name each other are one story, so that what is named is there.
    static func all(
        in sample: [UInt8], _ catalogue: EventCatalogue, _ words: inout WordLists
    ) throws(SamplingError) -> [Story] {
        var events: [SampleEvent] = []
        for line in sample.split(separator: UInt8(ascii: "\n")) {
            guard let json = try? JSONValue(parsing: line), let event = SampleEvent(json) else {
                throw SamplingError(
                    en: "line \(events.count + 1) of the sample is no event of a case",
                    zh: "样例第 \(events.count + 1) 行不是案件事件")
            }
            events.append(event)
        }
        var stories: [Story] = []
        for group in groups(events) { stories.append(Story(group, catalogue, &words)) }
        guard !stories.isEmpty else { throw SamplingError(en: "the sample is empty", zh: "样例为空") }
        return stories
    }

    private init(
        _ events: [SampleEvent], _ catalogue: EventCatalogue, _ words: inout WordLists
    ) {
        var maker = TemplateMaker(events, catalogue, words)
        let templates = events.map { maker.templates(of: $0) }
        canonical = templates.map(\.canonical)
        loose = templates.map(\.loose)
        firstDay = events.map(\.day).min() ?? 0
        words = maker.words
    }

    /// The events by story, each in the sample's order.
    private static func groups(_ events: [SampleEvent]) -> [[SampleEvent]] {
        var groupOfCase: [String: Int] = [:]
        for event in events where groupOfCase[event.caseID] == nil {
            groupOfCase[event.caseID] = groupOfCase.count
        }
        for event in events {
            for caseID in groupOfCase.keys where event.names(caseID) {
                guard let old = groupOfCase[caseID], let new = groupOfCase[event.caseID] else {
                    continue
                }
                let (from, to) = (max(old, new), min(old, new))
                groupOfCase = groupOfCase.mapValues { $0 == from ? to : $0 }
            }
        }
        return Set(groupOfCase.values).sorted().map { group in
            events.filter { groupOfCase[$0.caseID] == group }
        }
    }
}

/// An event of the sample, with what its template is made from.
struct SampleEvent {
    let json: JSONValue
    let id: String
    /// The stream's name without its procedure.
    let caseID: String
    let typeName: String
    /// When it happened, in days from 1970.
    let day: Int
    /// Only the day is known.
    let isDayOnly: Bool
    private let text: String

    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let stream = json["subject"]?.string,
            let slash = stream.firstIndex(of: "/"), let typeName = json["type"]?.string,
            let day = json["time"]?.string.flatMap({ DateText.day($0.prefix(10)) })
        else { return nil }
        (self.json, self.id, self.typeName, self.day) = (json, id, typeName, day)
        caseID = String(stream[stream.index(after: slash)...])
        isDayOnly = json["precision"] != nil
        text = json.canonicalText
    }

    func names(_ caseID: String) -> Bool { text.contains(caseID) }
}
