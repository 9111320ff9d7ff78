import CanonicalJSON
import Catalogue

/// What one entry or one case adds to an indicator.
package struct IndicatorFact: Hashable, Sendable {
    package enum Outcome: String, Sendable {
        case met, unmet
        /// Counted, but whether it is met cannot be known.
        case unknown
        /// Whether it counts at all cannot be known.
        case perhaps
    }

    package let indicator: String
    package let sequence: UInt64
    /// The day of the entry; of a case, the first of the days on which it stood so.
    package let day: Int
    /// Of a case, the last of those days; nil if it still does.
    ///
    /// Equal to ``day`` for an entry.
    package let lastDay: Int?
    package let isOfCase: Bool
    package let outcome: Outcome
    package let numerator: Int64
    package let denominator: Int64
    /// Of a count of distinct values, in canonical JSON.
    package let values: [String]

    package init(
        indicator: String, sequence: UInt64, days: (first: Int, last: Int?), isOfCase: Bool,
        outcome: Outcome, numerator: Int64, denominator: Int64, values: [String]
    ) {
        (self.indicator, self.sequence) = (indicator, sequence)
        (day, lastDay) = days
        (self.isOfCase, self.outcome) = (isOfCase, outcome)
        (self.numerator, self.denominator, self.values) = (numerator, denominator, values)
    }

    /// Whether it belongs to a figure of these days: an entry if it happened in them, a case as it
    /// stood at their end.
    func isOf(_ period: ClosedRange<Int>) -> Bool {
        isOfCase
            ? day <= period.upperBound && lastDay.map { $0 >= period.upperBound } ?? true
            : period.contains(day)
    }
}

