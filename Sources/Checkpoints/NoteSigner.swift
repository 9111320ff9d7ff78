package import Phrases

/// Who signs notes for one key: the key itself, or a program that holds it.
package protocol NoteSigner: Sendable {
    /// What others check the signatures with.
    var verifierKey: VerifierKey { get }

    /// The signature line for a note's text.
    func signature(of text: [UInt8]) async throws(SigningError) -> NoteSignature
}

extension SignerKey: NoteSigner {
    package func signature(of text: [UInt8]) async throws(SigningError) -> NoteSignature {
        sign(text)
    }
}

/// Why nothing could be signed.
package struct SigningError: Error, Hashable, Sendable {
    package let phrase: Phrase

    package init(en: String, zh: String) {
        phrase = Phrase(en: en, zh: zh)
    }
}
