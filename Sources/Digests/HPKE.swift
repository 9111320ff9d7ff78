/// Hybrid public key encryption (RFC 9180) in base mode, one message at a time, with
/// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM.
package enum HPKE {
    /// A message and what its recipient needs beside his private key.
    package struct Sealed: Hashable, Sendable {
        /// The ephemeral public key.
        package let encapsulated: [UInt8]
        /// The message encrypted, and the tag.
        package let ciphertext: [UInt8]

        package init(encapsulated: [UInt8], ciphertext: [UInt8]) {
            (self.encapsulated, self.ciphertext) = (encapsulated, ciphertext)
        }
    }

    /// Section 7.1.3: the ephemeral key of `material`, 32 random bytes that serve one sender only.
    package static func keyPair(_ material: SecretBytes) -> X25519PrivateKey {
        let root = extract(kem, "dkp_prk", material)
        guard let key = X25519PrivateKey(expand(kem, root, "sk", [], 32)) else {
            preconditionFailure("a key of X25519 has 32 bytes")
        }
        return key
    }

    /// Section 6.1, `Seal`.
    package static func seal(
        _ message: SecretBytes, to recipient: X25519PublicKey, info: [UInt8],
        associated: [UInt8] = [], ephemeral: X25519PrivateKey
    ) -> Sealed {
        Sender(to: recipient, ephemeral: ephemeral)
            .seal(message, info: info, associated: associated)
    }

    /// Who seals several messages to one recipient, each with an `info` of its own: encapsulated
    /// once, each with a key and a nonce of its own, and each opened as if it were the only one.
    ///
    /// No `info` may serve twice: key and nonce would be the same.
    package struct Sender: Sendable {
        private let encapsulated: [UInt8]
        private let secret: SecretBytes

        package init(to recipient: X25519PublicKey, ephemeral: X25519PrivateKey) {
            guard let shared = ephemeral.shared(with: recipient) else {
                preconditionFailure("a public key of low order is not made")
            }
            encapsulated = ephemeral.publicKey.rawBytes
            secret = HPKE.secret(shared, encapsulated, recipient)
        }

        package func seal(
            _ message: SecretBytes, info: [UInt8], associated: [UInt8] = []
        ) -> Sealed {
            let (key, nonce) = HPKE.schedule(secret, info)
            let ciphertext = message.withBytes {
                AES256GCM.seal($0, key: key, nonce: nonce, associated: associated)
            }
            return Sealed(encapsulated: encapsulated, ciphertext: ciphertext)
        }
    }

    /// Section 6.1, `Open`: nil unless it was sealed to this key, for this `info` and these data.
    package static func open(
        _ sealed: Sealed, with recipient: X25519PrivateKey, info: [UInt8],
        associated: [UInt8] = []
    ) -> SecretBytes? {
        guard let ephemeral = X25519PublicKey(sealed.encapsulated),
            let shared = recipient.shared(with: ephemeral)
        else { return nil }
        let (key, nonce) = schedule(
            secret(shared, sealed.encapsulated, recipient.publicKey), info)
        return AES256GCM.open(
            sealed.ciphertext, key: key, nonce: nonce, associated: associated)
    }

    // MARK: - Sections 4 and 5

    private static let version = Array("HPKE-v1".utf8)
    /// DHKEM(X25519, HKDF-SHA256).
    private static let kem = Array("KEM".utf8) + [0x00, 0x20]
    /// The same, HKDF-SHA256, AES-256-GCM.
    private static let suite = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]
    private static let nothing = SecretBytes(copying: [])
    private static let noKeyHash = extract(suite, "psk_id_hash", nothing)
        .withBytes { Array($0) }

    /// Section 4.1: what sender and recipient share.
    private static func secret(
        _ shared: SecretBytes, _ encapsulated: [UInt8], _ recipient: X25519PublicKey
    ) -> SecretBytes {
        let inner = extract(kem, "eae_prk", shared)
        return expand(kem, inner, "shared_secret", encapsulated + recipient.rawBytes, 32)
    }

    /// Section 5.1.
    private static func schedule(
        _ secret: SecretBytes, _ info: [UInt8]
    ) -> (key: SecretBytes, nonce: [UInt8]) {
        // Mode 0, no pre-shared key.
        let context =
            [0] + noKeyHash
            + extract(suite, "info_hash", SecretBytes(copying: info)).withBytes { Array($0) }
        let root = extract(suite, "secret", nothing, salt: secret)
        return (
            expand(suite, root, "key", context, AES256GCM.keyByteCount),
            expand(suite, root, "base_nonce", context, AES256GCM.nonceByteCount)
                .withBytes { Array($0) }
        )
    }

    /// `LabeledExtract`.
    private static func extract(
        _ suite: [UInt8], _ label: String, _ secret: SecretBytes, salt: SecretBytes = nothing
    ) -> SecretBytes {
        let prefix = SecretBytes(copying: version + suite + Array(label.utf8))
        return HKDF.extract(
            .sha256, salt: salt, secret.withBytes { SecretBytes.joined(prefix, $0) })
    }

    /// `LabeledExpand`.
    private static func expand(
        _ suite: [UInt8], _ key: SecretBytes, _ label: String, _ info: [UInt8], _ count: Int
    ) -> SecretBytes {
        let length = [UInt8(count >> 8), UInt8(count & 255)]
        return HKDF.expand(
            .sha256, key, info: length + version + suite + Array(label.utf8) + info,
            count: count)
    }
}
