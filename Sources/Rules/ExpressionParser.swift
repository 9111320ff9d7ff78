/// Reads the text of an expression into its ``Syntax``: Specs/rules.md, "Expressions".
struct ExpressionParser {
    typealias Flaw = ExpressionScanner.Flaw

    static let byteCountMax = 1_000

    private var scanner: ExpressionScanner
    /// How many parentheses and signs stand open.
    private var nesting = 0

    static func parse(_ text: String) throws(ExpressionErrors) -> Syntax {
        guard text.utf8.count <= byteCountMax else {
            throw ExpressionErrors([ExpressionError(column: 1, reason: .tooLong)])
        }
        var parser = ExpressionParser(scanner: ExpressionScanner(text))
        do throws(Flaw) {
            let syntax = try parser.any()
            parser.scanner.skipSpace()
            if !parser.scanner.found.isEmpty { throw parser.leftover() }
            return syntax
        } catch {
            let column = column(of: error.place, in: text)
            throw ExpressionErrors([ExpressionError(column: column, reason: error.reason)])
        }
    }

    /// The column of a byte, from 1, in Unicode scalars.
    static func column(of place: Int, in text: String) -> Int {
        1 + text.utf8.prefix(place).count { $0 & 0xC0 != 0x80 }
    }

    private func leftover() -> Flaw {
        let found = scanner.found
        return Flaw(
            place: scanner.place, reason: found == "=" ? .singleEquals : .unexpected(found))
    }

    private func make(_ form: Syntax.Form, at place: Int) throws(Flaw) -> Syntax {
        let syntax = Syntax(form, at: place)
        if syntax.depth > Syntax.depthMax { throw Flaw(place: place, reason: .tooDeep) }
        return syntax
    }

    private mutating func nested(
        _ body: (inout ExpressionParser) throws(Flaw) -> Syntax
    ) throws(Flaw) -> Syntax {
        nesting += 1
        defer { nesting -= 1 }
        if nesting > Syntax.depthMax { throw Flaw(place: scanner.place, reason: .tooDeep) }
        return try body(&self)
    }

    private mutating func here() -> Int {
        scanner.skipSpace()
        return scanner.place
    }

    // MARK: - From the loosest to the firmest

    private mutating func any() throws(Flaw) -> Syntax {
        let place = here()
        var parts = [try all()]
        while scanner.takeWord("or") { parts.append(try all()) }
        return parts.count == 1 ? parts[0] : try make(.any(parts), at: place)
    }

    private mutating func all() throws(Flaw) -> Syntax {
        let place = here()
        var parts = [try not()]
        while scanner.takeWord("and") { parts.append(try not()) }
        return parts.count == 1 ? parts[0] : try make(.all(parts), at: place)
    }

    private mutating func not() throws(Flaw) -> Syntax {
        let place = here()
        guard scanner.takeWord("not") else { return try relation() }
        let part = try nested { (parser) throws(Flaw) in try parser.not() }
        return try make(.not(part), at: place)
    }

    private mutating func relation() throws(Flaw) -> Syntax {
        let place = here()
        let left = try sum()
        guard let relation = takeRelation() else { return left }
        let right = try sum()
        let end = here()
        if takeRelation() != nil { throw Flaw(place: end, reason: .chained) }
        return try make(.relation(relation, left, right), at: place)
    }

    private mutating func takeRelation() -> Syntax.Relation? {
        if let word = scanner.peekWord() {
            guard let relation = Syntax.Relation(rawValue: word) else { return nil }
            return scanner.takeWord(word) ? relation : nil
        }
        let longestFirst: [Syntax.Relation] = [
            .equal, .unequal, .lessOrEqual, .greaterOrEqual, .less, .greater,
        ]
        return longestFirst.first { scanner.take($0.rawValue) }
    }

    private mutating func sum() throws(Flaw) -> Syntax {
        let place = here()
        var left = try product()
        while true {
            let sign: Syntax.Arithmetic
            if scanner.take("+") {
                sign = .plus
            } else if scanner.take("-") {
                sign = .minus
            } else {
                return left
            }
            left = try make(.arithmetic(sign, left, try product()), at: place)
        }
    }

    private mutating func product() throws(Flaw) -> Syntax {
        let place = here()
        var left = try negative()
        while scanner.take("*") {
            left = try make(.arithmetic(.times, left, try negative()), at: place)
        }
        return left
    }

    private mutating func negative() throws(Flaw) -> Syntax {
        let place = here()
        guard scanner.take("-") else { return try primary() }
        let part = try nested { (parser) throws(Flaw) in try parser.negative() }
        return try make(.negative(part), at: place)
    }

