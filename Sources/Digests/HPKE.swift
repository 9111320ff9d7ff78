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
        let root = extract(.pairRoot, material)
        guard let key = X25519PrivateKey(expand(root, .pairKey, [], 32)) else {
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
        private let root: SecretBytes

        package init(to recipient: X25519PublicKey, ephemeral: X25519PrivateKey) {
            guard let shared = ephemeral.shared(with: recipient) else {
                preconditionFailure("a public key of low order is not made")
            }
            encapsulated = ephemeral.publicKey.rawBytes
            root = HPKE.root(HPKE.secret(shared, encapsulated, recipient))
        }

        package func seal(
            _ message: SecretBytes, info: [UInt8], associated: [UInt8] = []
        ) -> Sealed {
            let (key, nonce) = HPKE.schedule(root, info)
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
            root(secret(shared, sealed.encapsulated, recipient.publicKey)), info)
        return AES256GCM.open(
            sealed.ciphertext, key: key, nonce: nonce, associated: associated)
    }

    // MARK: - Sections 4 and 5

    /// Of a labeled message, all that does not depend on who seals to whom.
    private struct Label {
        let bytes: [UInt8]

        /// `HPKE-v1`, the suite and the label.
        init(_ suite: [UInt8], _ label: String) {
            bytes = Array("HPKE-v1".utf8) + suite + Array(label.utf8)
        }

        /// DHKEM(X25519, HKDF-SHA256).
        private static let kem = Array("KEM".utf8) + [0x00, 0x20]
        /// The same, HKDF-SHA256, AES-256-GCM.
        private static let suite = Array("HPKE".utf8) + [0x00, 0x20, 0x00, 0x01, 0x00, 0x02]

        static let pairRoot = Label(kem, "dkp_prk")
        static let pairKey = Label(kem, "sk")
        static let shared = Label(kem, "eae_prk")
        static let sharedSecret = Label(kem, "shared_secret")
        static let noKey = Label(suite, "psk_id_hash")
        static let info = Label(suite, "info_hash")
        static let secret = Label(suite, "secret")
        static let key = Label(suite, "key")
        static let nonce = Label(suite, "base_nonce")
    }

    private static let nothing = SecretBytes(copying: [])
    private static let noKeyHash = extract(.noKey, nothing).withBytes { Array($0) }

    /// Section 4.1: what sender and recipient share.
    private static func secret(
        _ shared: SecretBytes, _ encapsulated: [UInt8], _ recipient: X25519PublicKey
    ) -> SecretBytes {
        let inner = extract(.shared, shared)
        return expand(inner, .sharedSecret, encapsulated + recipient.rawBytes, 32)
    }

    /// Section 5.1, `secret`: it does not depend on `info`.
    private static func root(_ shared: SecretBytes) -> SecretBytes {
        extract(.secret, nothing, salt: shared)
    }

    /// The rest of section 5.1.
    private static func schedule(
        _ root: SecretBytes, _ info: [UInt8]
    ) -> (key: SecretBytes, nonce: [UInt8]) {
        // Mode 0, no pre-shared key.
        let context =
            [0] + noKeyHash
            + extract(.info, SecretBytes(copying: info)).withBytes { Array($0) }
        return (
            expand(root, .key, context, AES256GCM.keyByteCount),
            expand(root, .nonce, context, AES256GCM.nonceByteCount).withBytes { Array($0) }
        )
    }

    /// `LabeledExtract`.
    private static func extract(
        _ label: Label, _ secret: SecretBytes, salt: SecretBytes = nothing
    ) -> SecretBytes {
        let coder = MessageCoder(.sha256, key: salt)
        coder.start()
        label.bytes.withUnsafeBytes { coder.update($0) }
        secret.withBytes { coder.update($0) }
        return coder.finish()
    }

    /// `LabeledExpand`.
    private static func expand(
        _ key: SecretBytes, _ label: Label, _ info: [UInt8], _ count: Int
    ) -> SecretBytes {
        let length = [UInt8(count >> 8), UInt8(count & 255)]
        return HKDF.expand(.sha256, key, info: length + label.bytes + info, count: count)
    }
}
