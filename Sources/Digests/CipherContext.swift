private import COpenSSL

/// An `EVP_CIPHER` that is fetched once and kept for good: a fetch costs as much as encrypting a
/// name.
///
/// Sendable is sound: libcrypto counts its references atomically and never changes what it holds.
struct FetchedCipher: @unchecked Sendable {
    fileprivate let pointer: OpaquePointer

    static let aes256GCM = FetchedCipher("AES-256-GCM")
    static let sm4CTR = FetchedCipher("SM4-CTR")

    private init(_ name: String) {
        guard let pointer = EVP_CIPHER_fetch(nil, name, nil) else {
            preconditionFailure("libcrypto has no \(name), or memory is exhausted")
        }
        self.pointer = pointer
    }
}

/// An `EVP_CIPHER_CTX` under one key, for one message.
final class CipherContext {
    private let context: OpaquePointer
    private let isForWriting: Bool

    init(_ cipher: FetchedCipher, key: SecretBytes, vector: [UInt8], isForWriting: Bool) {
        guard let context = EVP_CIPHER_CTX_new() else {
            preconditionFailure("memory is exhausted")
        }
        let algorithm = cipher.pointer
        precondition(
            key.count == EVP_CIPHER_get_key_length(algorithm)
                && vector.count == EVP_CIPHER_get_iv_length(algorithm), "a key of another cipher")
        (self.context, self.isForWriting) = (context, isForWriting)
        key.withBytes { key in
            demand(
                EVP_CipherInit_ex2(
                    context, algorithm, key.bindMemory(to: UInt8.self).baseAddress, vector,
                    isForWriting ? 1 : 0, nil))
        }
    }

    deinit {
        // It overwrites what it holds.
        EVP_CIPHER_CTX_free(context)
    }

    /// Data that are bound to the message and not part of it.
    func associate(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        var count: Int32 = 0
        demand(EVP_CipherUpdate(context, nil, &count, bytes, Int32(bytes.count)))
    }

    /// Turns `source` into as many bytes at `target`.
    func run(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) {
        precondition(
            source.count <= target.count && source.count <= Int(Int32.max), "no room for it")
        guard source.count > 0 else { return }
        var count: Int32 = 0
        demand(
            EVP_CipherUpdate(
                context, target.bindMemory(to: UInt8.self).baseAddress, &count,
                source.bindMemory(to: UInt8.self).baseAddress, Int32(source.count)))
        precondition(Int(count) == source.count, "a stream cipher keeps the length")
    }

    /// Ends a message that was written, and gives its tag.
    func tag(count: Int) -> [UInt8] {
        precondition(isForWriting && finish(), "libcrypto could not encrypt")
        var tag = [UInt8](repeating: 0, count: count)
        demand(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(count), &tag))
        return tag
    }

    /// Ends a message that was read: whether it is the one that got this tag.
    func ends(with tag: [UInt8]) -> Bool {
        var tag = tag
        demand(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag))
        return finish()
    }

    private func finish() -> Bool {
        var (rest, count): ([UInt8], Int32) = ([UInt8](repeating: 0, count: 32), 0)
        return EVP_CipherFinal_ex(context, &rest, &count) == 1 && count == 0
    }
}
