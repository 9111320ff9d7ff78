import CanonicalJSON
import Catalogue
import LedgerHome
import Merkle
import Projections
import Records
import Rules

/// A whole ledger of which only the first records are let through: what a ledger cut there is.
struct CutPast: PastView {
    let base: FoldedPast
    /// Judging as of a moment is tested where it is done: this one judges.
    let judged: FoldedPast
    var size: UInt64 { judged.size }
    var moment: Timestamp { judged.moment }

    var origin: String { base.origin }
    var shelf: RuleShelf { base.shelf }

    func root(of count: UInt64) async throws(ProjectionError) -> Root {
        try await judged.root(of: count)
    }

    func leaf(_ sequence: UInt64) async throws(ProjectionError) -> LeafHash {
        try await base.leaf(sequence)
    }

    func streams(of procedure: String) async throws(ProjectionError) -> [String] {
        base.streams(of: procedure).filter { prefix(of: $0) != nil }
    }

    /// By looking at every case, without what the fold keeps.
    func streams(naming key: MentionKey) async throws(ProjectionError) -> [String] {
        var found: [String] = []
        let procedures = base.shelf.newest.catalogue.procedures.map(\.id) + ["ledger"]
        for stream in procedures.flatMap(base.streams(of:)) {
            guard let prefix = prefix(of: stream) else { continue }
            let isNamed = prefix.records.contains { record in
                prefix.mentions(of: record).contains { $0.key == key }
            }
            if isNamed { found.append(stream) }
        }
        let firsts = Dictionary(
            uniqueKeysWithValues: found.map { ($0, prefix(of: $0)?.records.first?.sequence ?? 0) })
        return found.sorted { firsts[$0] ?? 0 < firsts[$1] ?? 0 }
    }

    func prefix(of stream: String) -> CasePrefix? {
        guard let whole = base.prefix(of: stream) else { return nil }
        var prefix = CasePrefix(stream: stream, rules: CaseRules(base.shelf))
        for record in whole.records where record.sequence < size {
            prefix.take(record, base.shelf.newest.catalogue)
        }
        return prefix.records.isEmpty ? nil : prefix
    }

    func record(_ sequence: UInt64) -> CaseRecord? {
        sequence < size ? base.record(sequence) : nil
    }

    func duties(_ wanted: Wanted) async throws(ProjectionError) -> [OwedDuty] {
        try await judged.duties(wanted)
    }

    func findings(_ wanted: Wanted) async throws(ProjectionError) -> [Finding] {
        try await judged.findings(wanted)
    }

    func figures(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorFigure] {
        try await judged.figures(period, of: ids)
    }
}
