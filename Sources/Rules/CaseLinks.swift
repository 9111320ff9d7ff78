package import CanonicalJSON
import Catalogue

/// Which cases name each other: for rules and duties that reach into another procedure's cases.
///
/// A case is linked with those that its events refer to, and with those that refer to it.
package struct CaseLinks: Sendable {
    /// Pairs of procedures between which some rule or duty reaches.
    private let pairs: [String: Set<String>]
    private let fields: [String: [String]]
    private var links: [String: Set<String>] = [:]

    package init(_ book: RuleBook) {
        var pairs: [String: Set<String>] = [:]
        for (procedure, others) in book.foreignProcedures {
            for other in others {
                pairs[procedure, default: []].insert(other)
                pairs[other, default: []].insert(procedure)
            }
        }
        self.pairs = pairs
        let types = book.catalogue.eventTypes.map { type in
            (type.name, type.fields.filter { $0.type == .reference }.map(\.name))
        }
        fields = Dictionary(types.filter { !$0.1.isEmpty }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether cases of this procedure can have links.
    package func concern(_ procedure: String) -> Bool { pairs[procedure] != nil }

    /// The cases to which an entry links its own.
    package func targets(_ type: String, _ data: JSONValue, of procedure: String) -> [CaseTarget] {
        guard let others = pairs[procedure] else { return [] }
        return (fields[type] ?? []).flatMap { data[$0].streams }.filter {
            others.contains(String($0.prefix { $0 != "/" }))
        }.map { CaseTarget($0, .link) }
    }

    /// Types of events that can link cases.
    package var types: Set<String> { Set(fields.keys) }

    /// Whether rules of one procedure reach into cases of the other.
    package func pair(_ one: String, _ other: String) -> Bool {
        pairs[one]?.contains(other) ?? false
    }

    /// Takes what a case refers to.
    package mutating func take(_ history: CaseHistory) {
        guard let others = pairs[history.procedure] else { return }
        for entry in history.entries {
            for field in fields[entry.type] ?? [] {
                for target in entry.data[field].streams {
                    guard others.contains(String(target.prefix { $0 != "/" })) else { continue }
                    links[history.stream, default: []].insert(target)
                    links[target, default: []].insert(history.stream)
                }
            }
        }
    }

    /// The cases that are linked with this one, in a fixed order.
    package func cases(of stream: String) -> [String] { (links[stream] ?? []).sorted() }
}

extension RuleBook {
    /// Of each procedure, the others whose events its rules and duties name.
    package var foreignProcedures: [String: Set<String>] {
        var foreign: [String: Set<String>] = [:]
        for procedure in catalogue.procedures {
            let types =
                procedure.rules.flatMap { foreignTypes($0) }
                + procedure.duties.flatMap { $0.to + [$0.from].compactMap { $0 } + $0.lapses }
                + procedure.disclosures.flatMap(\.to)
            for type in types {
                let other = String(type.prefix { $0 != "." })
                if other != procedure.id, catalogue.procedure(other) != nil {
                    foreign[procedure.id, default: []].insert(other)
                }
            }
        }
        return foreign
    }

    private func foreignTypes(_ rule: Rule) -> [String] {
        var types: [String] = []
        switch rule.demand {
        case .requires(let names), .requiresAny(let names), .forbids(let names): types = names
        case .participants(_, .apartFrom(let other)): types = [other.event]
        case .check(let condition):
            types = Array(expression(condition, judging: rule.event)?.usedEvents ?? [])
        case .atMostOnce, .terminal, .participants: break
        }
        let when = rule.when.flatMap { expression($0, judging: rule.event) }
        return types + Array(when?.usedEvents ?? [])
    }
}
