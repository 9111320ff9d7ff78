import Catalogue

/// Finds out what the names in an expression stand for and that its types fit.
struct ExpressionChecker<Symbols: ExpressionSymbols> {
    typealias Flaw = ExpressionScanner.Flaw
    typealias Checked = (node: Node, type: ValueType)

    private let symbols: Symbols
    private(set) var flaws: [Flaw] = []
    private(set) var usedEvents: Set<String> = []
    private(set) var usedFields: [String: Set<String>] = [:]

    init(_ symbols: Symbols) { self.symbols = symbols }

    /// The node of a whole expression, which must come to `kind`.
    mutating func whole(_ syntax: Syntax, _ kind: Expression.Kind) -> Node? {
        guard let (node, type) = check(syntax) else { return nil }
        switch kind {
        case .condition where type != .boolean: return fail(syntax.place, .notCondition(type))
        case .number where type != .number: return fail(syntax.place, .notNumber(type))
        default: return node
        }
    }

    private mutating func fail<Result>(
        _ place: Int, _ reason: ExpressionError.Reason
    ) -> Result? {
        flaws.append(Flaw(place: place, reason: reason))
        return nil
    }

    /// The node and the type of `syntax`, or nil if something in it is wrong.
    ///
    /// A literal takes the type that is expected of it: a text becomes a date beside a date.
    private mutating func check(_ syntax: Syntax, expecting: ValueType? = nil) -> Checked? {
        switch syntax.form {
        case .number(let text): (.constant(.number(Double(text) ?? 0)), .number)
        case .text(let text): literal(text, expecting, at: syntax.place)
        case .boolean(let value): (.constant(.boolean(value)), .boolean)
        case .list(let parts): list(parts, expecting, at: syntax.place)
        case .field(let name): field(name, at: syntax.place)
        case .pick(let pick, let event, let field): self.pick(pick, event, field)
        case .exists(let name): event(name).map { (.exists(event: $0), .boolean) }
        case .count(let name): event(name).map { (.count(event: $0), .number) }
        case .countRole(let name): role(name).map { (.roleCount($0), .number) }
        case .participants: fail(syntax.place, .uncompared)
        case .empty(let part): value(part, allowsWhole: true).map { (.empty($0.node), .boolean) }
        case .call(let function, let parts): call(function, parts)
        case .not(let part): operand(part, .boolean, of: "not").map { (.not($0), .boolean) }
        case .negative(let part):
            operand(part, .number, of: "-").map { (ExpressionChecker.negative($0), .number) }
        case .all(let parts): operands(parts, .boolean, of: "and").map { (.all($0), .boolean) }
        case .any(let parts): operands(parts, .boolean, of: "or").map { (.any($0), .boolean) }
        case .relation(let relation, let left, let right): self.relation(relation, left, right)
        case .arithmetic(let sign, let left, let right):
            operands([left, right], .number, of: sign.rawValue).map {
                (.arithmetic(sign, $0[0], $0[1]), .number)
            }
        }
    }

    private static func negative(_ node: Node) -> Node {
        if case .constant(.number(let value)) = node { return .constant(.number(0 - value)) }
        return .arithmetic(.minus, .constant(.number(0)), node)
    }

    /// A value that can be compared or counted with.
    private mutating func value(
        _ syntax: Syntax, expecting: ValueType? = nil, allowsWhole: Bool = false
    ) -> Checked? {
        guard let checked = check(syntax, expecting: expecting) else { return nil }
        if checked.type.kind == .whole, !allowsWhole {
            return fail(syntax.place, .onlyEmpty(checked.type))
        }
        return checked
    }

    // MARK: - Operands

    private mutating func operand(_ syntax: Syntax, _ type: ValueType, of name: String) -> Node? {
        guard let checked = check(syntax, expecting: type) else { return nil }
        guard checked.type.kind == type.kind, !checked.type.isList else {
            return fail(syntax.place, .needs(name, [type], found: checked.type))
        }
        return checked.node
    }

