import Catalogue
package import Records

/// The different orders of event types in cases: Specs/exports.md section 10.
package struct Variants: Sendable {
    /// Cases of each order.
    package private(set) var counts: [[String]: Int] = [:]
    package private(set) var eventCount = 0
    package private(set) var caseCount = 0
    package private(set) var openCount = 0

    package init() {}

    /// Takes what had happened in a case by `moment`.
    package mutating func take(_ file: ExportedCase, through moment: Timestamp?) {
        let entries = file.standing.filter { entry in moment.map { entry.moment <= $0 } ?? true }
        guard !entries.isEmpty else { return }
        counts[entries.map(\.type), default: 0] += 1
        eventCount += entries.count
        caseCount += 1
        if !entries.contains(where: { $0.definition?.ends ?? false }) { openCount += 1 }
    }

    /// The most frequent first; of equally frequent ones, in the order of their types.
    package func mostFrequent(_ limit: Int) -> [(types: [String], count: Int)] {
        counts.sorted { left, right in
            left.value != right.value
                ? left.value > right.value : left.key.lexicographicallyPrecedes(right.key)
        }.prefix(limit).map { ($0.key, $0.value) }
    }
}
