import Phrases
import Projections
import Rules

/// States of duties and findings as answers say them.
extension DutyStanding.State {
    var phrase: Phrase {
        switch self {
        case .running: Phrase(en: "running", zh: "进行中")
        case .paused: Phrase(en: "paused", zh: "中止")
        case .met: Phrase(en: "met", zh: "按期")
        case .late: Phrase(en: "late", zh: "逾期办理")
        case .early: Phrase(en: "early", zh: "过早")
        case .overdue: Phrase(en: "overdue", zh: "逾期未办")
        case .deemed: Phrase(en: "deemed", zh: "视为")
        case .lapsed: Phrase(en: "fallen away", zh: "免除")
        }
    }
}

extension Finding.State {
    var phrase: Phrase {
        switch self {
        case .open: Phrase(en: "open", zh: "未处理")
        case .explained: Phrase(en: "explained", zh: "已说明")
        case .confirmed: Phrase(en: "confirmed", zh: "认定属实")
        case .dismissed: Phrase(en: "dismissed", zh: "已排除")
        case .rectified: Phrase(en: "rectified", zh: "已整改")
        }
    }
}

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
    init(_ finding: Finding?) { self = finding.map { .phrase($0.state.phrase) } ?? .none }

    init(_ standing: DutyStanding?) {
        self = standing.map { .phrase($0.state.phrase) } ?? .none
    }
}
