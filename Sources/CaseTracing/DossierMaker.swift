import CanonicalJSON
import Catalogue
import Projections
import Rules

/// Gathers what one ledger says of a person.
struct DossierMaker: Sendable {
    private let view: any PastView
    private let reader: ActReader
    private let entryCountMax: Int?
    /// Entries that are left out are counted up to this many.
    private static let countMax = 1_000

    /// Of the newest entries alone, or of all.
    init(_ view: any PastView, newest entryCountMax: Int?) {
        (self.view, self.entryCountMax) = (view, entryCountMax)
        reader = ActReader(view)
    }

    /// These ids, and those that the ledger joined with them.
    func identities(of ids: [String]) async throws(ProjectionError) -> [String] {
        var found: [String] = []
        for id in ids where !found.contains(id) {
            found += try await Identity(reader).all(of: id).filter { !found.contains($0) }
        }
        return found
    }

    /// Of a person with these ids.
    func dossier(of identities: [String]) async throws(ProjectionError) -> Dossier {
        let ids = Set(identities)
        let limit = entryCountMax.map { max($0, DossierMaker.countMax) + 1 } ?? .max
        let places = try await view.entries(naming: ids, limit: limit)
        let shown = places.prefix(entryCountMax ?? .max)
        let records = Set(shown.map(\.record))
        let streams = Set(shown.map(\.stream))
        let wanted = Wanted(streams: streams)
        let findings = try await view.findings(wanted)
        var acts: [Act] = []
        for stream in streams {
            guard let prefix = try await reader.cases.prefix(of: stream) else { continue }
            acts += try await reader.acts(of: prefix) { records.contains($0.sequence) }
        }
        acts = Occurrence.ordered(acts)
        acts.take(findings)
        let own = acts.filter { act in Dossier.isActing(ids, in: act) }
        let duties = try await view.duties(wanted).filter { duty in
            !ids.isDisjoint(with: duty.persons)
                && duty.standing.start.map { records.contains($0) } ?? false
        }
        let about = Set(own.flatMap(\.findings).map(\.id))
        var posts: [HeldPost] = []
        for id in identities { posts += try await reader.posts.posts(of: id) }
        return Dossier(
            head: try await AnswerHead(view),
            extent: Dossier.Extent(
                shown: shown.count, known: places.count, isCounted: places.count < limit),
            posts: posts.sorted { ($0.from, $0.record) < ($1.from, $1.record) }, acts: own,
            named: acts.filter { !Dossier.isActing(ids, in: $0) }, duties: duties,
            findings: findings.filter { about.contains($0.id) },
            points: Dossier.points(ids, own, duties), looks: try await Looks(reader).at(ids))
    }
}

extension Dossier {
    /// Whether one of these persons entered it or took part, by its first words or by those that
    /// stand.
    static func isActing(_ ids: Set<String>, in act: Act) -> Bool {
        act.persons.contains { ids.contains($0.person) }
            || act.changes.contains { change in change.takesOut(ids) }
    }

    /// What is for the person and what against, in the order in which it happened.
    static func points(_ ids: Set<String>, _ acts: [Act], _ duties: [OwedDuty]) -> [Point] {
        var points: [Point] = []
        for act in acts where !act.isWithdrawn {
            func add(_ kind: Point.Kind, _ what: String) {
                points.append(Point(kind: kind, record: act.record, stream: act.stream, what: what))
            }
            for person in act.dissents where ids.contains(person.person) {
                add(.dissent, person.opinion ?? "")
            }
            for word in act.words {
                guard ids.contains(word.person) else {
                    if word.isDispute { add(.disputed, word.person) }
                    continue
                }
                if !word.isDispute { add(.confirmed, "#\(word.record)") }
            }
            for finding in act.findings {
                let isLate = finding.kind == .lateEntry
                let isAnswered = finding.state == .dismissed || finding.state == .rectified
                let hasEntered = act.persons.contains {
                    $0.isOperator && ids.contains($0.person)
                }
                if isAnswered {
                    add(.findingAnswered, finding.id)
                } else if !isLate || hasEntered {
                    add(isLate ? .lateEntry : .finding, finding.id)
                }
            }
        }
        for owed in duties {
            let one = owed.standing
            guard let start = one.start, one.state == .met || one.isBreach else { continue }
            points.append(
                Point(
                    kind: one.isBreach ? .dutyMissed : .dutyMet, record: start,
                    stream: one.stream, what: one.id))
        }
        return points
    }
}

