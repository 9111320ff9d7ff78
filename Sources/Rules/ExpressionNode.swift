import CanonicalJSON
import Records

/// An expression that has been checked, ready to be evaluated.
indirect enum Node: Hashable, Sendable {
    case constant(Value)
    case field(String, ValueType)
    /// The date of the judged event.
    case day
    /// A field of the first or last earlier event of a type.
    case earlierField(isFirst: Bool, event: String, field: String, ValueType)
    case earlierDay(isFirst: Bool, event: String)
    case sum(event: String, field: String)
    case exists(event: String)
    case count(event: String)
    case roleCount(String)
    case participants(Syntax.Quantifier, role: String, ParticipantMember, Syntax.Relation, Node)
    case empty(Node)
    case not(Node)
    case all([Node])
    case any([Node])
    case relation(Syntax.Relation, Node, Node)
    case arithmetic(Syntax.Arithmetic, Node, Node)
    case call(Syntax.DateFunction, [Node])
}

/// What can be asked of a participant; named as in the record.
enum ParticipantMember: String, Sendable, CaseIterable {
    case person, role, unit, post, opinion, order, evidence, attachment

    func value(of participant: Participant) -> Value {
        switch self {
        case .person: .text(participant.person)
        case .role: .text(participant.role)
        case .unit: text(participant.unit)
        case .post: text(participant.post)
        case .opinion: text(participant.opinion)
        case .order: participant.order.map { .number(Double($0)) } ?? .missing
        case .evidence: text(participant.evidence)
        case .attachment: text(participant.attachment)
        }
    }

    private func text(_ text: String?) -> Value { text.map { .text($0) } ?? .missing }
}

/// Evaluates nodes in one context.
struct ExpressionEvaluator<Context: StreamContext> {
    let context: Context
    let calendar: WorkCalendar

    func value(_ node: Node) -> Value {
        switch node {
        case .constant(let value): value
        case .field(let name, let type): Value(context.judged.data[name], type)
        case .day: Value(date: context.judged.day)
        case .earlierField(let isFirst, let event, let field, let type):
            Value(earlier(event, isFirst)?.data[field], type)
        case .earlierDay(let isFirst, let event):
            earlier(event, isFirst).map { Value(date: $0.day) } ?? .missing
        case .sum(let event, let field): sum(event, field)
        case .exists(let event): .boolean(!context.earlier(event).isEmpty)
        case .count(let event): .number(Double(context.earlier(event).count))
        case .roleCount(let role): .number(Double(persons(role)))
        case .empty(let part): .boolean(value(part).isEmpty)
        case .arithmetic(let sign, let left, let right):
            arithmetic(sign, value(left), value(right))
        case .call(let function, let parts): call(function, parts.map(value))
        case .not, .all, .any, .relation, .participants: Value(truth(node))
        }
    }

    func truth(_ node: Node) -> Truth {
        switch node {
        case .not(let part): !truth(part)
        case .all(let parts): all(parts)
        case .any(let parts): any(parts)
        case .relation(let relation, let left, let right):
            Value.judge(relation, value(left), value(right))
        case .participants(let quantifier, let role, let member, let relation, let right):
            participants(quantifier, role, member, relation, value(right))
        default: value(node).truth
        }
    }

    private func all(_ parts: [Node]) -> Truth {
        var truth = Truth.true
        for part in parts where truth != .false { truth = truth && self.truth(part) }
        return truth
    }

    private func any(_ parts: [Node]) -> Truth {
        var truth = Truth.false
        for part in parts where truth != .true { truth = truth || self.truth(part) }
        return truth
    }

    // MARK: - Events and persons

    private func earlier(_ event: String, _ isFirst: Bool) -> EventFacts? {
        let events = context.earlier(event)
        return isFirst ? events.first : events.last
    }

    /// Events without the field add nothing.
    private func sum(_ event: String, _ field: String) -> Value {
        var sum = Value.number(0)
        for event in context.earlier(event) {
            let value = Value(event.data[field], .number)
            if value != .missing { sum = arithmetic(.plus, sum, value) }
        }
        return sum
    }

    /// How many different persons the judged event names in the role.
    private func persons(_ role: String) -> Int {
        Set(context.judged.participants.lazy.filter { $0.role == role }.map(\.person)).count
    }

    private func participants(
        _ quantifier: Syntax.Quantifier, _ role: String, _ member: ParticipantMember,
        _ relation: Syntax.Relation, _ right: Value
    ) -> Truth {
        let truths = context.judged.participants.lazy.filter { $0.role == role }
            .map { Value.judge(relation, member.value(of: $0), right) }
        return quantifier == .every
            ? truths.reduce(.true) { $0 && $1 } : truths.reduce(.false) { $0 || $1 }
    }

    // MARK: - Numbers and dates

    private func arithmetic(
        _ sign: Syntax.Arithmetic, _ left: Value, _ right: Value
    ) -> Value {
        guard case .number(let left) = left, case .number(let right) = right else {
            return .missing
        }
        return switch sign {
        case .plus: Value(result: left + right)
        case .minus: Value(result: left - right)
        case .times: Value(result: left * right)
        }
    }

    private func call(_ function: Syntax.DateFunction, _ arguments: [Value]) -> Value {
        guard case .date(let day) = arguments.first else { return .missing }
        if function.argumentCount == 1 {
            let date = CivilDate(dayNumber: day)
            return .number(Double(function == .year ? date.year : date.month))
        }
        switch arguments.last {
        case .date(let end):
            let count = function == .days ? end - day : calendar.workdays(from: day, to: end)
            return .number(Double(count))
        case .number(let amount):
            // More days than there are between the first date and the last lead to no date.
            guard amount.magnitude <= 4_000_000, let amount = Int(exactly: amount) else {
                return .missing
            }
            return Value(date: add(amount, to: day, function))
        default: return .missing
        }
    }

    private func add(_ amount: Int, to day: Int, _ function: Syntax.DateFunction) -> Int {
        switch function {
        case .addWorkdays: calendar.day(day, addingWorkdays: amount)
        case .addMonths: WorkCalendar.day(day, months: amount)
        case .addYears: WorkCalendar.day(day, months: amount * 12)
        default: day + amount
        }
    }
}
