private import COpenSSL

/// A private key for Ed25519 (RFC 8032 section 5.1), parsed once and used for every signature.
package struct Ed25519PrivateKey: Sendable {
    private let key: KeyObject
    package let publicKey: Ed25519PublicKey

    package static let seedByteCount = 32

    /// The key of this seed, or nil unless the seed has 32 bytes.
    package init?(seed: some Collection<UInt8>) {
        guard seed.count == Ed25519PrivateKey.seedByteCount else { return nil }
        let bytes = Array(seed)
        self.init(
            KeyObject(
                EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, bytes, bytes.count)))
    }

    package static func generate() -> Ed25519PrivateKey {
        Ed25519PrivateKey(.generate("ED25519"))
    }

    private init(_ key: KeyObject) {
        self.key = key
        publicKey = Ed25519PublicKey(of: key)
    }

    /// Reads PKCS#8 in PEM (RFC 8410), encrypted or not.
    package init(pem: SecretBytes, passphrase: SecretBytes?) throws(KeyFileError) {
        let key = try KeyObject(pem: pem, passphrase: passphrase)
        guard key.isA("ED25519") else { throw .unreadable }
        self.init(key)
    }

    /// PKCS#8 in PEM, encrypted: what ``init(pem:passphrase:)`` reads, and `openssl pkey`.
    package func encryptedPEM(_ passphrase: SecretBytes) -> [UInt8] {
        key.encryptedPEM(passphrase)
    }

    /// The secret itself, for the one file that keeps it.
    package var seed: [UInt8] { key.raw(EVP_PKEY_get_raw_private_key) }

    /// The signature, 64 bytes; the same message always gets the same one.
    package func sign(_ message: some Collection<UInt8>) -> [UInt8] {
        let message = Array(message)
        var signature = [UInt8](repeating: 0, count: Ed25519PublicKey.signatureByteCount)
        var count = signature.count
        key.withContext { context, key in
            demand(EVP_DigestSignInit_ex(context, nil, nil, nil, nil, key, nil))
            demand(EVP_DigestSign(context, &signature, &count, message, message.count))
        }
        precondition(count == signature.count, "an Ed25519 signature has 64 bytes")
        return signature
    }
}

/// A public key for Ed25519.
package struct Ed25519PublicKey: Hashable, Sendable {
    private let key: KeyObject
    package let rawBytes: [UInt8]

    package static let byteCount = 32
    package static let signatureByteCount = 64

    /// The key with these bytes, or nil unless there are 32.
    ///
    /// Bytes that are no point of the curve make a key under which no signature is valid.
    package init?(_ rawBytes: some Collection<UInt8>) {
        guard rawBytes.count == Ed25519PublicKey.byteCount else { return nil }
        let bytes = Array(rawBytes)
        key = KeyObject(EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count))
        self.rawBytes = bytes
    }

    /// The key in the file of a device or a program: SubjectPublicKeyInfo (RFC 8410) in PEM or DER,
    /// or its bytes; nil if it is another one.
    package init?(file: [UInt8]) {
        if file.count == Ed25519PublicKey.byteCount {
            self.init(file)
        } else {
            guard let key = KeyObject(publicKeyFile: file), key.isA("ED25519") else { return nil }
            self.init(of: key)
        }
    }

    /// The public half of a private key.
    fileprivate init(of privateKey: KeyObject) {
        key = privateKey
        rawBytes = privateKey.raw(EVP_PKEY_get_raw_public_key)
    }

    package func isValid(
        signature: some Collection<UInt8>, of message: some Collection<UInt8>
    ) -> Bool {
        guard signature.count == Ed25519PublicKey.signatureByteCount else { return false }
        let (signature, message) = (Array(signature), Array(message))
        var verdict: Int32 = 0
        key.withContext { context, key in
            demand(EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, key, nil))
            verdict = EVP_DigestVerify(
                context, signature, signature.count, message, message.count)
        }
        return verdict == 1
    }

    package static func == (left: Ed25519PublicKey, right: Ed25519PublicKey) -> Bool {
        left.rawBytes == right.rawBytes
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(rawBytes)
    }
}
