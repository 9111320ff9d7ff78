/// The tables that CSV and XLSX hold: Specs/exports.md section 7.
package enum Table: String, Sendable, CaseIterable {
    case events, cases, participants, duties, findings, indicators

    /// Whether its rows come from judging the ledger, not from a case alone.
    package var isJudged: Bool { self == .duties || self == .findings || self == .indicators }

    package var columns: [String] { ["ledger"] + ownColumns }

    private var ownColumns: [String] {
        switch self {
        case .events:
            [
                "seq", "stream", "revision", "type", "title", "occurred", "dayOnly", "recorded",
                "asserted", "operator", "unit", "post", "fate", "fateBy", "mends", "data",
            ]
        case .cases:
            [
                "stream", "procedure", "procedureTitle", "title", "aliases", "stage", "stageTitle",
                "ended", "parties", "codes", "entries", "first", "newest", "firstOccurred",
                "lastOccurred",
            ]
        case .participants:
            [
                "seq", "stream", "type", "occurred", "person", "role", "roleTitle", "unit", "post",
                "opinion", "order", "evidence", "attachment",
            ]
        case .duties:
            [
                "id", "duty", "stream", "state", "ofBureau", "start", "startDay", "due", "end",
                "endDay", "provisional", "to", "basis",
            ]
        case .findings:
            [
                "id", "kind", "rule", "severity", "stream", "seq", "day", "state", "stateBy",
                "asserted", "provisional", "what", "basis",
            ]
        case .indicators:
            [
                "id", "title", "from", "to", "numerator", "denominator", "percent", "reached",
                "unknown",
            ]
        }
    }
}

package enum Cell: Hashable, Sendable {
    case empty
    case text(String)
    case integer(Int64)
    case number(Double)

    init(_ text: String?) { self = text.map { .text($0) } ?? .empty }
    init(_ number: UInt64?) { self = number.map { .integer(Int64(clamping: $0)) } ?? .empty }
    init(_ number: Int64?) { self = number.map { .integer($0) } ?? .empty }
    init(_ flag: Bool) { self = .text(flag ? "true" : "false") }
}
