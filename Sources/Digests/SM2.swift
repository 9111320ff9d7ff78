private import COpenSSL

/// The user id of GB/T 32918.2 and GM/T 0009 where nothing else is agreed on.
private let distinguishingID = Array("1234567812345678".utf8)

/// A private key for SM2 signatures (GB/T 32918.2) over SM3.
package struct SM2PrivateKey: Sendable {
    private let key: KeyObject
    package let publicKey: SM2PublicKey

    private init(_ key: KeyObject) {
        self.key = key
        publicKey = SM2PublicKey(of: key)
    }

    package static func generate() -> SM2PrivateKey {
        SM2PrivateKey(.generate("SM2"))
    }

    /// Reads PKCS#8 in PEM, encrypted or not.
    package init(pem: SecretBytes, passphrase: SecretBytes?) throws(KeyFileError) {
        let key = try KeyObject(pem: pem, passphrase: passphrase)
        guard key.isA("SM2") else { throw .unreadable }
        self.init(key)
    }

    package func encryptedPEM(_ passphrase: SecretBytes) -> [UInt8] {
        key.encryptedPEM(passphrase)
    }

    package var plainPEM: SecretBytes { key.plainPEM }

    /// The signature in DER, a sequence of r and s; each one is different.
    package func sign(_ message: some Collection<UInt8>) -> [UInt8] {
        let message = Array(message)
        var signature = [UInt8](repeating: 0, count: SM2PublicKey.signatureByteCountMax)
        var count = signature.count
        key.withContext { context, key in
            var inner: OpaquePointer?
            demand(EVP_DigestSignInit_ex(context, &inner, "SM3", nil, nil, key, nil))
            demand(EVP_PKEY_CTX_set1_id(inner, distinguishingID, Int32(distinguishingID.count)))
            demand(EVP_DigestSign(context, &signature, &count, message, message.count))
        }
        return Array(signature.prefix(count))
    }
}

/// A public key for SM2.
package struct SM2PublicKey: Hashable, Sendable {
    private let key: KeyObject
    /// The point, uncompressed: 0x04, x, y.
    package let point: [UInt8]

    package static let pointByteCount = 65
    /// DER of two numbers of 32 bytes.
    package static let signatureByteCountMax = 72

    /// The key with this point, or nil if it is none of the curve, or not uncompressed.
    package init?(_ point: some Collection<UInt8>) {
        let bytes = Array(point)
        guard bytes.count == SM2PublicKey.pointByteCount, bytes[0] == 4,
            let key = hanqing_sm2_public_key(bytes, bytes.count)
        else {
            ERR_clear_error()
            return nil
        }
        self.key = KeyObject(key)
        self.point = bytes
    }

    fileprivate init(of key: KeyObject) {
        self.key = key
        var bytes = [UInt8](repeating: 0, count: SM2PublicKey.pointByteCount)
        var count = 0
        key.withKey { pointer in
            demand(
                EVP_PKEY_get_octet_string_param(pointer, "pub", &bytes, bytes.count, &count))
        }
        precondition(count == bytes.count && bytes[0] == 4, "a point is uncompressed")
        point = bytes
    }

    /// SubjectPublicKeyInfo in PEM.
    package var pem: [UInt8] { key.publicPEM }

    /// Whether `signature`, in DER, is this key's.
    package func isValid(
        signature: some Collection<UInt8>, of message: some Collection<UInt8>
    ) -> Bool {
        let (signature, message) = (Array(signature), Array(message))
        guard !signature.isEmpty, signature.count <= SM2PublicKey.signatureByteCountMax else {
            return false
        }
        var verdict: Int32 = 0
        key.withContext { context, key in
            var inner: OpaquePointer?
            demand(EVP_DigestVerifyInit_ex(context, &inner, "SM3", nil, nil, key, nil))
            demand(EVP_PKEY_CTX_set1_id(inner, distinguishingID, Int32(distinguishingID.count)))
            verdict = EVP_DigestVerify(
                context, signature, signature.count, message, message.count)
        }
        ERR_clear_error()
        return verdict == 1
    }

    package static func == (left: SM2PublicKey, right: SM2PublicKey) -> Bool {
        left.point == right.point
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(point)
    }
}
