package import CanonicalJSON
import Records

extension Expression {
    /// The numbers, texts, dates and truth values that stand in it, from left to right.
    package var constants: [JSONValue] {
        var found: [JSONValue] = []
        node.addConstants(to: &found)
        return found
    }

    /// Whether it asks about participants of the judged event.
    package var asksForParticipants: Bool { node.asksForParticipants }
}

extension Node {
    fileprivate var parts: [Node] {
        switch self {
        case .empty(let part), .not(let part): [part]
        case .participants(_, _, _, _, let part): [part]
        case .all(let parts), .any(let parts), .call(_, let parts): parts
        case .relation(_, let left, let right), .arithmetic(_, let left, let right): [left, right]
        case .constant, .field, .day, .earlierField, .earlierDay, .sum, .exists, .count, .roleCount:
            []
        }
    }

    fileprivate func addConstants(to found: inout [JSONValue]) {
        if case .constant(let value) = self { value.addPlain(to: &found) }
        for part in parts { part.addConstants(to: &found) }
    }

    fileprivate var asksForParticipants: Bool {
        switch self {
        case .participants, .roleCount: true
        default: parts.contains(where: \.asksForParticipants)
        }
    }
}

extension Value {
    fileprivate func addPlain(to found: inout [JSONValue]) {
        switch self {
        case .boolean(let value): found.append(.bool(value))
        case .number(let value):
            found.append(Int64(exactly: value).map { .integer($0) } ?? .number(value))
        case .text(let text): found.append(.string(text))
        case .date(let day): found.append(.string(CivilDate(dayNumber: day).text))
        case .list(let values): for value in values { value.addPlain(to: &found) }
        case .missing, .instant, .whole: break
        }
    }
}
