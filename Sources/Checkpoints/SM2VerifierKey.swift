package import Digests

/// A public SM2 key with its name, type 0xff: Specs/shangmi.md.
///
/// Its line in a note holds, after the id, the root of the tree by SM3 and the signature in DER.
package struct SM2VerifierKey: Hashable, Sendable, CustomStringConvertible {
    package let name: KeyName
    package let publicKey: SM2PublicKey
    package let id: KeyID

    /// What follows the type byte 0xff, so that nobody else's keys of that type are taken for ours.
    static let identifier = "hanqing/sm2-sm3/v1\n"
    private static let typed: [UInt8] = [0xff] + identifier.utf8

    package init(name: KeyName, publicKey: SM2PublicKey) {
        (self.name, self.publicKey) = (name, publicKey)
        id = KeyID(name: name, payload: SM2VerifierKey.typed + publicKey.point)
    }

    package init(_ text: some StringProtocol) throws(KeyTextError) {
        let parts = try KeyText(text)
        let typed = SM2VerifierKey.typed
        guard parts.payload.starts(with: typed) else { throw .unknownType }
        guard let key = SM2PublicKey(parts.payload.dropFirst(typed.count))
        else { throw .wrongLength }
        self.init(name: parts.name, publicKey: key)
        guard parts.id == id.description else { throw .wrongID(stated: parts.id, computed: id) }
    }

    package var description: String {
        "\(name)+\(id)+\(Base64.encode(SM2VerifierKey.typed + publicKey.point))"
    }

    /// What is signed: the tree by SM3 is bound to the one that the text speaks of.
    package static func message(_ root: Digest, _ text: [UInt8]) -> [UInt8] {
        Array("\(identifier)sm3 \(Base64.encode(root.bytes))\n".utf8) + text
    }

    /// The root by SM3 that this key has signed in `note`; nil if it has no line there.
    ///
    /// A line of this key must verify.
    package func root(in note: SignedNote) throws(NoteError) -> Digest? {
        var signed: Digest?
        for line in note.signatures where line.name == name && line.id == id {
            guard let root = Digest(line.bytes.prefix(Digest.byteCount)),
                publicKey.isValid(
                    signature: line.bytes.dropFirst(Digest.byteCount),
                    of: SM2VerifierKey.message(root, note.text)),
                signed == nil || signed == root
            else { throw .invalidSignature(name, id) }
            signed = root
        }
        return signed
    }
}

/// A private SM2 key with its name.
package struct SM2SignerKey: Sendable {
    package let verifierKey: SM2VerifierKey
    package let privateKey: SM2PrivateKey

    package init(name: KeyName, privateKey: SM2PrivateKey) {
        self.privateKey = privateKey
        verifierKey = SM2VerifierKey(name: name, publicKey: privateKey.publicKey)
    }

    /// The line for a checkpoint's text, over the same records with `root` by SM3.
    package func sign(_ text: [UInt8], root: Digest) -> NoteSignature {
        NoteSignature(
            name: verifierKey.name, id: verifierKey.id,
            bytes: root.bytes + privateKey.sign(SM2VerifierKey.message(root, text)))
    }
}