    // MARK: - What stands by itself

    private mutating func primary() throws(Flaw) -> Syntax {
        let place = here()
        if scanner.take("(") {
            let inner = try nested { (parser) throws(Flaw) in try parser.any() }
            try scanner.need(")")
            return inner
        }
        if scanner.take("[") { return try list(at: place) }
        if let literal = try literal() { return literal }
        guard let word = scanner.peekWord(), !Self.reserved.contains(word) else {
            throw scanner.unexpected(.value)
        }
        _ = scanner.takeWord(word)
        return scanner.take("(")
            ? try function(Syntax.Name(text: word, place: place))
            : try make(.field(word), at: place)
    }

    /// Words that are never the name of a field.
    static let reserved: Set<String> = ["and", "or", "not", "in", "has", "hasAny", "true", "false"]

    private mutating func literal() throws(Flaw) -> Syntax? {
        let place = here()
        if let text = try scanner.takeText() { return try make(.text(text), at: place) }
        if let number = try scanner.takeNumber() { return try make(.number(number), at: place) }
        if scanner.takeWord("true") { return try make(.boolean(true), at: place) }
        if scanner.takeWord("false") { return try make(.boolean(false), at: place) }
        return nil
    }

    /// What follows `[`: literals alone.
    private mutating func list(at place: Int) throws(Flaw) -> Syntax {
        if scanner.take("]") { throw Flaw(place: place, reason: .emptyList) }
        var parts: [Syntax] = []
        repeat {
            let start = here()
            let isNegative = scanner.take("-")
            guard let part = try literal() else { throw scanner.unexpected(.literal) }
            parts.append(isNegative ? try make(.negative(part), at: start) : part)
        } while scanner.take(",")
        try scanner.need("]")
        return try make(.list(parts), at: place)
    }

    /// What follows `name(`.
    private mutating func function(_ name: Syntax.Name) throws(Flaw) -> Syntax {
        if let pick = Syntax.Pick(rawValue: name.text) {
            let event = try scanner.needName(.eventName)
            return try make(.pick(pick, event: event, field: try member()), at: name.place)
        }
        if let quantifier = Syntax.Quantifier(rawValue: name.text) {
            guard let role = try role() else { throw scanner.unexpected(.symbol("participants[")) }
            let form = Syntax.Form.participants(quantifier, role: role, member: try member())
            return try make(form, at: name.place)
        }
        switch name.text {
        case "exists": return try closed(.exists(try scanner.needName(.eventName)), at: name.place)
        case "count":
            if let role = try role() { return try closed(.countRole(role), at: name.place) }
            return try closed(.count(try scanner.needName(.eventName)), at: name.place)
        case "empty": return try closed(.empty(try argument()), at: name.place)
        default: return try call(name)
        }
    }

    private mutating func call(_ name: Syntax.Name) throws(Flaw) -> Syntax {
        guard let function = Syntax.DateFunction(rawValue: name.text) else {
            throw Flaw(place: name.place, reason: .unknownFunction(name.text))
        }
        var parts = [try argument()]
        while scanner.take(",") { parts.append(try argument()) }
        if parts.count != function.argumentCount {
            let reason = ExpressionError.Reason.argumentCount(
                function: name.text, wanted: function.argumentCount, found: parts.count)
            throw Flaw(place: name.place, reason: reason)
        }
        return try closed(.call(function, parts), at: name.place)
    }

    private mutating func argument() throws(Flaw) -> Syntax {
        try nested { (parser) throws(Flaw) in try parser.any() }
    }

    private mutating func closed(_ form: Syntax.Form, at place: Int) throws(Flaw) -> Syntax {
        try scanner.need(")")
        return try make(form, at: place)
    }

    /// What follows the name of an event or the role: `).field`.
    private mutating func member() throws(Flaw) -> Syntax.Name {
        try scanner.need(")")
        try scanner.need(".")
        return try scanner.needWord(.fieldName)
    }

    /// `participants[role = "x"]`, if that stands next; the quotation marks may be left out.
    private mutating func role() throws(Flaw) -> Syntax.Name? {
        var ahead = scanner
        guard ahead.takeWord("participants"), ahead.take("[") else { return nil }
        scanner = ahead
        if !scanner.takeWord("role") { throw scanner.unexpected(.symbol("role")) }
        try scanner.need("=")
        let place = here()
        let role: Syntax.Name
        if let text = try scanner.takeText() {
            role = Syntax.Name(text: text, place: place)
        } else {
            role = try scanner.needName(.roleName)
        }
        try scanner.need("]")
        return role
    }
}
