import Catalogue
import Phrases

/// Parses and checks every expression of a catalogue, once for each type of event that it judges.
struct ConditionGathering {
    private let catalogue: EventCatalogue
    private(set) var conditions: [ConditionKey: Expression] = [:]
    private(set) var errors: [CatalogueError] = []

    init(_ catalogue: EventCatalogue) {
        self.catalogue = catalogue
    }

    mutating func gather() {
        for procedure in catalogue.procedures {
            for rule in procedure.rules { gather(rule, procedure.id) }
            for duty in procedure.duties + procedure.disclosures.flatMap(\.removalDuties) {
                if let from = duty.from { take(duty.when, judging: from, procedure.id) }
                for event in duty.to { take(duty.fulfilledWhen, judging: event, procedure.id) }
            }
        }
        for indicator in catalogue.indicators { gather(indicator) }
    }

    private mutating func gather(_ rule: Rule, _ procedure: String) {
        take(rule.when, judging: rule.event, procedure)
        if case .check(let condition) = rule.demand {
            take(condition, judging: rule.event, procedure)
        }
    }

    private mutating func gather(_ indicator: Indicator) {
        switch indicator.measure {
        case .share(let choice, let met), .distinct(let choice, _, let met):
            take(choice, [choice.condition, met])
        case .count(let choice): take(choice, [choice.condition])
        case .quotient(let choice, let over, let under):
            take(choice, [choice.condition])
            for event in choice.of {
                for text in [over, under] {
                    take(
                        .expression(text), judging: event, String(event.prefix { $0 != "." }),
                        as: .number)
                }
            }
        case .streams(let procedure, let condition, let met):
            // A whole case is judged as if by the first of its events; only what stood before it
            // on the line can be asked for.
            guard let event = catalogue.procedure(procedure)?.events.first else { return }
            for condition in [condition, met] { take(condition, judging: event, procedure) }
        case .duties, .lateEntries, .total: break
        }
    }

    private mutating func take(_ choice: Indicator.Choice, _ conditions: [Condition?]) {
        for event in choice.of {
            let procedure = String(event.prefix { $0 != "." })
            for condition in conditions { take(condition, judging: event, procedure) }
        }
    }

    private mutating func take(
        _ condition: Condition?, judging event: String, _ procedure: String,
        as kind: Expression.Kind = .condition
    ) {
        guard case .expression(let text)? = condition else { return }
        let key = ConditionKey(text: text, judged: event)
        guard conditions[key] == nil else { return }
        let symbols = CatalogueSymbols(catalogue, procedure: procedure, judged: event)
        do throws(ExpressionErrors) {
            conditions[key] = try Expression(text, as: kind, symbols: symbols)
        } catch {
            let place =
                catalogue.places[text]
                ?? CataloguePlace(file: "compiled", line: 1, column: 1)
            for error in error.errors {
                errors.append(
                    CatalogueError(
                        place,
                        Phrase(
                            en: "in \"\(text)\", \(error.phrase.en)",
                            zh: "“\(text)”\(error.phrase.zh)")))
            }
        }
    }
}
