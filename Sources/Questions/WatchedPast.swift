import Merkle
import Projections
import Records
import Rules
import Synchronization

/// A past that remembers which withheld lines were in the cases that a question read.
struct WatchedPast: PastView {
    private let base: any PastView
    private let notes = Notes()

    private final class Notes: Sendable {
        let withheld = Mutex<Set<UInt64>>([])
    }

    init(_ base: any PastView) {
        self.base = base
    }

    /// Ascending.
    var withheld: [UInt64] { notes.withheld.withLock { $0.sorted() } }

    var origin: String { base.origin }
    var moment: Timestamp { base.moment }
    var size: UInt64 { base.size }
    var shelf: RuleShelf { base.shelf }

    func root(of count: UInt64) async throws(ProjectionError) -> Root {
        try await base.root(of: count)
    }

    func leaf(_ sequence: UInt64) async throws(ProjectionError) -> LeafHash {
        try await base.leaf(sequence)
    }

    func streams(of procedure: String) async throws(ProjectionError) -> [String] {
        try await base.streams(of: procedure)
    }

    func streams(naming key: MentionKey) async throws(ProjectionError) -> [String] {
        try await base.streams(naming: key)
    }

    func streams(
        of procedures: Set<String>, about person: String
    ) async throws(ProjectionError) -> [String] {
        try await base.streams(of: procedures, about: person)
    }

    func entries(
        naming persons: Set<String>, limit: Int
    ) async throws(ProjectionError) -> [EntryPlace] {
        try await base.entries(naming: persons, limit: limit)
    }

    func prefix(of stream: String) async throws(ProjectionError) -> CasePrefix? {
        let prefix = try await base.prefix(of: stream)
        let withheld = (prefix?.records ?? []).filter { $0.event == nil }.map(\.sequence)
        if !withheld.isEmpty { notes.withheld.withLock { $0.formUnion(withheld) } }
        return prefix
    }

    func record(_ sequence: UInt64) async throws(ProjectionError) -> CaseRecord? {
        try await base.record(sequence)
    }

    func duties(_ wanted: Wanted) async throws(ProjectionError) -> [OwedDuty] {
        try await base.duties(wanted)
    }

    func findings(_ wanted: Wanted) async throws(ProjectionError) -> [Finding] {
        try await base.findings(wanted)
    }

    func figures(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorFigure] {
        try await base.figures(period, of: ids)
    }

    func sums(
        _ period: ClosedRange<Int>, of ids: Set<String>?
    ) async throws(ProjectionError) -> [IndicatorSum] {
        try await base.sums(period, of: ids)
    }
}

extension Answer {
    /// Says which lines were not there to be read.
    mutating func note(withheld: [UInt64]) {
        guard !withheld.isEmpty else { return }
        let numbers = withheld.prefix(12).map { "#\($0)" }.joined(separator: " ")
        let more = withheld.count > 12 ? " …" : ""
        note(
            en: """
                \(withheld.count) withheld records stand in the cases that were read: nothing of \
                them counts (\(numbers)\(more)).
                """,
            zh: "所读案件中有 \(withheld.count) 条记录已撤下原文，其内容未计入（\(numbers)\(more)）。")
    }
}
