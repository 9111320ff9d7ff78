package import Digests

/// A private key with its name, in the form that Go's note package gave it:
/// `PRIVATE+KEY+<name>+<id>+<base64 of 0x01 and the seed>`.
///
/// It does not describe itself, so that a log line or a message cannot give it away.
package struct SignerKey: Sendable {
    package let name: KeyName
    package let privateKey: Ed25519PrivateKey
    /// What others check this key's signatures of notes with.
    package let verifierKey: VerifierKey
    /// What others check this key's cosignatures with: the same key under another id.
    package let cosignerKey: VerifierKey

    package init(name: KeyName, privateKey: Ed25519PrivateKey) {
        (self.name, self.privateKey) = (name, privateKey)
        let publicKey = privateKey.publicKey
        verifierKey = VerifierKey(name: name, type: .ed25519, publicKey: publicKey)
        cosignerKey = VerifierKey(name: name, type: .cosignature, publicKey: publicKey)
    }

    /// Reads a key file: ``secretText`` and an LF, or PKCS#8 in PEM, which holds no name.
    ///
    /// Nil if it is neither, or of another name.
    package init?(
        file: SecretBytes, name: KeyName, passphrase: SecretBytes?
    ) throws(KeyFileError) {
        let isPEM = file.withBytes { $0.starts(with: "-----BEGIN".utf8) }
        guard !isPEM else {
            self.init(
                name: name,
                privateKey: try Ed25519PrivateKey(pem: file, passphrase: passphrase))
            return
        }
        let key = file.prefix(before: 0x0a).withBytes { line in
            try? SignerKey(secretText: String(decoding: line, as: UTF8.self))
        }
        guard let key, key.name == name else { return nil }
        self = key
    }

    package static func generate(name: KeyName) -> SignerKey {
        SignerKey(name: name, privateKey: .generate())
    }

    private static let prefix = "PRIVATE+KEY+"

    /// Reads ``secretText``; no error tells anything of the secret.
    package init(secretText: some StringProtocol) throws(KeyTextError) {
        guard secretText.utf8.starts(with: SignerKey.prefix.utf8) else { throw .malformed }
        let parts = try KeyText(secretText.dropFirst(SignerKey.prefix.count))
        guard parts.payload.first == SignatureType.ed25519.rawValue else { throw .unknownType }
        guard let key = Ed25519PrivateKey(seed: parts.payload.dropFirst())
        else { throw .wrongLength }
        self.init(name: parts.name, privateKey: key)
        guard parts.id == verifierKey.id.description
        else { throw .wrongID(stated: parts.id, computed: verifierKey.id) }
    }

    /// The line for the key file, without LF.
    ///
    /// Whoever has it can sign as this key.
    package var secretText: String {
        let payload = Base64.encode([SignatureType.ed25519.rawValue] + privateKey.seed)
        return "\(SignerKey.prefix)\(name)+\(verifierKey.id)+\(payload)"
    }

    /// The signature line for a note's text.
    package func sign(_ text: [UInt8]) -> NoteSignature {
        NoteSignature(name: name, id: verifierKey.id, bytes: privateKey.sign(text))
    }

    /// The cosignature line for a checkpoint's text, stating that at `seconds` since 1970 this was
    /// the largest consistent tree that this witness had seen.
    package func cosign(_ text: [UInt8], seconds: UInt64) -> NoteSignature? {
        guard let message = Cosignature.message(seconds: seconds, text: text) else { return nil }
        let cosignature = Cosignature(seconds: seconds, signature: privateKey.sign(message))
        return NoteSignature(name: name, id: cosignerKey.id, bytes: cosignature.bytes)
    }
}