    private mutating func operands(
        _ parts: [Syntax], _ type: ValueType, of name: String
    ) -> [Node]? {
        let nodes = parts.map { operand($0, type, of: name) }
        return nodes.contains(nil) ? nil : nodes.compactMap(\.self)
    }

    private mutating func call(_ function: Syntax.DateFunction, _ parts: [Syntax]) -> Checked? {
        let name = function.rawValue
        let nodes = parts.enumerated().map { index, part in
            operand(part, index == 1 && function.adds ? .number : .date, of: name)
        }
        if nodes.contains(nil) { return nil }
        return (.call(function, nodes.compactMap(\.self)), function.adds ? .date : .number)
    }

    // MARK: - Literals

    private mutating func literal(
        _ text: String, _ expecting: ValueType?, at place: Int
    ) -> Checked? {
        switch expecting?.kind {
        case .date:
            guard let date = Value.date(text) else { return fail(place, .notDate(text)) }
            return (.constant(date), .date)
        case .instant:
            guard let moment = Value.instant(text) else { return fail(place, .notInstant(text)) }
            return (.constant(moment), .instant)
        case .text:
            let words = expecting?.words ?? []
            if !words.isEmpty, !words.contains(where: { $0.utf8.elementsEqual(text.utf8) }) {
                return fail(place, .unknownWord(text, words: words))
            }
            let isNumber = expecting?.isDocumentNumber ?? false
            return (.constant(.text(isNumber ? Value.normalised(text) : text)), .text)
        default: return (.constant(.text(text)), .text)
        }
    }

    private mutating func list(
        _ parts: [Syntax], _ expecting: ValueType?, at place: Int
    ) -> Checked? {
        let elements = parts.map { check($0, expecting: expecting?.asList(false)) }
        if elements.contains(where: { $0 == nil }) { return nil }
        let found = elements.compactMap(\.self)
        let values = found.compactMap { element -> Value? in
            if case .constant(let value) = element.node { value } else { nil }
        }
        guard let first = found.first, found.allSatisfy({ $0.type.kind == first.type.kind }) else {
            return fail(place, .mixedList)
        }
        return (.constant(.list(values)), first.type.asList(true))
    }
}

// MARK: - Names

extension ExpressionChecker {
    private mutating func event(_ name: Syntax.Name) -> String? {
        guard let event = symbols.event(name.text) else {
            return fail(name.place, .unknownEvent(name.text))
        }
        usedEvents.insert(event)
        return event
    }

    private mutating func role(_ name: Syntax.Name) -> String? {
        symbols.isRole(name.text) ? name.text : fail(name.place, .unknownRole(name.text))
    }

    /// A field of the judged event, or its date.
    private mutating func field(_ name: String, at place: Int) -> Checked? {
        if name == "day" { return day(.day, of: symbols.judged, at: place) }
        let field = Syntax.Name(text: name, place: place)
        return self.field(field, of: symbols.judged).map { (.field(name, $0), $0) }
    }

    private mutating func pick(
        _ pick: Syntax.Pick, _ event: Syntax.Name, _ field: Syntax.Name
    ) -> Checked? {
        guard let event = self.event(event) else { return nil }
        let isFirst = pick == .first
        if field.text == "day", pick != .sum {
            return day(.earlierDay(isFirst: isFirst, event: event), of: event, at: field.place)
        }
        guard let type = self.field(field, of: event) else { return nil }
        let name = field.text
        if pick != .sum {
            return (.earlierField(isFirst: isFirst, event: event, field: name, type), type)
        }
        if type == .number { return (.sum(event: event, field: name), type) }
        return fail(field.place, .needs("sum", [.number], found: type))
    }

    private mutating func day(_ node: Node, of event: String, at place: Int) -> Checked? {
        symbols.field("day", of: event) == nil
            ? (node, .date) : fail(place, .ambiguousDay(event: event))
    }

