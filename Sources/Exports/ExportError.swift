package import Phrases

/// Why an export cannot be made.
package struct ExportError: Error, Hashable, Sendable {
    package let phrase: Phrase

    package init(_ phrase: Phrase) { self.phrase = phrase }

    package init(en: String, zh: String) { phrase = Phrase(en: en, zh: zh) }
}

extension ExportError {
    /// Nothing is written over.
    package static func isThere(_ path: String) -> ExportError {
        ExportError(
            en: "\(path) is there already: name another folder or remove it",
            zh: "\(path) 已存在：请换一个目录名或先移除它")
    }
}
