import Catalogue

/// A condition of a rule, or a figure of an indicator: small, total, typed, of three values.
///
/// Specs/rules.md, "Expressions". It is checked once, when a catalogue is loaded; evaluating it
/// cannot fail.
package struct Expression: Hashable, Sendable {
    package static let byteCountMax = ExpressionParser.byteCountMax

    /// The expression in its one printed form.
    package let text: String
    /// Full names of the event types that it asks for before the judged event.
    package let usedEvents: Set<String>
    /// The fields that it reads, by the full names of event types; those of the judged event, too.
    package let usedFields: [String: Set<String>]
    let node: Node

    /// What an expression comes to.
    package enum Kind: Sendable {
        case condition, number
    }

    /// The expression in `text`, whose names mean what `symbols` says.
    package init(
        _ text: String, as kind: Kind = .condition, symbols: some ExpressionSymbols
    ) throws(ExpressionErrors) {
        let syntax = try ExpressionParser.parse(text)
        var checker = ExpressionChecker(symbols)
        let node = checker.whole(syntax, kind)
        guard let node, checker.flaws.isEmpty else {
            throw ExpressionErrors(
                checker.flaws.map { flaw in
                    let column = ExpressionParser.column(of: flaw.place, in: text)
                    return ExpressionError(column: column, reason: flaw.reason)
                })
        }
        (self.text, self.node) = (syntax.text, node)
        (usedEvents, usedFields) = (checker.usedEvents, checker.usedFields)
    }

    /// Whether the condition holds; unknown of a number.
    ///
    /// The cost is bounded by the length of the expression times the number of earlier events.
    package func truth(in context: some StreamContext, calendar: WorkCalendar) -> Truth {
        ExpressionEvaluator(context: context, calendar: calendar).truth(node)
    }

    /// The number that it comes to; nil if a value is missing or it is not whole.
    package func integer(in context: some StreamContext, calendar: WorkCalendar) -> Int64? {
        let value = ExpressionEvaluator(context: context, calendar: calendar).value(node)
        guard case .number(let number) = value else { return nil }
        return Int64(exactly: number)
    }
}