extension Change {
    /// Whether one of these persons took part by what was said before, and not by what is now.
    func takesOut(_ ids: Set<String>) -> Bool { !ids.isDisjoint(with: removed) }
}

/// Which ids are one person's: those whose cases of posts were joined.
private struct Identity {
    private let reader: ActReader

    init(_ reader: ActReader) {
        self.reader = reader
    }

    func all(of person: String) async throws(ProjectionError) -> [String] {
        var found = [person]
        var seen: Set<String> = []
        var open = try await cases(of: person)
        while let stream = open.popLast() {
            guard seen.insert(stream).inserted,
                let prefix = try await reader.cases.prefix(of: stream)
            else { continue }
            for holder in holders(of: prefix) where !found.contains(holder) {
                found.append(holder)
                open += try await cases(of: holder)
            }
            open += joined(prefix)
            for other in try await reader.view.streams(naming: .reference(stream)) {
                guard let naming = try await reader.cases.prefix(of: other) else { continue }
                if joined(naming).contains(stream) { open.append(other) }
            }
        }
        return found
    }

    /// The cases in registers of which the person is the holder.
    private func cases(of person: String) async throws(ProjectionError) -> [String] {
        let procedures = Set(reader.catalogue.registers.map(\.procedure))
        var found: [String] = []
        for stream in try await reader.view.streams(of: procedures, about: person) {
            guard let prefix = try await reader.cases.prefix(of: stream),
                holders(of: prefix).contains(person)
            else { continue }
            found.append(stream)
        }
        return found
    }

    private func holders(of prefix: CasePrefix) -> [String] {
        let registers = reader.catalogue.registers.filter {
            $0.procedure == prefix.history.procedure
        }
        return prefix.history.entries.flatMap { entry in
            registers.filter { $0.holderEvent == entry.type }
                .compactMap { entry.data[$0.holderField]?.string }
        }
    }

    private func joined(_ prefix: CasePrefix) -> [String] {
        prefix.history.entries.flatMap { entry -> [String] in
            let type = prefix.types[entry.sequence]
            return [type?.continuedIn, type?.continues].compactMap { $0 }
                .flatMap { entry.data[$0].streams }
        }
    }
}

/// Who looked at what is kept about a person.
private struct Looks {
    private let reader: ActReader

    init(_ reader: ActReader) {
        self.reader = reader
    }

    /// Requests whose subject is one of these, and what followed up to the next request.
    func at(_ ids: Set<String>) async throws(ProjectionError) -> [Dossier.Look] {
        var looks: [Dossier.Look] = []
        var prefixes: [String: CasePrefix] = [:]
        for id in ids {
            for stream in try await reader.view.streams(naming: .kept(id)) {
                prefixes[stream] = try await reader.cases.prefix(of: stream)
            }
        }
        let first = { (prefix: CasePrefix) in prefix.records.first?.sequence ?? 0 }
        for prefix in prefixes.values.sorted(by: { first($0) < first($1) }) {
            let requests = requests(prefix, ids)
            guard !requests.isEmpty else { continue }
            let acts = try await reader.acts(of: prefix) { requests[$0.sequence] != nil }
            for act in acts {
                looks.append(Dossier.Look(request: requests[act.record] ?? act.record, act: act))
            }
        }
        return looks
    }

    /// Of each record that belongs to a request about one of these, the request.
    private func requests(_ prefix: CasePrefix, _ ids: Set<String>) -> [UInt64: UInt64] {
        var found: [UInt64: UInt64] = [:]
        var current: UInt64?
        for place in prefix.history.line {
            let entry = prefix.history.entries[place]
            if let subject = entry.data[MentionKey.vault.field]?.string {
                current = ids.contains(subject) ? entry.sequence : nil
            }
            if let current { found[entry.sequence] = current }
        }
        return found
    }
}
