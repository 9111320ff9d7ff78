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
        key = KeyObject(EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, bytes, bytes.count))
        publicKey = Ed25519PublicKey(of: key)
    }

    package static func generate() -> Ed25519PrivateKey {
        guard let key = Ed25519PrivateKey(seed: RandomBytes.make(count: seedByteCount))
        else { preconditionFailure("a seed has 32 bytes") }
        return key
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

/// An `EVP_PKEY` and its lifetime.
///
/// Sendable is sound: `pointer` never changes, an EVP_PKEY is not modified after it was made from
/// raw bytes, libcrypto locks its inner caches and counts references atomically, and the context,
/// which is not thread-safe, is made anew for each call and seen by no other thread.
private final class KeyObject: @unchecked Sendable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer?) {
        guard let pointer else {
            preconditionFailure("libcrypto has no Ed25519, or memory is exhausted")
        }
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

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
}

/// These calls fail only when memory is exhausted or the library is broken; a verdict on a
/// signature is not asked through here.
private func demand(_ result: Int32) {
    precondition(result == 1, "libcrypto could not use an Ed25519 key")
}
