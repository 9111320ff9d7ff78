import CanonicalJSON
package import Catalogue

/// A figure of the plan over a period, with the records behind it: Specs/judging.md section 7.
package struct IndicatorFigure: Hashable, Sendable {
    package let indicator: Indicator
    package let numerator: Int64
    /// Nil for a count.
    package let denominator: Int64?
    /// Records that count in the numerator, and those that count in the denominator.
    package let met: [UInt64]
    package let all: [UInt64]
    /// Records for which the condition could not be known; they are not met.
    package let unknown: [UInt64]

    /// In percent; nil for a count, and where there is nothing to divide by.
    package var percent: Double? {
        guard let denominator, denominator != 0 else { return nil }
        return Double(numerator) * 100 / Double(denominator)
    }

    /// Whether the target is reached; nil where there is none or nothing to measure.
    package var isReached: Bool? {
        guard let target = indicator.target else { return nil }
        let value: Double
        if denominator == nil {
            value = Double(numerator)
        } else if let percent {
            value = percent
        } else {
            return nil
        }
        return switch target {
        case .atLeast(let least): value >= Double(least)
        case .atMost(let most): value <= Double(most)
        }
    }
}

/// Gathers what the indicators count, case by case.
package struct IndicatorFold: Sendable {
    private let book: RuleBook
    /// Days since 1970-01-01, in the catalogue's time zone.
    private let period: ClosedRange<Int>
    private let byType: [String: [Indicator]]
    private let ofStreams: [String: [Indicator]]
    private let ofDuties: [Indicator]
    private var tallies: [String: Tally] = [:]

    private struct Tally {
        var (numerator, denominator) = (Int64(0), Int64(0))
        var (met, all, unknown) = ([UInt64](), [UInt64](), [UInt64]())
        var (values, metValues) = (Set<String>(), Set<String>())
    }

    package init(_ book: RuleBook, period: ClosedRange<Int>) {
        (self.book, self.period) = (book, period)
        var byType: [String: [Indicator]] = [:]
        var ofStreams: [String: [Indicator]] = [:]
        for indicator in book.catalogue.indicators {
            for type in indicator.measure.choice?.of ?? [] {
                byType[type, default: []].append(indicator)
            }
            if case .streams(let procedure, _, _) = indicator.measure {
                ofStreams[procedure, default: []].append(indicator)
            }
        }
        (self.byType, self.ofStreams) = (byType, ofStreams)
        ofDuties = book.catalogue.indicators.filter { $0.measure.duties != nil }
    }

    /// Takes one case, with what its duties have come to.
    package mutating func take(_ history: CaseHistory, standings: [DutyStanding]) {
        for (place, entry) in history.entries.enumerated() where period.contains(entry.day) {
            count(entry)
            for indicator in byType[entry.type] ?? [] { count(indicator, at: place, history) }
        }
        for indicator in ofStreams[String(history.procedure)] ?? [] { count(indicator, history) }
        take(standings)
    }

    /// Takes duties, a case's or the yearly ones.
    package mutating func take(_ standings: [DutyStanding]) {
        for indicator in ofDuties {
            let ids = indicator.measure.duties ?? []
            for standing in standings where ids.contains(standing.duty.id) {
                guard let due = standing.dueDay, period.contains(due), standing.isCounted else {
                    continue
                }
                add(indicator, standing.start ?? standing.end, isMet: Truth(standing.state == .met))
            }
        }
    }

    private mutating func count(_ entry: CaseEntry) {
        for indicator in book.catalogue.indicators where indicator.measure == .lateEntries {
            add(indicator, entry.sequence, isMet: Truth(book.isLate(entry)))
        }
    }

    private mutating func count(_ indicator: Indicator, at place: Int, _ history: CaseHistory) {
        let entry = history.entries[place]
        let context = history.wholeContext(at: place)
        if let condition = indicator.measure.choice?.condition {
            let truth = self.truth(condition, entry.type, context)
            if truth == .unknown {
                tallies[indicator.id, default: Tally()].unknown.append(entry.sequence)
            }
            guard truth == .true else { return }
        }
        switch indicator.measure {
        case .share(_, let met):
            add(indicator, entry.sequence, isMet: truth(met, entry.type, context))
        case .count: add(indicator, entry.sequence, isMet: .true)
        case .distinct(_, let field, let met):
            guard let found = entry.data[field] else { return }
            let values = Set((found.array ?? [found]).map(\.canonicalText))
            let truth = self.truth(met, entry.type, context)
            add(indicator, entry.sequence, isMet: truth)
            tallies[indicator.id, default: Tally()].values.formUnion(values)
            if truth == .true {
                tallies[indicator.id, default: Tally()].metValues.formUnion(values)
            }
        case .quotient(_, let over, let under):
            add(indicator, entry.sequence, isMet: .true)
            let above = number(over, entry.type, context)
            let below = number(under, entry.type, context)
            tallies[indicator.id, default: Tally()].numerator += (above ?? 0) - 1
            tallies[indicator.id, default: Tally()].denominator += (below ?? 0) - 1
        case .streams, .duties, .lateEntries, .total: break
        }
    }

    /// A case as it stands at the end of the period.
    private mutating func count(_ indicator: Indicator, _ history: CaseHistory) {
        guard case .streams(let procedure, let condition, let met) = indicator.measure,
            let first = book.catalogue.procedure(procedure)?.events.first,
            let place = history.entries.firstIndex(where: { $0.type == first }),
            history.entries[place].day <= period.upperBound
        else { return }
        let context = history.context(at: place, through: period.upperBound)
        if let condition {
            guard truth(condition, first, context) == .true else { return }
        }
        add(indicator, history.entries[place].sequence, isMet: truth(met, first, context))
    }

    private mutating func add(_ indicator: Indicator, _ sequence: UInt64?, isMet: Truth) {
        var tally = tallies.removeValue(forKey: indicator.id) ?? Tally()
        tally.denominator += 1
        if let sequence { tally.all.append(sequence) }
        if isMet == .true {
            tally.numerator += 1
            if let sequence { tally.met.append(sequence) }
        }
        if isMet == .unknown, let sequence { tally.unknown.append(sequence) }
        tallies[indicator.id] = tally
    }

    private func truth(_ condition: Condition, _ type: String, _ context: CaseContext) -> Truth {
        guard let expression = book.expression(condition, judging: type) else { return .unknown }
        return expression.truth(in: context, calendar: book.calendar)
    }

    private func number(_ text: String, _ type: String, _ context: CaseContext) -> Int64? {
        guard let expression = book.expression(text, judging: type) else { return nil }
        return expression.integer(in: context, calendar: book.calendar)
    }

    // MARK: - The result

    /// All figures, in the order of the catalogue.
    package func figures() -> [IndicatorFigure] {
        book.catalogue.indicators.map { figure($0, depth: 0) }
    }

    private func figure(_ indicator: Indicator, depth: Int) -> IndicatorFigure {
        let tally = tallies[indicator.id] ?? Tally()
        var numerator = tally.numerator
        var denominator: Int64? = tally.denominator
        var (met, all, unknown) = (tally.met, tally.all, tally.unknown)
        switch indicator.measure {
        case .count: denominator = nil
        case .distinct:
            (numerator, denominator) = (Int64(tally.metValues.count), Int64(tally.values.count))
        case .total(let ids) where depth < 4:
            let parts = book.catalogue.indicators.filter { ids.contains($0.id) }
                .map { figure($0, depth: depth + 1) }
            numerator = parts.reduce(0) { $0 + $1.numerator }
            denominator = parts.reduce(0) { $0 + ($1.denominator ?? 0) }
            (met, all) = (parts.flatMap(\.met), parts.flatMap(\.all))
            unknown = parts.flatMap(\.unknown)
        case .share, .quotient, .streams, .duties, .lateEntries, .total: break
        }
        return IndicatorFigure(
            indicator: indicator, numerator: numerator, denominator: denominator,
            met: met.sorted(), all: all.sorted(), unknown: unknown.sorted())
    }
}

extension Indicator.Measure {
    fileprivate var choice: Indicator.Choice? {
        switch self {
        case .share(let choice, _), .count(let choice), .quotient(let choice, _, _),
            .distinct(let choice, _, _):
            choice
        case .streams, .duties, .lateEntries, .total: nil
        }
    }

    fileprivate var duties: [String]? {
        if case .duties(let ids) = self { ids } else { nil }
    }
}

extension DutyStanding {
    /// Whether it fell due: one that still runs has not.
    fileprivate var isCounted: Bool {
        switch state {
        case .met, .late, .early, .overdue: true
        case .running, .paused, .deemed, .lapsed: false
        }
    }
}
