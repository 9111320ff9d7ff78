package import Catalogue
package import Records
package import Rules

/// The different orders of event types in cases: Specs/exports.md section 10.
package struct Variants: Sendable {
    /// Cases of each order.
    package private(set) var counts: [[String]: Int] = [:]
    package private(set) var eventCount = 0
    package private(set) var caseCount = 0
    package private(set) var openCount = 0

    package init() {}

    /// Takes what had happened in a case by `moment`; `effect` gives the catalogue of a record.
    package mutating func take(
        _ history: CaseHistory, through moment: Timestamp?, effect: (UInt64) -> EventCatalogue
    ) {
        var types: [String] = []
        var hasEnded = false
        for place in history.line {
            let entry = history.entries[place]
            if let moment, entry.moment > moment { continue }
            types.append(entry.type)
            if effect(entry.sequence).eventType(entry.type)?.ends ?? false { hasEnded = true }
        }
        guard !types.isEmpty else { return }
        counts[types, default: 0] += 1
        eventCount += types.count
        caseCount += 1
        if !hasEnded { openCount += 1 }
    }

    /// The same of several ledgers together.
    package init(adding parts: [Variants]) {
        for part in parts {
            counts.merge(part.counts, uniquingKeysWith: +)
            eventCount += part.eventCount
            caseCount += part.caseCount
            openCount += part.openCount
        }
    }

    /// The most frequent first; of equally frequent ones, in the order of their types.
    package func mostFrequent(_ limit: Int) -> [(types: [String], count: Int)] {
        counts.sorted { left, right in
            left.value != right.value
                ? left.value > right.value : left.key.lexicographicallyPrecedes(right.key)
        }.prefix(limit).map { ($0.key, $0.value) }
    }
}
