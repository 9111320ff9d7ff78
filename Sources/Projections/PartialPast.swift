package import Merkle
package import Records
package import Rules

/// A ledger as it was known, without the cases of some procedures: what somebody sees who may not
/// read those that are kept apart.
///
/// Figures count all cases, but no record of a hidden one is told.
package struct PartialPast: PastView {
    private let whole: any PastView
    private let hidden: Set<String>
    /// All records of hidden cases.
    private let hiddenRecords: Set<UInt64>

    /// `hidden` are procedures.
    package init(_ whole: any PastView, without hidden: Set<String>) async throws(ProjectionError) {
        (self.whole, self.hidden) = (whole, hidden)
        var records: Set<UInt64> = []
        for procedure in hidden {
            for stream in try await whole.streams(of: procedure) {
                guard let prefix = try await whole.prefix(of: stream) else { continue }
                records.formUnion(prefix.records.map(\.sequence))
            }
        }
        hiddenRecords = records
    }

    package var origin: String { whole.origin }
    package var moment: Timestamp { whole.moment }
    package var size: UInt64 { whole.size }
    package var shelf: RuleShelf { whole.shelf }

    /// Of annual duties, the stream is the procedure.
    private func isShown(_ stream: String) -> Bool {
        !hidden.contains(String(stream.prefix { $0 != "/" }))
    }

    package func root(of count: UInt64) async throws(ProjectionError) -> Root {
        try await whole.root(of: count)
    }

    package func leaf(_ sequence: UInt64) async throws(ProjectionError) -> LeafHash {
        try await whole.leaf(sequence)
    }

    package func streams(of procedure: String) async throws(ProjectionError) -> [String] {
        hidden.contains(procedure) ? [] : try await whole.streams(of: procedure)
    }

    package func streams(naming key: MentionKey) async throws(ProjectionError) -> [String] {
        if case .reference(let stream) = key, !isShown(stream) { return [] }
        return try await whole.streams(naming: key).filter(isShown)
    }

    package func streams(
        of procedures: Set<String>, about person: String
    ) async throws(ProjectionError) -> [String] {
        let shown = procedures.subtracting(hidden)
        return shown.isEmpty ? [] : try await whole.streams(of: shown, about: person)
    }

    package func entries(
        naming persons: Set<String>, limit: Int
    ) async throws(ProjectionError) -> [EntryPlace] {
        var asked = limit
        while true {
            let found = try await whole.entries(naming: persons, limit: asked)
            let shown = found.filter { isShown($0.stream) }
            if shown.count >= limit || found.count < asked { return Array(shown.prefix(limit)) }
            asked *= 2
        }
    }

    package func prefix(of stream: String) async throws(ProjectionError) -> CasePrefix? {
        isShown(stream) ? try await whole.prefix(of: stream) : nil
    }

    package func record(_ sequence: UInt64) async throws(ProjectionError) -> CaseRecord? {
        hiddenRecords.contains(sequence) ? nil : try await whole.record(sequence)
    }

    package func duties(_ wanted: Wanted) async throws(ProjectionError) -> [OwedDuty] {
        try await whole.duties(wanted).filter { isShown($0.standing.stream) }
    }

    package func findings(_ wanted: Wanted) async throws(ProjectionError) -> [Finding] {
        try await whole.findings(wanted).filter { isShown($0.stream) }
    }

    package func figures(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorFigure] {
        try await whole.figures(period, of: ids).map { $0.without(hiddenRecords) }
    }

    package func sums(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorSum] {
        try await whole.sums(period, of: ids)
    }
}