    private mutating func field(_ name: Syntax.Name, of event: String) -> ValueType? {
        guard let field = symbols.field(name.text, of: event) else {
            return fail(name.place, .unknownField(name.text, event: event))
        }
        if field.isEncrypted { return fail(name.place, .encrypted(name.text)) }
        usedFields[event, default: []].insert(name.text)
        return field.type
    }

    private mutating func member(
        _ name: Syntax.Name
    ) -> (member: ParticipantMember, type: ValueType)? {
        let field = UniformMember.participantFields.first { $0.name == name.text }
        guard let member = ParticipantMember(rawValue: name.text), let field else {
            return fail(name.place, .unknownMember(name.text))
        }
        return (member, FieldSymbol(field).type)
    }
}

// MARK: - Comparisons

extension ExpressionChecker {
    private mutating func relation(
        _ relation: Syntax.Relation, _ left: Syntax, _ right: Syntax
    ) -> Checked? {
        if case .participants(let quantifier, let roleName, let memberName) = left.form {
            let (role, member) = (role(roleName), member(memberName))
            guard let member else { return nil }
            let expected = ExpressionChecker.expected(relation, beside: member.type)
            guard let other = value(right, expecting: expected), let role,
                fits(relation, member.type, other.type, at: left, right)
            else { return nil }
            let node = Node.participants(
                quantifier, role: role, member.member, relation, other.node)
            return (node, .boolean)
        }
        guard let (left, right) = sides(relation, left, right) else { return nil }
        return (.relation(relation, left, right), .boolean)
    }

    /// Both sides; a literal is checked after the other side, whose type it takes.
    private mutating func sides(
        _ relation: Syntax.Relation, _ left: Syntax, _ right: Syntax
    ) -> (Node, Node)? {
        let (first, second): (Checked?, Checked?)
        if left.isLiteral, !right.isLiteral {
            second = value(right)
            let expected = second.map { ExpressionChecker.expected(relation, before: $0.type) }
            first = value(left, expecting: expected)
        } else {
            first = value(left)
            let expected = first.map { ExpressionChecker.expected(relation, beside: $0.type) }
            second = value(right, expecting: expected)
        }
        guard let first, let second, fits(relation, first.type, second.type, at: left, right) else {
            return nil
        }
        return (first.node, second.node)
    }

    /// The type that the right side must have beside a left side of `type`.
    private static func expected(
        _ relation: Syntax.Relation, beside type: ValueType
    ) -> ValueType {
        type.asList(relation == .isIn || relation == .hasAny)
    }

    /// The type that the left side must have before a right side of `type`.
    private static func expected(
        _ relation: Syntax.Relation, before type: ValueType
    ) -> ValueType {
        type.asList(relation == .has || relation == .hasAny)
    }

    private mutating func fits(
        _ relation: Syntax.Relation, _ left: ValueType, _ right: ValueType, at leftSide: Syntax,
        _ rightSide: Syntax
    ) -> Bool {
        let areSame =
            left.kind == right.kind
            && left.isList == (relation == .has || relation == .hasAny)
            && right.isList == (relation == .isIn || relation == .hasAny)
        if !areSame {
            flaws.append(
                Flaw(place: leftSide.place, reason: .different(relation.rawValue, left, right)))
            return false
        }
        switch relation {
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            if [.number, .date, .instant].contains(left.kind) { return true }
            let reason = ExpressionError.Reason.needs(
                relation.rawValue, [.number, .date, .instant], found: left)
            flaws.append(Flaw(place: leftSide.place, reason: reason))
            return false
        default: return true
        }
    }
}

extension Syntax {
    fileprivate var isLiteral: Bool {
        switch form {
        case .text, .number, .boolean, .list: true
        case .negative(let part): part.isLiteral
        default: false
        }
    }
}
