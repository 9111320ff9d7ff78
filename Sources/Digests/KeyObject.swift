private import COpenSSL

/// An `EVP_PKEY` and its lifetime.
///
/// Sendable is sound: `pointer` never changes, an EVP_PKEY is not modified after it was made,
/// libcrypto locks its inner caches and counts references atomically, and the contexts, which are
/// not thread-safe, are made anew for each call and seen by no other thread.
final class KeyObject: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes `pointer` over.
    init(_ pointer: OpaquePointer?) {
        guard let pointer else {
            preconditionFailure("libcrypto has no such keys, or memory is exhausted")
        }
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    func withKey<Result>(_ body: (OpaquePointer) -> Result) -> Result { body(pointer) }

    func withContext(_ body: (OpaquePointer, OpaquePointer) -> Void) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("memory is exhausted") }
        body(context, pointer)
        EVP_MD_CTX_free(context)
    }

    func raw(
        _ get: (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?) -> Int32
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 32)
        var count = bytes.count
        demand(get(pointer, &bytes, &count))
        return bytes
    }

    func isA(_ name: String) -> Bool { EVP_PKEY_is_a(pointer, name) == 1 }

    /// A new key of the type that libcrypto calls `name`.
    static func generate(_ name: String) -> KeyObject {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, name, nil) else {
            preconditionFailure("libcrypto has no \(name)")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        demand(EVP_PKEY_keygen_init(context))
        demand(EVP_PKEY_generate(context, &key))
        return KeyObject(key)
    }
}

/// These calls fail only when memory is exhausted or the library is broken; a verdict on a
/// signature is not asked through here.
func demand(_ result: Int32) {
    precondition(result == 1, "libcrypto could not use a key")
}

// MARK: - PKCS#8

/// Why a key's PEM could not be read.
package enum KeyFileError: Error, Hashable, Sendable {
    /// It is no private key in PEM, or of another kind.
    case unreadable
    /// It is encrypted, and no passphrase was given.
    case passphraseNeeded
    /// It is encrypted, and not under this passphrase.
    case wrongPassphrase
}

extension KeyObject {
    /// Reads a private key in PKCS#8 (RFC 5958) in PEM, encrypted or not.
    convenience init(pem: SecretBytes, passphrase: SecretBytes?) throws(KeyFileError) {
        let isEncrypted = pem.withBytes { bytes in
            bytes.starts(with: "-----BEGIN ENCRYPTED PRIVATE KEY-----".utf8)
        }
        guard passphrase != nil || !isEncrypted else { throw .passphraseNeeded }
        let key = pem.withBytes { bytes -> OpaquePointer? in
            guard let text = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else {
                return nil
            }
            defer { BIO_free(text) }
            // The callback is given the object that holds the passphrase; it only borrows it.
            let given = passphrase.map { Unmanaged.passUnretained($0).toOpaque() }
            return withExtendedLifetime(passphrase) {
                PEM_read_bio_PrivateKey(text, nil, givePassphrase, given)
            }
        }
        ERR_clear_error()
        guard let key else { throw isEncrypted ? .wrongPassphrase : .unreadable }
        self.init(key)
    }

    /// Reads SubjectPublicKeyInfo in PEM or DER; nil if it is neither.
    convenience init?(publicKeyFile file: [UInt8]) {
        let key = file.withUnsafeBufferPointer { raw -> OpaquePointer? in
            var place = raw.baseAddress
            guard let text = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else {
                return nil
            }
            defer { BIO_free(text) }
            return PEM_read_bio_PUBKEY(text, nil, nil, nil) ?? d2i_PUBKEY(nil, &place, raw.count)
        }
        ERR_clear_error()
        guard let key else { return nil }
        self.init(key)
    }

    /// PKCS#8 in PEM under PBES2 (RFC 8018): AES-256-CBC with a key by scrypt (RFC 7914),
    /// N = 2^14, r = 8, p = 5: 16 MiB and about a tenth of a second a guess.
    ///
    /// OWASP's Password Storage Cheat Sheet has these numbers; more memory than that the `openssl`
    /// command would not read with its bound of 32 MiB.
    func encryptedPEM(_ passphrase: SecretBytes) -> [UInt8] {
        var salt = RandomBytes.make(count: 16)
        var vector = RandomBytes.make(count: 16)
        guard
            let method = PKCS5_pbe2_set_scrypt(
                EVP_aes_256_cbc(), &salt, 16, &vector, 1 << 14, 8, 5),
            let plain = EVP_PKEY2PKCS8(pointer)
        else { preconditionFailure("libcrypto has no scrypt, or memory is exhausted") }
        // Freed with what it holds, which libcrypto overwrites.
        defer { PKCS8_PRIV_KEY_INFO_free(plain) }
        let encrypted = passphrase.withBytes { bytes in
            PKCS8_set0_pbe(
                bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), plain, method)
        }
        guard let encrypted, let text = BIO_new(BIO_s_mem()) else {
            preconditionFailure("libcrypto could not encrypt a key")
        }
        defer {
            X509_SIG_free(encrypted)
            BIO_free(text)
        }
        demand(PEM_write_bio_PKCS8(text, encrypted))
        return contents(of: text)
    }

    /// PKCS#8 in PEM, in clear.
    var plainPEM: SecretBytes {
        // Secure memory is overwritten when it is freed.
        guard let text = BIO_new(BIO_s_secmem()) else { preconditionFailure("memory is exhausted") }
        defer { BIO_free(text) }
        demand(PEM_write_bio_PKCS8PrivateKey(text, pointer, nil, nil, 0, nil, nil))
        return SecretBytes(capacity: Int(BIO_ctrl_pending(text))) { target in
            Int(BIO_read(text, target.baseAddress, Int32(target.count)))
        }
    }

    /// SubjectPublicKeyInfo in PEM, as the `openssl` command reads it.
    var publicPEM: [UInt8] {
        guard let text = BIO_new(BIO_s_mem()) else { preconditionFailure("memory is exhausted") }
        defer { BIO_free(text) }
        demand(PEM_write_bio_PUBKEY(text, pointer))
        return contents(of: text)
    }

    private func contents(of text: OpaquePointer) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(text)))
        let count = BIO_read(text, &bytes, Int32(bytes.count))
        return Array(bytes.prefix(Int(max(0, count))))
    }
}

/// libcrypto's way to ask for a passphrase: `context` is a `SecretBytes`.
private func givePassphrase(
    _ target: UnsafeMutablePointer<CChar>?, _ capacity: Int32, _ isForWriting: Int32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let target, let context else { return -1 }
    let secret = Unmanaged<SecretBytes>.fromOpaque(context).takeUnretainedValue()
    return secret.withBytes { bytes in
        guard bytes.count <= capacity else { return -1 }
        UnsafeMutableRawPointer(target).copyMemory(
            from: bytes.baseAddress ?? UnsafeRawPointer(target), byteCount: bytes.count)
        return Int32(bytes.count)
    }
}
