import Catalogue
import Rules

/// What entries and cases add to the indicators.
package struct MeasuresModel: ReadModel {
    package let name = "measures"
    package let version = 2
    package let isJudged = true
    package let columns = [
        ModelColumn("indicator", .text, isKey: true, with: "day"), ModelColumn("seq", .integer),
        ModelColumn("ofCase", .integer), ModelColumn("day", .integer),
        ModelColumn("lastDay", .integer), ModelColumn("outcome", .text),
        ModelColumn("numerator", .integer), ModelColumn("denominator", .integer),
        ModelColumn("distinct", .text),
    ]

    package init() {}

    package func change(
        of prefix: CasePrefix, from standing: StandingRows
    ) throws(ModelError) -> RowChange {
        let (indicators, history) = (prefix.rules.indicators, prefix.history)
        let names = prefix.rules.newest.catalogue.formerNames
        if names.isEmpty, !indicators.counts(procedure: history.procedure),
            let type = history.entries.last?.type, !indicators.looks(at: type)
        {
            return .none(standing)
        }
        return RowChange(kept: 0, new: try rows(of: prefix))
    }

    package func rows(of prefix: CasePrefix) throws(ModelError) -> [ModelRow] {
        let (indicators, history) = (prefix.rules.indicators, prefix.history)
        let names = prefix.rules.newest.catalogue.formerNames
        guard !prefix.stream.hasPrefix("ledger/"),
            indicators.counts(procedure: history.procedure)
                || history.entries.contains(where: { indicators.counts(names[$0.type] ?? $0.type) })
        else { return [] }
        return indicators.facts(of: history.renamed(names)).map { fact in
            ModelRow(
                begins: Int64(fact.day) * 86_400_000_000,
                [
                    .text(fact.indicator), .integer(Int64(fact.sequence)),
                    ModelValue(fact.isOfCase), .integer(Int64(fact.day)),
                    ModelValue(fact.lastDay.map { Int64($0) }), .text(fact.outcome.rawValue),
                    .integer(fact.numerator), .integer(fact.denominator),
                    fact.values.isEmpty ? .null : .text(fact.values.joined(separator: "\n")),
                ])
        }
    }
}
