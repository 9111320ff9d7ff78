package import Catalogue
import Phrases

/// Grows the shipped sample into any number of clearly fictitious events.
///
/// The sample's cases are patterns. Event `n` of a seed is always the same bytes, whatever else is
/// made: it can be asked for without the events before it. Ids and cases look random, as an index
/// finds them hardest. All names begin with 虚构样例, and all addresses are reserved for examples.
package struct Sampler: Sendable {
    /// How an event is spelled.
    package enum Form: String, Sendable, CaseIterable {
        /// RFC 8785.
        case canonical
        /// Members in another order, spaces after colons and commas.
        case loose
    }

    private let stories: [Story]
    private let schedule: Schedule
    private let shared: Filling.Vocabularies

    /// Grows `sample`, one event a line, under `catalogue`.
    ///
    /// The events of a case are spread over some hundred and fifty times `lanes` numbers.
    package init(
        _ sample: [UInt8], catalogue: EventCatalogue, seed: UInt64, lanes: Int = 8
    ) throws(SamplingError) {
        var words = WordLists()
        stories = try Story.all(in: sample, catalogue, &words)
        schedule = Schedule(lengths: stories.map(\.canonical.count), lanes: max(1, lanes))
        let regions = catalogue.regions.filter { $0.from == nil && $0.to == nil }
        guard !regions.isEmpty else {
            throw SamplingError(en: "the catalogue has no lasting region", zh: "目录中没有长期有效的区划")
        }
        shared = Filling.Vocabularies(
            seed: Mixing.mixed(seed), words: words, regions: regions.map { Array($0.code.utf8) })
    }

    /// The events from number `first` on.
    package func events(
        from first: Int, count: Int, form: Form = .canonical
    ) -> SampledEvents {
        var events = SampledEvents()
        events.bytes.reserveCapacity(count * 1024)
        events.ends.reserveCapacity(count)
        for number in first..<first + count { append(number, form, to: &events) }
        return events
    }

    /// Adds event `number` to `events`, as a line with its end if asked.
    package func append(
        _ number: Int, _ form: Form, asLine: Bool = false, to events: inout SampledEvents
    ) {
        let place = schedule.place(of: UInt64(number))
        let story = stories[place.pattern]
        let filling = Filling(
            shared, story: place.story, event: place.event, firstDay: story.firstDay)
        let templates = form == .canonical ? story.canonical : story.loose
        templates[place.event].write(filling, to: &events.bytes)
        if asLine { events.bytes.append(UInt8(ascii: "\n")) }
        events.ends.append(events.bytes.count)
    }
}

extension EventTemplate {
    func write(_ filling: Filling, to bytes: inout [UInt8]) {
        for piece in pieces {
            bytes.append(contentsOf: literal[piece.start..<piece.end])
            filling.fill(piece.hole, to: &bytes)
        }
        bytes.append(contentsOf: literal[tail...])
    }
}
