private import COpenSSL

/// A private key for X25519 (RFC 7748).
package struct X25519PrivateKey: Sendable {
    private let key: KeyObject
    package let publicKey: X25519PublicKey

    package static let byteCount = 32

    /// The key with these bytes, or nil unless there are 32.
    package init?(_ bytes: SecretBytes) {
        guard bytes.count == X25519PrivateKey.byteCount else { return nil }
        self.init(
            bytes.withBytes { raw in
                KeyObject(
                    EVP_PKEY_new_raw_private_key_ex(
                        nil, "X25519", nil, raw.bindMemory(to: UInt8.self).baseAddress, raw.count)
                )
            })
    }

    package static func generate() -> X25519PrivateKey { X25519PrivateKey(.generate("X25519")) }

    private init(_ key: KeyObject) {
        self.key = key
        publicKey = X25519PublicKey(of: key)
    }

    /// Reads PKCS#8 in PEM (RFC 8410), encrypted or not.
    package init(pem: SecretBytes, passphrase: SecretBytes?) throws(KeyFileError) {
        let key = try KeyObject(pem: pem, passphrase: passphrase)
        guard key.isA("X25519") else { throw .unreadable }
        self.init(key)
    }

    /// PKCS#8 in PEM, encrypted: what ``init(pem:passphrase:)`` reads, and `openssl pkey`.
    package func encryptedPEM(_ passphrase: SecretBytes) -> [UInt8] {
        key.encryptedPEM(passphrase)
    }

    package var plainPEM: SecretBytes { key.plainPEM }

    /// The secret shared with the holder of `other`; nil if `other` is a point of low order, with
    /// which everybody shares the same (RFC 7748 section 6.1).
    package func shared(with other: X25519PublicKey) -> SecretBytes? {
        let secret = SecretBytes(capacity: X25519PrivateKey.byteCount) { target in
            key.withKey { own in
                guard let context = EVP_PKEY_CTX_new_from_pkey(nil, own, nil) else {
                    preconditionFailure("memory is exhausted")
                }
                defer { EVP_PKEY_CTX_free(context) }
                var count = target.count
                let isDone = other.key.withKey { other in
                    EVP_PKEY_derive_init(context) == 1
                        && EVP_PKEY_derive_set_peer(context, other) == 1
                        && EVP_PKEY_derive(
                            context, target.bindMemory(to: UInt8.self).baseAddress, &count) == 1
                }
                ERR_clear_error()
                return isDone ? count : 0
            }
        }
        return secret.count == X25519PrivateKey.byteCount ? secret : nil
    }
}

/// A public key for X25519.
package struct X25519PublicKey: Hashable, Sendable {
    fileprivate let key: KeyObject
    package let rawBytes: [UInt8]

    package static let byteCount = 32

    /// The key with these bytes, or nil unless there are 32 and they are no point of low order.
    package init?(_ rawBytes: some Collection<UInt8>) {
        guard rawBytes.count == X25519PublicKey.byteCount else { return nil }
        let bytes = Array(rawBytes)
        self.init(
            KeyObject(EVP_PKEY_new_raw_public_key_ex(nil, "X25519", nil, bytes, bytes.count)),
            bytes)
        guard X25519PrivateKey.generate().shared(with: self) != nil else { return nil }
    }

    /// SubjectPublicKeyInfo (RFC 8410) in PEM or DER, or the key's bytes; nil if it is another one.
    package init?(file: [UInt8]) {
        guard file.count != X25519PublicKey.byteCount else {
            self.init(file)
            return
        }
        guard let key = KeyObject(publicKeyFile: file), key.isA("X25519") else { return nil }
        self.init(key.raw(EVP_PKEY_get_raw_public_key))
    }

    /// SubjectPublicKeyInfo in PEM.
    package var pem: [UInt8] { key.publicPEM }

    fileprivate init(of privateKey: KeyObject) {
        self.init(privateKey, privateKey.raw(EVP_PKEY_get_raw_public_key))
    }

    private init(_ key: KeyObject, _ rawBytes: [UInt8]) {
        (self.key, self.rawBytes) = (key, rawBytes)
    }

    package static func == (left: X25519PublicKey, right: X25519PublicKey) -> Bool {
        left.rawBytes == right.rawBytes
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(rawBytes) }
}
