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
    /// How many these are, also where the records are not told.
    package let unknownCount: Int

    package var sum: IndicatorSum {
        IndicatorSum(
            indicator: indicator, numerator: numerator, denominator: denominator,
            unknownCount: unknownCount)
    }

    package var percent: Double? { sum.percent }
    package var isReached: Bool? { sum.isReached }
}

extension IndicatorFigure {
    /// The same without the numbers of these records, which still count.
    package func without(_ hidden: Set<UInt64>) -> IndicatorFigure {
        let shown = { (records: [UInt64]) in records.filter { !hidden.contains($0) } }
        return IndicatorFigure(
            indicator: indicator, numerator: numerator, denominator: denominator,
            met: shown(met), all: shown(all), unknown: shown(unknown), unknownCount: unknownCount)
    }

    /// Without the records.
    package init(_ sum: IndicatorSum) {
        indicator = sum.indicator
        (numerator, denominator) = (sum.numerator, sum.denominator)
        (met, all, unknown, unknownCount) = ([], [], [], sum.unknownCount)
    }
}

/// A figure of the plan over a period, without the records behind it.
package struct IndicatorSum: Hashable, Sendable {
    package let indicator: Indicator
    package let numerator: Int64
    /// Nil for a count.
    package let denominator: Int64?
    /// Of so many records the condition could not be known.
    package let unknownCount: Int

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

/// What many entries or cases of a period add to an indicator together.
package struct FactSum: Sendable {
    /// Nil for entries on time and late.
    package let indicator: String?
    package let numerator: Int64
    package let denominator: Int64
    package let unknownCount: Int
    /// What each of them adds to a count of distinct values.
    package let values: [String]

    package init(
        indicator: String?, numerator: Int64, denominator: Int64, unknownCount: Int,
        values: [String] = []
    ) {
        (self.indicator, self.unknownCount) = (indicator, unknownCount)
        (self.numerator, self.denominator, self.values) = (numerator, denominator, values)
    }
}
