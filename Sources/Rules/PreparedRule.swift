import Catalogue

/// A rule with what a book looks up for it once, and not for each entry.
final class PreparedRule: Sendable {
    let rule: Rule
    /// Of the condition that must hold for the rule to be judged.
    let when: PreparedCondition
    /// Of the condition that it demands, if it demands one.
    let check: PreparedCondition
    /// When one of its laws is in force.
    private let days: [ClosedRange<Int>]

    init(
        _ rule: Rule, _ conditions: [ConditionKey: Expression],
        _ lawDays: [String: ClosedRange<Int>]
    ) {
        self.rule = rule
        when = PreparedCondition(rule.when, judging: rule.event, conditions)
        if case .check(let condition) = rule.demand {
            check = PreparedCondition(condition, judging: rule.event, conditions)
        } else {
            check = .always
        }
        days = rule.basis.compactMap { lawDays[$0.law] }
    }

    func isInForce(on day: Int) -> Bool { days.contains { $0.contains(day) } }
}

/// A condition with its expression at hand.
enum PreparedCondition: Sendable {
    /// There is none: what it would limit holds.
    case always
    /// In words, for a person to judge.
    case words
    case expression(Expression)

    init(
        _ condition: Condition?, judging type: String, _ conditions: [ConditionKey: Expression]
    ) {
        switch condition {
        case nil: self = .always
        case .words: self = .words
        case .expression(let text):
            let found = conditions[ConditionKey(text: text, judged: type)]
            self = found.map { .expression($0) } ?? .words
        }
    }

    /// Given what stood before the entry on the line of occurrence.
    func truth(at place: Int, in history: CaseHistory, _ calendar: WorkCalendar) -> Truth {
        switch self {
        case .always: .true
        case .words: .unknown
        case .expression(let expression):
            expression.truth(in: history.context(at: place), calendar: calendar)
        }
    }
}