/// Gathers what the indicators count, case by case.
package struct IndicatorFold: Sendable {
    private let book: RuleBook
    /// Days since 1970-01-01, in the catalogue's time zone.
    private let period: ClosedRange<Int>
    private let byType: [String: [Indicator]]
    private let ofStreams: [String: [Indicator]]
    /// Types that conditions of indicators ask for.
    private let asked: Set<String>
    private let ofDuties: [Indicator]
    private let ofEntries: [Indicator]
    /// Those whose figures are wanted.
    private let wanted: [Indicator]
    private var tallies: [String: Tally] = [:]

    private struct Tally {
        var (numerator, denominator) = (Int64(0), Int64(0))
        var (met, all, unknown) = ([UInt64](), [UInt64](), [UInt64]())
        /// Without those of ``unknown``.
        var unknownCount = 0
        var (values, metValues) = (Set<String>(), Set<String>())
    }

    /// Of all indicators, or of those called `ids`.
    package init(_ book: RuleBook, period: ClosedRange<Int>, of ids: Set<String>? = nil) {
        (self.book, self.period) = (book, period)
        wanted = book.catalogue.indicators.filter { ids?.contains($0.id) ?? true }
        let counted = IndicatorFold.withParts(wanted, of: book.catalogue)
        var byType: [String: [Indicator]] = [:]
        var ofStreams: [String: [Indicator]] = [:]
        var asked: Set<String> = []
        for indicator in counted {
            for type in indicator.measure.choice?.of ?? [] {
                byType[type, default: []].append(indicator)
                for text in indicator.measure.expressions {
                    asked.formUnion(book.expression(text, judging: type)?.usedEvents ?? [])
                }
            }
            if case .streams(let procedure, _, _) = indicator.measure {
                ofStreams[procedure, default: []].append(indicator)
            }
        }
        (self.byType, self.ofStreams, self.asked) = (byType, ofStreams, asked)
        ofDuties = counted.filter { $0.measure.duties != nil }
        ofEntries = counted.filter { $0.measure == .lateEntries }
    }

    /// Indicators and those that they total.
    private static func withParts(
        _ wanted: [Indicator], of catalogue: EventCatalogue
    ) -> [Indicator] {
        var ids = Set(wanted.map(\.id))
        for _ in 0..<depthMax {
            for indicator in catalogue.indicators where ids.contains(indicator.id) {
                if case .total(let parts) = indicator.measure { ids.formUnion(parts) }
            }
        }
        return catalogue.indicators.filter { ids.contains($0.id) }
    }

    /// Takes one case, with what its duties have come to.
    package mutating func take(_ history: CaseHistory, standings: [DutyStanding]) {
        for entry in history.entries { take(entry: entry.sequence, entry.day, book.isLate(entry)) }
        for fact in facts(of: history) { take(fact) }
        take(standings)
    }

    /// Takes an entry that was made in time or late.
    package mutating func take(entry sequence: UInt64, _ day: Int, _ isLate: Bool) {
        guard period.contains(day) else { return }
        for indicator in ofEntries {
            add(indicator.id, sequence, Truth(isLate), isLate ? 1 : 0, 1)
        }
    }

    /// Takes duties, a case's or the yearly ones.
    package mutating func take(_ standings: [DutyStanding]) {
        for indicator in ofDuties {
            let ids = indicator.measure.duties ?? []
            for standing in standings where ids.contains(standing.duty.id) {
                guard let due = standing.dueDay, period.contains(due), standing.state.isCounted
                else {
                    continue
                }
                let isMet = standing.state == .met
                add(indicator.id, standing.start ?? standing.end, Truth(isMet), isMet ? 1 : 0, 1)
            }
        }
    }

    /// Takes what is summed already: the figures then lack the records behind it.
    package mutating func take(_ sum: FactSum) {
        for indicator in sum.indicator.map({ [$0] }) ?? ofEntries.map(\.id) {
            var tally = tallies.removeValue(forKey: indicator) ?? Tally()
            tally.numerator += sum.numerator
            tally.denominator += sum.denominator
            tally.unknownCount += sum.unknownCount
            if sum.denominator > 0 { tally.values.formUnion(sum.values) }
            if sum.numerator > 0 { tally.metValues.formUnion(sum.values) }
            tallies[indicator] = tally
        }
    }

    /// Takes so many duties that fell due in the period, of which some were met.
    package mutating func take(duty id: String, met: Int, of count: Int) {
        for indicator in ofDuties where indicator.measure.duties?.contains(id) ?? false {
            take(
                FactSum(
                    indicator: indicator.id, numerator: Int64(met), denominator: Int64(count),
                    unknownCount: 0))
        }
    }

    /// The indicators that count entries, and those that count cases.
    package var measured: (entries: Set<String>, cases: Set<String>) {
        (
            Set(byType.values.joined().map(\.id)), Set(ofStreams.values.joined().map(\.id))
        )
    }

    /// Whether some indicator counts entries, on time or late.
    package var countsEntries: Bool { !ofEntries.isEmpty }

    /// The duties that some indicator counts.
    package var duties: Set<String> { Set(ofDuties.flatMap { $0.measure.duties ?? [] }) }

    /// Takes what a case or an entry adds, if it belongs to the period.
    package mutating func take(_ fact: IndicatorFact) {
        guard fact.isOf(period) else { return }
        guard fact.outcome != .perhaps else {
            tallies[fact.indicator, default: Tally()].unknown.append(fact.sequence)
            return
        }
        let isMet: Truth =
            switch fact.outcome {
            case .met: .true
            case .unmet: .false
            case .unknown, .perhaps: .unknown
            }
        add(fact.indicator, fact.sequence, isMet, fact.numerator, fact.denominator)
        guard !fact.values.isEmpty else { return }
        tallies[fact.indicator, default: Tally()].values.formUnion(fact.values)
        if isMet == .true {
            tallies[fact.indicator, default: Tally()].metValues.formUnion(fact.values)
        }
    }

    private mutating func add(
        _ indicator: String, _ sequence: UInt64?, _ isMet: Truth, _ over: Int64, _ under: Int64
    ) {
        var tally = tallies.removeValue(forKey: indicator) ?? Tally()
        tally.numerator += over
        tally.denominator += under
        if let sequence {
            tally.all.append(sequence)
            if isMet == .true { tally.met.append(sequence) }
            if isMet == .unknown { tally.unknown.append(sequence) }
        }
        tallies[indicator] = tally
    }

    // MARK: - What a case adds

    /// What a case adds to the indicators in any period, but for duties and late entries.
    package func facts(of history: CaseHistory) -> [IndicatorFact] {
        var facts: [IndicatorFact] = []
        for (place, entry) in history.entries.enumerated() {
            for indicator in byType[entry.type] ?? [] {
                if let fact = fact(indicator, at: place, history) { facts.append(fact) }
            }
        }
        for indicator in ofStreams[history.procedure] ?? [] {
            facts += self.facts(indicator, history)
        }
        return facts
    }

    /// Whether an entry of this type adds to an indicator.
    package func counts(_ type: String) -> Bool { byType[type] != nil }

    /// Whether an entry of this type, after all others, can change what they or it add.
    package func looks(at type: String) -> Bool { byType[type] != nil || asked.contains(type) }

    /// Whether a case of this procedure adds to an indicator as a whole.
    package func counts(procedure: some StringProtocol) -> Bool {
        ofStreams[String(procedure)] != nil
    }

    private func fact(
        _ indicator: Indicator, at place: Int, _ history: CaseHistory
    ) -> IndicatorFact? {
        let entry = history.entries[place]
        let context = history.wholeContext(at: place)
        func fact(
            _ outcome: IndicatorFact.Outcome, _ over: Int64, _ under: Int64,
            _ values: [String] = []
        ) -> IndicatorFact {
            IndicatorFact(
                indicator: indicator.id, sequence: entry.sequence, days: (entry.day, entry.day),
                isOfCase: false, outcome: outcome, numerator: over, denominator: under,
                values: values)
        }
        if let condition = indicator.measure.choice?.condition {
            let truth = self.truth(condition, entry.type, context)
            if truth == .unknown { return fact(.perhaps, 0, 0) }
            guard truth == .true else { return nil }
        }
        switch indicator.measure {
        case .share(_, let met):
            let outcome = IndicatorFact.Outcome(truth(met, entry.type, context))
            return fact(outcome, outcome == .met ? 1 : 0, 1)
        case .count: return fact(.met, 1, 1)
        case .distinct(_, let field, let met):
            guard let found = entry.data[field] else { return nil }
            let values = Set((found.array ?? [found]).map(\.canonicalText)).sorted()
            let outcome = IndicatorFact.Outcome(truth(met, entry.type, context))
            return fact(outcome, outcome == .met ? 1 : 0, 1, values)
        case .quotient(_, let over, let under):
            return fact(
                .met, number(over, entry.type, context) ?? 0,
                number(under, entry.type, context) ?? 0)
        case .streams, .duties, .lateEntries, .total: return nil
        }
    }

    /// How a case stood, from each day on which something happened in it to the next.
    private func facts(_ indicator: Indicator, _ history: CaseHistory) -> [IndicatorFact] {
        guard case .streams(let procedure, let condition, let met) = indicator.measure,
            let first = book.catalogue.procedure(procedure)?.events.first,
            let place = history.entries.firstIndex(where: { $0.type == first })
        else { return [] }
        let entry = history.entries[place]
        let days = Set(history.entries.map { max($0.day, entry.day) }).sorted()
        return days.enumerated().compactMap { number, day in
            let context = history.context(at: place, through: day)
            if let condition {
                guard truth(condition, first, context) == .true else { return nil }
            }
            let outcome = IndicatorFact.Outcome(truth(met, first, context))
            let next = number + 1 < days.count ? days[number + 1] - 1 : nil
            return IndicatorFact(
                indicator: indicator.id, sequence: entry.sequence, days: (day, next),
                isOfCase: true, outcome: outcome, numerator: outcome == .met ? 1 : 0,
                denominator: 1, values: [])
        }
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

    /// The figures, in the order of the catalogue.
    package func figures() -> [IndicatorFigure] {
        wanted.map { indicator in
            let (sum, parts) = (sum(indicator, depth: 0), tallies(of: indicator, depth: 0))
            return IndicatorFigure(
                indicator: indicator, numerator: sum.numerator, denominator: sum.denominator,
                met: parts.flatMap(\.met).sorted(), all: parts.flatMap(\.all).sorted(),
                unknown: parts.flatMap(\.unknown).sorted(), unknownCount: sum.unknownCount)
        }
    }

    /// The same without the records behind them.
    package func sums() -> [IndicatorSum] {
        wanted.map { sum($0, depth: 0) }
    }

    private func sum(_ indicator: Indicator, depth: Int) -> IndicatorSum {
        let tally = tallies[indicator.id] ?? Tally()
        var numerator = tally.numerator
        var denominator: Int64? = tally.denominator
        var unknownCount = tally.unknown.count + tally.unknownCount
        switch indicator.measure {
        case .count: denominator = nil
        case .distinct:
            (numerator, denominator) = (Int64(tally.metValues.count), Int64(tally.values.count))
        case .total(let ids) where depth < IndicatorFold.depthMax:
            let parts = parts(ids).map { sum($0, depth: depth + 1) }
            numerator = parts.reduce(0) { $0 + $1.numerator }
            denominator = parts.reduce(0) { $0 + ($1.denominator ?? 0) }
            unknownCount = parts.reduce(0) { $0 + $1.unknownCount }
        case .share, .quotient, .streams, .duties, .lateEntries, .total: break
        }
        return IndicatorSum(
            indicator: indicator, numerator: numerator, denominator: denominator,
            unknownCount: unknownCount)
    }

    /// Of totals of totals.
    private static let depthMax = 4

    private func parts(_ ids: [String]) -> [Indicator] {
        book.catalogue.indicators.filter { ids.contains($0.id) }
    }

    private func tallies(of indicator: Indicator, depth: Int) -> [Tally] {
        if case .total(let ids) = indicator.measure, depth < IndicatorFold.depthMax {
            return parts(ids).flatMap { tallies(of: $0, depth: depth + 1) }
        }
        return [tallies[indicator.id] ?? Tally()]
    }
}

extension DutyStanding.State {
    /// Whether it fell due: one that still runs has not.
    package var isCounted: Bool {
        switch self {
        case .met, .late, .early, .overdue: true
        case .running, .paused, .deemed, .lapsed: false
        }
    }
}

extension IndicatorFact.Outcome {
    fileprivate init(_ truth: Truth) {
        switch truth {
        case .true: self = .met
        case .false: self = .unmet
        case .unknown: self = .unknown
        }
    }
}
