import Catalogue
import Phrases
package import Projections
import Records
import Rules

/// The number of the record with a source and an id.
package typealias CauseLookUp =
    @Sendable (_ source: String, _ id: String) async throws(ProjectionError) -> UInt64?

/// Traces back from an outcome (责任倒查).
package struct Tracer {
    private let view: any PastView
    private let reader: ActReader
    private let lookUp: CauseLookUp
    private let limits: TraceLimits

    package init(
        _ view: any PastView, _ limits: TraceLimits = TraceLimits(),
        lookUp: @escaping CauseLookUp
    ) {
        (self.view, self.limits, self.lookUp) = (view, limits, lookUp)
        reader = ActReader(view)
    }

    package func trace(_ name: String) async throws(ProjectionError) -> Trace {
        let start = try await TraceStart(name, in: view)
        guard let prefix = try await reader.cases.prefix(of: start.stream) else {
            throw ProjectionError(en: "no case \(name)", zh: "没有案件 \(name)")
        }
        let outcome = prefix.records.first { $0.sequence == start.outcome }
        let entry = outcome.flatMap { prefix.entry($0) }
        let today = view.shelf.newest.day(of: view.moment)
        var search = TraceSearch(
            view, reader.cases, lookUp, limits, outcomeDay: entry?.day ?? today)
        try await search.run(from: prefix, start.stream)
        return try await account(of: search, outcome: start.outcome)
    }

    private func account(
        of search: TraceSearch, outcome: UInt64
    ) async throws(ProjectionError) -> Trace {
        let streams = Set(search.found.map { $0.prefix.history.stream })
        let wanted = Wanted(streams: streams)
        let findings = try await view.findings(wanted)
        var acts: [Act] = []
        for one in search.found { acts += try await reader.acts(of: one.prefix) }
        acts = Occurrence.ordered(acts)
        acts.take(findings)
        acts.see(from: outcome)
        let places = Dictionary(
            acts.enumerated().map { ($1.stream, $0) }, uniquingKeysWith: { first, _ in first })
        let cases = search.found.map { one in
            TracedCase(
                of: one.prefix, reader.catalogue, depth: one.depth, way: one.way, from: one.from)
        }.sorted { (places[$0.stream] ?? 0) < (places[$1.stream] ?? 0) }
        return Trace(
            head: try await AnswerHead(view), limits: limits, outcome: outcome,
            enterprises: search.codes.map { code in
                Enterprise(code: code, in: search.found.map(\.prefix))
            },
            cases: cases, acts: acts, links: links(of: search, streams),
            knowledge: Knowledge.all(in: acts, cases.map(\.stream)),
            duties: try await view.duties(wanted), findings: findings, cuts: search.cuts)
    }

    /// All links between these cases, and to the enterprise from each that names it.
    private func links(of search: TraceSearch, _ streams: Set<String>) -> [TraceLink] {
        var links = search.found.flatMap(\.links).filter { streams.contains($0.to) }
        let origin = search.found.first?.prefix.history.stream ?? ""
        for one in search.found where one.way == .enterprise {
            let names = LinkReader.names(in: one.prefix, ofParties: false)
            guard let first = names.first(where: { search.codes.contains($0.code) }) else {
                continue
            }
            links.append(
                TraceLink(
                    kind: .enterprise, from: one.prefix.history.stream,
                    record: first.entry.sequence, to: one.from ?? origin, target: nil,
                    field: nil))
        }
        return links.sorted { ($0.record, $0.to) < ($1.record, $1.to) }
    }
}

/// One line of occurrence over several cases: Specs/judging.md section 1.
enum Occurrence {
    /// What is known by day alone stands as late on its day as what was recorded before it.
    static func ordered(_ acts: [Act]) -> [Act] {
        var latestOfDay: [Int: Timestamp] = [:]
        var keyed: [(moment: Timestamp, act: Act)] = []
        for act in acts.sorted(by: { $0.record < $1.record }) {
            let known = latestOfDay[act.day]
            let moment = act.isDayOnly ? max(act.moment, known ?? act.moment) : act.moment
            latestOfDay[act.day] = max(moment, known ?? moment)
            keyed.append((moment, act))
        }
        return keyed.sorted { ($0.moment, $0.act.record) < ($1.moment, $1.act.record) }
            .map(\.act)
    }
}

extension [Act] {
    /// Gives each act the findings about it; about what was never done, to the act that began it.
    mutating func take(_ findings: [Finding]) {
        let places = Dictionary(enumerated().map { ($1.record, $0) }, uniquingKeysWith: { $1 })
        for finding in findings {
            let start = finding.id.split(separator: "@").last.flatMap { UInt64($0) }
            guard let record = finding.entry ?? start, let place = places[record] else { continue }
            self[place].findings.append(finding)
        }
    }

    /// Says which came before the outcome, and what of that was entered after it.
    mutating func see(from outcome: UInt64) {
        guard let place = firstIndex(where: { $0.record == outcome }) else { return }
        let moment = self[place].moment
        for index in indices {
            self[index].phase = index < place ? .before : index == place ? .outcome : .after
            // What is known by day alone happened at some moment of that day.
            let end = self[place].isDayOnly ? moment.advanced(bySeconds: 86_400) : moment
            self[index].isEnteredAfterOutcome = index < place && self[index].recorded > end
        }
    }
}

extension Knowledge {
    /// For each case and person the first entry by which he entered, took part or was named.
    static func all(in acts: [Act], _ streams: [String]) -> [Knowledge] {
        var found: [String: [Knowledge]] = [:]
        for act in acts where !act.isWithdrawn {
            let persons =
                act.persons.map { ($0.person, How.acted) }
                + act.named.map { ($0.person, How.named) }
            for (person, how) in persons {
                let known = found[act.stream] ?? []
                guard !known.contains(where: { $0.person == person }) else { continue }
                found[act.stream, default: []].append(
                    Knowledge(
                        stream: act.stream, person: person, day: act.day, record: act.record,
                        how: how))
            }
        }
        return streams.flatMap { found[$0] ?? [] }
    }
}

extension Enterprise {
    /// The names that these cases give it.
    init(code: String, in cases: [CasePrefix]) {
        self.init(code: code, names: [])
        let said = cases.flatMap { LinkReader.names(in: $0, ofParties: false) }
            .filter { $0.code == code }
            .sorted { ($0.entry.day, $0.entry.sequence) < ($1.entry.day, $1.entry.sequence) }
        for one in said {
            guard let name = one.name, name != names.last?.name else { continue }
            names.append(Name(name: name, record: one.entry.sequence, day: one.entry.day))
        }
    }
}
