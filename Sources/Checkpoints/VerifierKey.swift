package import Digests

/// What a signature line signs, and how: the type byte of c2sp.org/signed-note.
package enum SignatureType: UInt8, Sendable, CaseIterable {
    /// The text, by Ed25519: what a log does.
    case ed25519 = 0x01
    /// The text and the time, by Ed25519: what a witness does (c2sp.org/tlog-cosignature).
    case cosignature = 0x04
}

/// The first four bytes of SHA-256(name ‖ LF ‖ type ‖ public key): tells keys of one name apart.
///
/// It is too short to be evidence.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(name: KeyName, type: SignatureType, key: Ed25519PublicKey) {
        self.init(name: name, payload: [type.rawValue] + key.rawBytes)
    }

    /// `payload` is what a verifier key's text holds: the type and the public key.
    init(name: KeyName, payload: [UInt8]) {
        let digest = SHA256.digest(of: Array(name.text.utf8) + [0x0a] + payload)
        rawValue = digest.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Big-endian, as a signature line holds them.
    package var bytes: [UInt8] { withUnsafeBytes(of: rawValue.bigEndian) { Array($0) } }
    package var description: String { Hex.encode(bytes) }
}

/// A public key with its name, as `<name>+<id>+<base64>` (c2sp.org/signed-note, verifier keys).
package struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    package let name: KeyName
    package let type: SignatureType
    package let publicKey: Ed25519PublicKey
    package let id: KeyID

    package init(name: KeyName, type: SignatureType, publicKey: Ed25519PublicKey) {
        (self.name, self.type, self.publicKey) = (name, type, publicKey)
        id = KeyID(name: name, type: type, key: publicKey)
    }

    package init(_ text: some StringProtocol) throws(KeyTextError) {
        let parts = try KeyText(text)
        guard let first = parts.payload.first, let type = SignatureType(rawValue: first)
        else { throw .unknownType }
        guard let key = Ed25519PublicKey(parts.payload.dropFirst()) else { throw .wrongLength }
        self.init(name: parts.name, type: type, publicKey: key)
        guard parts.id == id.description else { throw .wrongID(stated: parts.id, computed: id) }
    }

    package var description: String {
        "\(name)+\(id)+\(Base64.encode([type.rawValue] + publicKey.rawBytes))"
    }

    /// Whether `signature`, the bytes after the key id in a signature line, is this key's signature
    /// of a note's text.
    package func isValid(signature: some Collection<UInt8>, of text: [UInt8]) -> Bool {
        switch type {
        case .ed25519:
            publicKey.isValid(signature: signature, of: text)
        case .cosignature:
            Cosignature(bytes: signature)?.isValid(by: publicKey, of: text) ?? false
        }
    }
}

/// A name, an id and bytes, joined by `+`: the shape of verifier and signer keys.
struct KeyText {
    let name: KeyName
    let id: String
    let payload: [UInt8]

    init(_ text: some StringProtocol) throws(KeyTextError) {
        // The name holds no `+` and the id is hexadecimal, but base64 may hold one.
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard text.utf8.count <= 1024, parts.count == 3 else { throw .malformed }
        guard let name = KeyName(String(parts[0])) else { throw .badName }
        guard let payload = Base64.decode(parts[2]) else { throw .badBase64 }
        (self.name, self.id, self.payload) = (name, String(parts[1]), payload)
    }
}
