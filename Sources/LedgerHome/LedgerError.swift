package import Catalogue
package import LedgerStore
package import Phrases

/// Why a ledger could not answer.
package struct LedgerError: Error, Hashable, Sendable {
    /// One sentence, or several lines where a catalogue has several faults.
    package let phrases: [Phrase]

    package init(_ phrases: [Phrase]) {
        self.phrases = phrases
    }

    package init(en: String, zh: String) {
        phrases = [Phrase(en: en, zh: zh)]
    }

    package init(_ error: StoreError) {
        phrases = [error.reason]
    }

    package init(_ errors: CatalogueErrors) {
        phrases = errors.errors.map(\.phrase)
    }
}
