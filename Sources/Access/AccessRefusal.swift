package import Phrases

/// Why a token lets nobody in: Specs/access.md section 10.
package struct AccessRefusal: Error, Hashable, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        /// Not in the form of a token.
        case malformed
        /// In the form of a token, with a wrong checksum: a typing error, or cut off.
        case mistyped
        /// No token of this ledger.
        case unknown
        /// A line of the tokens' file that no record stands for.
        case unrecorded
        case expired
        case revoked
    }

    package let code: Code
    package let phrase: Phrase

    init(_ code: Code, en: String, zh: String) {
        (self.code, phrase) = (code, Phrase(en: en, zh: zh))
    }
}

/// What is wrong with tokens that are written down, and where.
package struct AccessError: Error, Hashable, Sendable {
    package let phrase: Phrase

    package init(_ phrase: Phrase) {
        self.phrase = phrase
    }

    init(en: String, zh: String) {
        phrase = Phrase(en: en, zh: zh)
    }
}
