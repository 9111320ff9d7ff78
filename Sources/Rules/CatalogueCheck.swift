package import Catalogue
package import Phrases

/// What is wrong with a catalogue that can be read: Specs/catalogue.md section 12.
package struct CatalogueCheck {
    package struct Problem: Hashable, Sendable {
        package enum Weight: String, Sendable {
            /// It must not be adopted.
            case error
            /// Somebody should look.
            case warning
        }

        package let weight: Weight
        package let place: CataloguePlace
        package let reason: Phrase

        package init(weight: Weight, place: CataloguePlace, reason: Phrase) {
            (self.weight, self.place, self.reason) = (weight, place, reason)
        }

        package var phrase: Phrase { CatalogueError(place, reason).phrase }
    }

    private let catalogue: EventCatalogue
    private let exercised: Set<String>?
    private var problems: [Problem] = []

    /// `exercised` are the ids of the rules that scenarios exercise; nil where there are none.
    package init(_ catalogue: EventCatalogue, exercised: Set<String>? = nil) {
        (self.catalogue, self.exercised) = (catalogue, exercised)
    }

    /// Everything, in order of place.
    package func run() -> [Problem] {
        var check = self
        var gathering = ConditionGathering(catalogue)
        gathering.gather()
        check.problems = gathering.errors.map {
            Problem(weight: .error, place: $0.place, reason: $0.reason)
        }
        check.checkRules(gathering)
        for procedure in catalogue.procedures {
            check.checkOrder(procedure)
            check.checkTerms(procedure)
        }
        check.checkIdentifiers()
        check.checkSizes()
        check.checkPlan()
        check.checkScenarios()
        return check.problems.sorted { $0.place < $1.place }
    }

    private mutating func add(_ weight: Problem.Weight, _ name: String, _ en: String, _ zh: String)
    {
        let place =
            catalogue.places[name] ?? CataloguePlace(file: "catalogue.yaml", line: 1, column: 1)
        problems.append(Problem(weight: weight, place: place, reason: Phrase(en: en, zh: zh)))
    }

    // MARK: - Rules that refuse

    private mutating func checkRules(_ gathering: ConditionGathering) {
        for rule in catalogue.procedures.flatMap(\.rules) where rule.level == .refuse {
            if catalogue.eventType(rule.event)?.isReceived == true {
                add(
                    .error, "rule \(rule.id)",
                    "\(rule.id) refuses \(rule.event), the act of another organ or of a party",
                    "\(rule.id) 拒绝 \(rule.event)，而这是其他机关或当事人的行为")
            }
            if let field = confession(rule, gathering) {
                add(
                    .error, "rule \(rule.id)",
                    "\(rule.id) refuses what \"\(field)\" says of how the act was done: whoever is "
                        + "refused for saying so will say otherwise; use flag",
                    "\(rule.id) 因“\(field)”如实填写办理方式而拒绝，会促使人不如实填写；请用 flag")
            }
            if case .participants(_, .holds) = rule.demand {
                add(
                    .error, "rule \(rule.id)",
                    "\(rule.id) refuses by a register; only findings look into registers",
                    "\(rule.id) 依据名册拒绝；名册只用于事后发现")
            }
        }
    }

    /// A field of the judged event itself, true or false or one of some words, on which the check
    /// depends.
    private func confession(_ rule: Rule, _ gathering: ConditionGathering) -> String? {
        guard case .check(.expression(let text)) = rule.demand,
            let expression = gathering.conditions[ConditionKey(text: text, judged: rule.event)],
            let type = catalogue.eventType(rule.event)
        else { return nil }
        let names = expression.usedFields[rule.event] ?? []
        return type.fields.first {
            names.contains($0.name) && ($0.type == .boolean || $0.type == .enum)
                && !expression.usedEvents.contains(rule.event)
        }?.name
    }

    // MARK: - Order

    /// Events that can never come, because what must come before cannot, and rules that contradict
    /// each other.
    private mutating func checkOrder(_ procedure: Procedure) {
        let rules = procedure.rules.filter { $0.when == nil }
        var reachable: Set<String> = []
        var grows = true
        while grows {
            grows = false
            for event in procedure.events where !reachable.contains(event) {
                let isFree = rules.filter { $0.event == event }.allSatisfy { rule in
                    switch rule.demand {
                    case .requires(let types): types.allSatisfy { isOpen($0, procedure, reachable) }
                    case .requiresAny(let types):
                        types.contains { isOpen($0, procedure, reachable) }
                    default: true
                    }
                }
                if isFree {
                    reachable.insert(event)
                    grows = true
                }
            }
        }
        for event in procedure.events where !reachable.contains(event) {
            add(
                .error, "event \(event)",
                "\(event) can never come in order: what must come before it needs it, or cannot come",
                "\(event) 无法依序发生：其前置事件依赖它本身或不可能发生")
        }
        checkContradictions(procedure, rules)
    }

    /// What must come before an event, and before that again, must be able to.
    private mutating func checkContradictions(_ procedure: Procedure, _ rules: [Rule]) {
        var required: [String: Set<String>] = [:]
        var forbidden: [String: Set<String>] = [:]
        for rule in rules {
            switch rule.demand {
            case .requires(let types): required[rule.event, default: []].formUnion(types)
            case .forbids(let types): forbidden[rule.event, default: []].formUnion(types)
            default: break
            }
        }
        for rule in rules {
            switch rule.demand {
            case .forbids(let types):
                let needed = needed(by: rule.event, required)
                for type in types where needed.contains(type) {
                    add(
                        .error, "rule \(rule.id)",
                        "\(rule.id) forbids \(type) before \(rule.event), and other rules require it",
                        "\(rule.id) 禁止 \(type) 先于 \(rule.event)，而其他规则要求它")
                }
            case .terminal(let exceptions):
                for event in procedure.events
                where !exceptions.contains(event) && event != rule.event
                    && needed(by: event, required).contains(rule.event)
                {
                    add(
                        .error, "rule \(rule.id)",
                        "\(rule.id) lets nothing follow \(rule.event), and \(event) requires it",
                        "\(rule.id) 规定 \(rule.event) 之后不得再有事项，而 \(event) 以其为前置")
                }
            default: break
            }
        }
        for event in procedure.events {
            let needed = needed(by: event, required).sorted()
            for one in needed {
                for other in needed where one < other {
                    guard forbidden[one]?.contains(other) == true,
                        forbidden[other]?.contains(one) == true
                    else { continue }
                    add(
                        .error, "event \(event)",
                        "\(event) requires both \(one) and \(other), each of which forbids the other",
                        "\(event) 同时要求 \(one) 与 \(other)，而二者互相排斥")
                }
            }
        }
    }

    /// Everything that must stand before an event, directly or not.
    private func needed(by event: String, _ required: [String: Set<String>]) -> Set<String> {
        var found: Set<String> = []
        var open = Array(required[event] ?? [])
        while let next = open.popLast() {
            if found.insert(next).inserted { open += required[next] ?? [] }
        }
        return found
    }

    private func isOpen(
        _ type: String, _ procedure: Procedure, _ reachable: Set<String>
    ) -> Bool {
        reachable.contains(type) || !procedure.events.contains(type)
    }

    /// A floor that ends after the ceiling of the same step.
    private mutating func checkTerms(_ procedure: Procedure) {
        for floor in procedure.duties {
            guard case .term(let least, let from, _) = floor.clock, least.bound == .atLeast else {
                continue
            }
            for duty in procedure.duties where duty.to == floor.to {
                guard case .term(let most, from, _) = duty.clock, most.bound == .atMost,
                    most.unit == least.unit, most.amount < least.amount
                else { continue }
                add(
                    .error, "duty \(floor.id)", "\(floor.id) and \(duty.id) cannot both be kept",
                    "\(floor.id) 与 \(duty.id) 不可能同时遵守")
            }
        }
    }

    // MARK: - The whole

    private mutating func checkIdentifiers() {
        var seen: Set<String> = []
        for procedure in catalogue.procedures {
            let names =
                procedure.rules.map { ("rule", $0.id) } + procedure.duties.map { ("duty", $0.id) }
                + procedure.disclosures.map { ("disclosure", $0.id) }
            for (kind, id) in names where !seen.insert(id).inserted {
                add(.error, "\(kind) \(id)", "\(id) is given twice", "\(id) 重复")
            }
        }
    }

    /// Bytes that are left for the data of one event.
    private static let byteCountMax = 65_535 - 1_536

    private mutating func checkSizes() {
        for type in catalogue.eventTypes {
            let one = type.fields.reduce(0) { $0 + $1.worstByteCount }
            guard one > CatalogueCheck.byteCountMax else { continue }
            add(
                .error, "event \(type.name)",
                "\(type.name): its fields may have \(one) bytes, more than a record of 65,535 takes; "
                    + "lower maxBytes, or make long text an attachment",
                "\(type.name) 的字段最多可达 \(one) 字节，超过一条记录的上限 65,535；请减小 maxBytes，或将长文改为附件")
        }
    }

    /// What a demand of the plan is served by: records, and something that watches them.
    private mutating func checkDemands() {
        var seen: Set<String> = []
        for demand in catalogue.plan.flatMap(\.demands) {
            guard let id = demand.id else { continue }
            let name = "demand \(id)"
            if !seen.insert(id).inserted {
                add(.error, name, "\(id) is given twice", "\(id) 重复")
            }
            if demand.procedures.isEmpty || demand.events.isEmpty {
                add(
                    .error, name, "no procedure or event records what \(id) demands",
                    "没有程序或事件记录 \(id) 的要求")
            }
            if demand.rules.isEmpty && demand.duties.isEmpty && demand.indicators.isEmpty {
                add(
                    .error, name, "no rule, duty or indicator watches what \(id) demands",
                    "没有规则、期限或指标监督 \(id) 的要求")
            }
        }
    }

    private mutating func checkPlan() {
        checkDemands()
        for measure in catalogue.plan {
            let has = catalogue.procedures.contains {
                $0.plan.contains(measure.id) && !$0.events.isEmpty
            }
            guard !has else { continue }
            add(
                .error, "measure \(measure.id)",
                "no procedure records anything for measure \(measure.id)",
                "没有程序记录措施 \(measure.id) 的任何事项")
        }
    }

    private mutating func checkScenarios() {
        guard let exercised else { return }
        for procedure in catalogue.procedures {
            for rule in procedure.rules where !exercised.contains(rule.id) {
                if case .check(.words) = rule.demand { continue }
                add(
                    .warning, "rule \(rule.id)", "no scenario exercises \(rule.id)",
                    "没有场景检验 \(rule.id)")
            }
        }
    }
}

extension Field {
    /// The most bytes of the field in canonical JSON, one value of a list: longer lists are bounded
    /// by the record, and a refusal says so.
    fileprivate var worstByteCount: Int {
        let name = self.name.utf8.count + 6
        switch type {
        case .string, .text, .docNo, .uri, .record: return name + bytesMax
        case .enum: return name + (values.map(\.utf8.count).max() ?? 0)
        case .organisation: return name + 700
        case .reference: return name + 520
        case .target: return name + 120
        default: return name + 64
        }
    }
}
