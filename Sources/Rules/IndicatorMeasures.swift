import Catalogue

extension Indicator.Measure {
    var choice: Indicator.Choice? {
        switch self {
        case .share(let choice, _), .count(let choice), .quotient(let choice, _, _),
            .distinct(let choice, _, _):
            choice
        case .streams, .duties, .lateEntries, .total: nil
        }
    }

    /// The expressions that are judged at an entry.
    var expressions: [String] {
        var conditions = [choice?.condition]
        switch self {
        case .share(_, let met), .distinct(_, _, let met): conditions.append(met)
        case .quotient(_, let over, let under): return [over, under] + conditions.texts
        case .count, .streams, .duties, .lateEntries, .total: break
        }
        return conditions.texts
    }

    var duties: [String]? {
        if case .duties(let ids) = self { ids } else { nil }
    }
}

extension [Condition?] {
    fileprivate var texts: [String] {
        compactMap { if case .expression(let text)? = $0 { text } else { nil } }
    }
}
