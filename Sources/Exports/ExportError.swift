package import Phrases

/// Why an export cannot be made.
package struct ExportError: Error, Hashable, Sendable {
    package let phrase: Phrase

    package init(_ phrase: Phrase) { self.phrase = phrase }

    package init(en: String, zh: String) { phrase = Phrase(en: en, zh: zh) }
}
