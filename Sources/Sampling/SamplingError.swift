package import Phrases

/// The sample is not one that can be grown.
package struct SamplingError: Error, Hashable, Sendable, CustomStringConvertible {
    package let phrase: Phrase

    init(en: String, zh: String) {
        phrase = Phrase(en: en, zh: zh)
    }

    package var description: String { phrase.en }
}
