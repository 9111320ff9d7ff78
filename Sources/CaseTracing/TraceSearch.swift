import Projections
import Records
import Rules

/// Finds the cases of a trace, level by level: Specs/tracing.md section 2.
struct TraceSearch {
    struct Found {
        let prefix: CasePrefix
        let depth: Int
        let way: LinkKind?
        let from: String?
        let links: [TraceLink]
    }

    private typealias Hint = (stream: String, way: LinkKind, from: String)

    let view: any PastView
    let cases: CaseBook
    let reader: LinkReader
    let limits: TraceLimits
    /// Of the outcome.
    let day: Int

    /// In the order in which they were found.
    private(set) var found: [Found] = []
    private(set) var codes: [String] = []
    private(set) var cuts = TraceCuts()
    private var visited: Set<String> = []

    init(
        _ view: any PastView, _ cases: CaseBook, _ lookUp: @escaping CauseLookUp,
        _ limits: TraceLimits, outcomeDay day: Int
    ) {
        (self.view, self.cases, self.limits, self.day) = (view, cases, limits, day)
        reader = LinkReader(view: view, lookUp: lookUp)
    }

    mutating func run(from start: CasePrefix, _ stream: String) async throws(ProjectionError) {
        visited = [stream]
        var level = [try await visit(start, stream, depth: 0, nil)]
        for depth in 0...limits.depth {
            let hints = try await self.hints(from: level)
            guard depth < limits.depth else {
                try await cut(hints)
                return
            }
            level = []
            for hint in hints {
                guard let prefix = try await new(hint) else { continue }
                guard found.count < limits.caseCountMax else {
                    cuts.more.append(hint.stream)
                    continue
                }
                level.append(try await visit(prefix, hint.stream, depth: depth + 1, hint))
            }
            if level.isEmpty { return }
        }
    }

    private mutating func visit(
        _ prefix: CasePrefix, _ stream: String, depth: Int, _ hint: Hint?
    ) async throws(ProjectionError) -> Found {
        let links = try await reader.links(of: prefix)
        let one = Found(
            prefix: prefix, depth: depth, way: hint?.way, from: hint?.from, links: links)
        found.append(one)
        return one
    }

    /// What the cases of a level lead to, whether visited or not.
    private mutating func hints(from level: [Found]) async throws(ProjectionError) -> [Hint] {
        let isFirst = codes.isEmpty
        if isFirst {
            for one in level {
                for code in LinkReader.parties(of: one.prefix) where !codes.contains(code) {
                    codes.append(code)
                }
            }
        }
        var hints: [Hint] = []
        for one in level {
            let stream = one.prefix.history.stream
            hints += one.links.map { ($0.to, $0.kind, stream) }
            guard isReferredTo(one) else { continue }
            for other in try await view.streams(naming: .reference(stream)) where other != stream {
                hints.append((other, .referring, stream))
            }
        }
        if isFirst, let origin = level.first?.prefix.history.stream {
            for code in codes {
                for other in try await view.streams(naming: .organisation(code)) {
                    hints.append((other, .enterprise, origin))
                }
            }
        }
        return hints
    }

    /// Whether cases that name this one are looked for.
    private func isReferredTo(_ one: Found) -> Bool {
        if one.depth == 0 || one.way == .joined { return true }
        return LinkReader.parties(of: one.prefix).contains { codes.contains($0) }
    }

    /// A case that was not visited; nil if it was, is not there or is too long ago.
    private mutating func new(_ hint: Hint) async throws(ProjectionError) -> CasePrefix? {
        guard !visited.contains(hint.stream) else { return nil }
        guard let prefix = try await cases.prefix(of: hint.stream) else {
            visited.insert(hint.stream)
            cuts.missing.append(hint.stream)
            return nil
        }
        guard hint.way != .enterprise || isRecent(prefix) else { return nil }
        visited.insert(hint.stream)
        return prefix
    }

    private mutating func cut(_ hints: [Hint]) async throws(ProjectionError) {
        for hint in hints where try await new(hint) != nil { cuts.deeper.append(hint.stream) }
    }

    private func isRecent(_ prefix: CasePrefix) -> Bool {
        let first = CivilDate(dayNumber: day).adding(months: -12 * limits.years).dayNumber
        return prefix.history.entries.contains { $0.day >= first }
    }
}
