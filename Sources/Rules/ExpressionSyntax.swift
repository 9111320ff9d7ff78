/// An expression as it is written, before anything is known of what its names stand for.
///
/// Two are equal if they say the same, wherever their parts stand.
struct Syntax: Hashable, Sendable {
    /// Deeper trees are refused, so that whoever walks over one needs little stack.
    static let depthMax = 64

    /// Where it begins, in bytes.
    let place: Int
    let depth: Int
    let form: Form

    init(_ form: Form, at place: Int) {
        (self.form, self.place) = (form, place)
        depth = 1 + (form.parts.map(\.depth).max() ?? 0)
    }

    static func == (left: Syntax, right: Syntax) -> Bool { left.form == right.form }
    func hash(into hasher: inout Hasher) { hasher.combine(form) }

    indirect enum Form: Hashable, Sendable {
        /// A number as it was written.
        case number(String)
        case text(String)
        case boolean(Bool)
        case list([Syntax])
        /// A field of the judged event, or `day`, its date.
        case field(String)
        case pick(Pick, event: Name, field: Name)
        case exists(Name)
        case count(Name)
        case countRole(Name)
        case participants(Quantifier, role: Name, member: Name)
        case empty(Syntax)
        case call(DateFunction, [Syntax])
        case not(Syntax)
        case negative(Syntax)
        case all([Syntax])
        case any([Syntax])
        case relation(Relation, Syntax, Syntax)
        case arithmetic(Arithmetic, Syntax, Syntax)

        var parts: [Syntax] {
            switch self {
            case .number, .text, .boolean, .field, .pick, .exists, .count, .countRole,
                .participants:
                []
            case .list(let parts), .call(_, let parts), .all(let parts), .any(let parts): parts
            case .empty(let part), .not(let part), .negative(let part): [part]
            case .relation(_, let left, let right), .arithmetic(_, let left, let right):
                [left, right]
            }
        }
    }

    /// The name of an event, a field or a role.
    struct Name: Hashable, Sendable {
        let text: String
        let place: Int

        static func == (left: Name, right: Name) -> Bool { left.text == right.text }
        func hash(into hasher: inout Hasher) { hasher.combine(text) }
    }

    /// Whose field is taken of the earlier events of one type.
    enum Pick: String, Sendable {
        case first, last, sum
    }

    enum Quantifier: String, Sendable {
        case every, some
    }

    enum Relation: String, Sendable, CaseIterable {
        case equal = "=="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case isIn = "in"
        case has, hasAny
    }

    enum Arithmetic: String, Sendable {
        case plus = "+"
        case minus = "-"
        case times = "*"
    }

    enum DateFunction: String, Sendable, CaseIterable {
        case addDays, addWorkdays, addMonths, addYears, days, workdays, year, month

        var argumentCount: Int { self == .year || self == .month ? 1 : 2 }
        /// Whether the second argument is a number, and the result a date.
        var adds: Bool { self != .days && self != .workdays && argumentCount == 2 }
    }
}

// MARK: - Printing

extension Syntax {
    /// The expression in its one printed form.
    var text: String { shown(above: .any) }

    /// How firmly a form holds together; a part that holds less than its whole is put in
    /// parentheses.
    private enum Hold: Int {
        case any, all, not, relation, sum, product, negative, whole
    }

    private var hold: Hold {
        switch form {
        case .any: .any
        case .all: .all
        case .not: .not
        case .relation: .relation
        case .arithmetic(.times, _, _): .product
        case .arithmetic: .sum
        case .negative: .negative
        default: .whole
        }
    }

    private func shown(above least: Hold) -> String {
        hold.rawValue < least.rawValue ? "(\(bare))" : bare
    }

    private var bare: String {
        switch form {
        case .number(let text): text
        case .text(let text): "\"\(text)\""
        case .boolean(let value): value ? "true" : "false"
        case .list(let parts): "[\(Syntax.list(parts))]"
        case .field(let name): name
        case .pick(let pick, let event, let field): "\(pick.rawValue)(\(event.text)).\(field.text)"
        case .exists(let event): "exists(\(event.text))"
        case .count(let event): "count(\(event.text))"
        case .countRole(let role): "count(participants[role = \"\(role.text)\"])"
        case .participants(let quantifier, let role, let member):
            "\(quantifier.rawValue)(participants[role = \"\(role.text)\"]).\(member.text)"
        case .empty(let part): "empty(\(part.text))"
        case .call(let function, let parts): "\(function.rawValue)(\(Syntax.list(parts)))"
        case .not(let part): "not \(part.shown(above: .not))"
        case .negative(let part): "-\(part.shown(above: .negative))"
        case .all(let parts): parts.map { $0.shown(above: .not) }.joined(separator: " and ")
        case .any(let parts): parts.map { $0.shown(above: .all) }.joined(separator: " or ")
        case .relation(let relation, let left, let right):
            "\(left.shown(above: .sum)) \(relation.rawValue) \(right.shown(above: .sum))"
        case .arithmetic(let sign, let left, let right):
            sign == .times
                ? "\(left.shown(above: .product)) * \(right.shown(above: .negative))"
                : "\(left.shown(above: .sum)) \(sign.rawValue) \(right.shown(above: .product))"
        }
    }

    private static func list(_ parts: [Syntax]) -> String {
        parts.map(\.text).joined(separator: ", ")
    }
}
