import Phrases
import Projections
import Rules

extension DutyStanding {
    /// The entries that started and ended it.
    var records: [UInt64] { [start, end].compactMap(\.self) }
}

extension PastView {
    /// How the duties of these ids stand.
    func standings(_ ids: String...) async throws(ProjectionError) -> [DutyStanding] {
        try await duties(Wanted(ids: Set(ids))).map(\.standing)
    }

    /// The findings of these rules or duties, by the entry; of a duty, the one that started it.
    func findings(of ids: String...) async throws(ProjectionError) -> [UInt64: Finding] {
        let found = try await findings(Wanted(ids: Set(ids)))
        return Dictionary(
            found.compactMap { finding in
                let place = finding.id.lastIndex(of: "@")
                let tail = place.map { finding.id[finding.id.index(after: $0)...] } ?? ""
                return UInt64(tail).map { ($0, finding) }
            }, uniquingKeysWith: { first, _ in first })
    }
}

extension Value {
    init(_ finding: Finding?) { self = finding.map { .phrase($0.state.title) } ?? .none }

    init(_ standing: DutyStanding?) {
        self = standing.map { .phrase($0.state.title) } ?? .none
    }
}
