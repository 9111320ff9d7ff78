import HTTPTypes
import Phrases

extension Language {
    /// What `Accept-Language` prefers (RFC 9110 section 12.5.4), else `fallback`.
    init(preferredBy headers: HTTPFields, else fallback: Language) {
        let accepted = headers[values: .acceptLanguage]
        guard !accepted.isEmpty else {
            self = fallback
            return
        }
        var best: (language: Language, weight: Double)?
        for item in accepted.joined(separator: ",").split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.trimmed.lowercased() }
            guard let range = parts.first else { continue }
            let language: Language
            switch range.prefix(while: { $0 != "-" }) {
            case "zh": language = .chinese
            case "en": language = .english
            default: continue
            }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }
            let weight = quality.flatMap { Double($0.dropFirst(2)) } ?? 1
            if weight > 0, weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? fallback
    }
}
