package import Phrases

extension Clause {
    /// `apl21 64(1)` as people write it, with the law's name.
    package func words(_ catalogue: EventCatalogue, _ language: Language) -> String {
        let title = catalogue.law(law)?.title[language] ?? law
        guard let article else { return title }
        return "\(title) \(article)"
            + (paragraph.map { "(\($0))" } ?? "") + (item.map { "(\($0))" } ?? "")
    }
}
