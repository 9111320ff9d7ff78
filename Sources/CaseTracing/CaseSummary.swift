import CanonicalJSON
import Catalogue
import Phrases
import Projections
import Rules

/// What a case is called and how far it has come.
struct CaseSummary {
    let procedure: Phrase
    private(set) var title = ""
    private(set) var stage: Phrase?
    private(set) var isEnded = false

    init(_ prefix: CasePrefix, _ catalogue: EventCatalogue) {
        let name = String(prefix.history.procedure)
        let procedure = catalogue.procedure(name)
        self.procedure = procedure?.title ?? Phrase(en: name, zh: name)
        for entry in prefix.history.entries {
            guard let type = prefix.types[entry.sequence] else { continue }
            if type.ends { isEnded = true }
            let words = type.caseTitle.compactMap { CaseSummary.text(entry.data[$0]) }
            if !words.isEmpty { title = words.joined(separator: " ") }
        }
        let line = prefix.history.line.map { prefix.history.entries[$0] }
        let newest = line.last { prefix.types[$0.sequence]?.stage != nil }
        let id = newest.flatMap { prefix.types[$0.sequence]?.stage }
        stage = procedure?.stages.first { $0.id == id || $0.formerly.contains(id ?? "") }?.title
    }

    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text)?: text
        case .object?: value?["name"]?.string
        case .array(let elements)?: elements.compactMap { text($0) }.joined(separator: "、")
        case nil, .null?: nil
        case .some(let other): other.canonicalText
        }
    }
}
