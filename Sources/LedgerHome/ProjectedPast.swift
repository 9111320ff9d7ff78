import Catalogue
import LedgerStore
package import Merkle
import Phrases
package import Projections
package import Records
package import Rules
import Sequencing

/// The ledger as of a moment, asked of the read models; cases are read from the store.
package struct ProjectedPast: PastView {
    package let origin: String
    package let moment: Timestamp
    package let size: UInt64
    package let shelf: RuleShelf
    private let ledger: Ledger
    private let file: ProjectionFile
    private let rules: CaseRules
    private let clock: LocalTime
    private let effect: @Sendable (UInt64) -> EventCatalogue

    /// As of `moment`, or now; `size`, if it is known, is how many records there were.
    ///
    /// `file` must have followed the ledger that far.
    package init(
        _ ledger: Ledger, _ file: ProjectionFile, asOf moment: Timestamp?, size known: UInt64? = nil
    ) async throws(LedgerError) {
        (self.ledger, self.file) = (ledger, file)
        origin = ledger.settings.origin
        self.moment = moment ?? ledger.clock.wall()
        shelf = try ledger.ruleShelf()
        rules = CaseRules(shelf)
        effect = try ledger.cataloguesByRecord()
        clock = LocalTime(zone: ledger.catalogue.timeZone)
        if let known { size = known } else { size = try await ledger.size(asOf: self.moment) }
        do throws(ProjectionError) {
            let position = try file.position(of: origin).next
            guard position >= size else {
                throw ProjectionError(
                    en: "\(file.path) holds \(position) of \(size) records: "
                        + "run hanqing projection follow",
                    zh: "\(file.path) 仅含 \(size) 条记录中的 \(position) 条："
                        + "请运行 hanqing projection follow")
            }
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    package func root(of count: UInt64) async throws(ProjectionError) -> Root {
        try await ledger.root(of: count)
    }

    package func leaf(_ sequence: UInt64) async throws(ProjectionError) -> LeafHash {
        try await ledger.leaf(sequence)
    }

    package func streams(of procedure: String) async throws(ProjectionError) -> [String] {
        try file.streams(of: procedure, in: origin, size: size)
    }

    package func streams(naming key: MentionKey) async throws(ProjectionError) -> [String] {
        try file.streams(naming: key, in: origin, size: size)
    }

    package func streams(
        of procedures: Set<String>, about person: String
    ) async throws(ProjectionError) -> [String] {
        try file.streams(of: procedures, about: person, in: origin, size: size)
    }

    package func entries(
        naming persons: Set<String>, limit: Int
    ) async throws(ProjectionError) -> [EntryPlace] {
        try file.entries(naming: persons, in: origin, size: size, limit: limit)
    }

    package func prefix(of stream: String) async throws(ProjectionError) -> CasePrefix? {
        guard let name = StreamName(stream) else { return nil }
        let lines: [[UInt8]]
        do throws(StoreError) {
            lines = try await ledger.store.lines(of: [name]).first ?? []
        } catch {
            throw ProjectionError(LedgerError(error))
        }
        let records = CaseRecords(stream: stream, lines: lines, clock: clock).before(size)
        return records.whole(rules, effect: effect)
    }

    package func record(_ sequence: UInt64) async throws(ProjectionError) -> CaseRecord? {
        guard sequence < size else { return nil }
        do throws(StoreError) {
            let line = try await ledger.store.lines(from: SequenceNumber(sequence), limit: 1).first
            return line.flatMap { CaseRecord($0, clock: clock) }
        } catch {
            throw ProjectionError(LedgerError(error))
        }
    }

    // MARK: - Duties and findings

    package func duties(_ wanted: Wanted) async throws(ProjectionError) -> [OwedDuty] {
        let kept = try file.duties(wanted, in: origin, size: size).compactMap { duty in
            standing(duty).map {
                OwedDuty(standing: $0, persons: duty.persons, unit: duty.unit)
            }
        }
        return order(kept)
            + (try yearly(wanted)).map {
                OwedDuty(standing: $0, persons: [], unit: nil)
            }
    }

    package func findings(_ wanted: Wanted) async throws(ProjectionError) -> [Finding] {
        var found = try file.findings(wanted, in: origin, size: size).compactMap { finding($0) }
        for duty in try file.duties(wanted, in: origin, size: size) {
            guard let standing = standing(duty), let book = shelf.book(of: duty.start),
                standing.isBreach, book.isOfBureau(standing.duty)
            else { continue }
            let words = FindingWords(catalogue: book.catalogue)
            var finding = book.citing(Finding(standing, words.words(standing)))
            if let life = duty.life, let state = Finding.State(rawValue: life.state) {
                (finding.state, finding.stateBy) = (state, life.by)
            }
            found.append(finding)
        }
        let words = FindingWords(catalogue: shelf.newest.catalogue)
        found += try yearly(wanted).filter { $0.isBreach && shelf.newest.isOfBureau($0.duty) }
            .map { Finding($0, words.words($0)) }
        return found.sorted { ($0.day, $0.id) < ($1.day, $1.id) }
    }

    private func yearly(_ wanted: Wanted) throws(ProjectionError) -> [DutyStanding] {
        // They belong to procedures, whose names have no slash, and to no case.
        if let streams = wanted.streams, streams.allSatisfy({ $0.contains("/") }) { return [] }
        var yearly = YearlyDuties(shelf.newest)
        for fact in try file.yearlyFacts(wanted.ids, in: origin, size: size) { yearly.take(fact) }
        return yearly.standings(now: moment).filter {
            wanted.has(stream: $0.stream, id: $0.duty.id)
        }
    }

    private func standing(_ kept: PastDuty) -> DutyStanding? {
        guard let duty = shelf.book(of: kept.start)?.duty(kept.duty, from: kept.from)
        else { return nil }
        return kept.ways.map { way in
            DutyStanding(
                id: "\(kept.duty)@\(kept.start)", duty: duty, stream: kept.stream,
                start: kept.start, days: (way.startDay, way.dueDay),
                dueMoment: way.dueMoment.map { Timestamp(microseconds: $0) },
                isProvisional: way.isProvisional, end: way.end, state: way.state
            ).asOf(moment, clock)
        }.worst
    }

    /// Those of one entry in the order of the catalogue.
    private func order(_ duties: [OwedDuty]) -> [OwedDuty] {
        var places: [String: Int] = [:]
        for (place, duty) in shelf.newest.allDuties.enumerated() { places[duty.id] = place }
        var result: [OwedDuty] = []
        for one in duties {
            var place = result.count
            while place > 0, result[place - 1].standing.start == one.standing.start,
                (places[result[place - 1].standing.duty.id] ?? 0)
                    > (places[one.standing.duty.id] ?? 0)
            {
                place -= 1
            }
            result.insert(one, at: place)
        }
        return result
    }

    private func finding(_ kept: PastFinding) -> Finding? {
        guard let book = shelf.book(of: kept.entry) else { return nil }
        var finding: Finding?
        switch Finding.Kind(rawValue: kept.kind) {
        case .rule:
            guard let rule = book.rule(kept.rule) else { return nil }
            let breach = Breach(
                rule: rule, entry: kept.entry, day: kept.day, isAsserted: kept.isAsserted,
                names: kept.names)
            finding = Finding(
                breach, kept.stream, FindingWords(catalogue: book.catalogue).words(breach))
        case .lateEntry:
            finding = Finding(
                lateEntry: kept.entry, kept.stream, day: kept.day, isAsserted: kept.isAsserted,
                batch: kept.names.first)
        case .duty, nil: return nil
        }
        guard var found = finding.map({ book.citing($0) }) else { return nil }
        found.state = Finding.State(rawValue: kept.state) ?? .open
        found.stateBy = kept.stateBy
        return found
    }

    // MARK: - Figures

    package func figures(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorFigure] {
        var fold = IndicatorFold(shelf.newest, period: period, of: ids)
        if fold.countsEntries {
            for entry in try file.entries(period, in: origin, size: size) {
                fold.take(entry: entry.sequence, entry.day, entry.isLate)
            }
        }
        let (entries, cases) = fold.measured
        let facts = try file.measures(
            period, entries: entries, cases: cases, in: origin, size: size)
        for fact in facts { fold.take(fact) }
        let owed = try file.duties(fold.duties, dueIn: period, in: origin, size: size)
        fold.take(owed.compactMap { standing($0) })
        fold.take(try yearly(Wanted(ids: fold.duties)))
        return fold.figures()
    }

    package func sums(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorSum] {
        var fold = IndicatorFold(shelf.newest, period: period, of: ids)
        var (entries, cases) = fold.measured
        if fold.countsEntries { entries.insert(DaySums.entries) }
        let sums = try file.sums(period, entries: entries, cases: cases, in: origin, size: size)
        for sum in sums { fold.take(sum) }
        guard !fold.duties.isEmpty else { return fold.sums() }
        let today = clock.day(of: moment)
        let near = today - 1...today + 1
        for part in try file.dutyCounts(
            fold.duties, dueIn: period, near: near, before: today, in: origin, size: size)
        {
            fold.take(duty: part.duty, met: part.metCount, of: part.count)
        }
        // Of these it is told one by one, by the moment, how they stand.
        let open = try file.openDuties(fold.duties, near: near, in: origin, size: size)
        for part in open.compactMap({ $0.count(dueIn: period) }) {
            fold.take(duty: part.duty, met: -part.metCount, of: -part.count)
        }
        fold.take(open.compactMap { standing($0) })
        fold.take(try yearly(Wanted(ids: fold.duties)))
        return fold.sums()
    }

    // MARK: - All at once

    /// Everything that the ledger comes to; the same as ``Ledger/judge(asOf:period:progress:)``.
    package func judgement(
        _ period: ClosedRange<Int>
    ) async throws(ProjectionError) -> LedgerJudgement {
        var judgement = try await judged(period)
        (judgement.caseCount, judgement.entryCount) = try file.counts(in: origin, size: size)
        return judgement
    }
}

extension PastView {
    /// Duties, findings and figures of all that is seen; cases and entries are not counted.
    package func judged(_ period: ClosedRange<Int>) async throws(ProjectionError) -> LedgerJudgement
    {
        var judgement = LedgerJudgement(book: shelf.newest)
        let duties = try await duties(Wanted())
        judgement.standings = duties.map(\.standing)
        for duty in duties {
            guard let start = duty.standing.start else { continue }
            judgement.operators[start] = duty.persons
            judgement.units[start] = duty.unit
        }
        judgement.findings = try await findings(Wanted())
        judgement.figures = try await figures(period)
        judgement.size = size
        return judgement
    }
}
