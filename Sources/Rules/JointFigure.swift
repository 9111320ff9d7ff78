package import Catalogue
package import Digests

/// An indicator over several ledgers: Specs/projections.md section 8.
package struct JointFigure: Sendable {
    /// What it comes to in one of them.
    package struct Part: Sendable {
        /// The ledger's place among those that were asked.
        package let ledger: Int
        package let figure: IndicatorFigure
        package let definition: Digest
    }

    /// In the order of the ledgers; of a ledger whose catalogue does not have it there is none.
    package let parts: [Part]
    /// Numerators and denominators added up; nil where the ledgers do not mean the same by it.
    ///
    /// Which records are behind it the parts say: numbers are unique in a ledger only.
    package let sum: IndicatorFigure?

    package var indicator: Indicator { parts[0].figure.indicator }

    private init(_ parts: [Part], ledgerCount: Int) {
        self.parts = parts
        let isOne =
            parts.count == ledgerCount && Set(parts.map(\.definition)).count == 1
        sum = isOne ? IndicatorFigure(summing: parts.map(\.figure)) : nil
    }

    /// One of each indicator, in the order of the first catalogue that has it.
    package static func all(
        _ ledgers: [(figures: [IndicatorFigure], definitions: [String: Digest])]
    ) -> [JointFigure] {
        var ids: [String] = []
        var parts: [String: [Part]] = [:]
        for (place, ledger) in ledgers.enumerated() {
            for figure in ledger.figures {
                let id = figure.indicator.id
                guard let definition = ledger.definitions[id] else { continue }
                if parts[id] == nil { ids.append(id) }
                parts[id, default: []].append(
                    Part(ledger: place, figure: figure, definition: definition))
            }
        }
        return ids.map { JointFigure(parts[$0] ?? [], ledgerCount: ledgers.count) }
    }
}

extension IndicatorFigure {
    fileprivate init(summing parts: [IndicatorFigure]) {
        indicator = parts[0].indicator
        numerator = parts.reduce(0) { $0 + $1.numerator }
        let under = parts.compactMap(\.denominator)
        denominator = under.isEmpty ? nil : under.reduce(0, +)
        (met, all, unknown) = ([], [], [])
        unknownCount = parts.reduce(0) { $0 + $1.unknownCount }
    }
}
