private import COpenSSL

/// SHA-256 by OpenSSL's libcrypto.
///
/// An instance keeps a fetched algorithm and a context, because an implicit fetch costs more than
/// hashing a small record. It is not Sendable: each task makes its own.
package final class SHA256 {
    private let algorithm: OpaquePointer
    private let context: OpaquePointer

    package init() {
        guard let algorithm = EVP_MD_fetch(nil, "SHA2-256", nil), let context = EVP_MD_CTX_new()
        else { preconditionFailure("libcrypto has no SHA-256, or memory is exhausted") }
        self.algorithm = algorithm
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
    }

    /// Starts a new message; ``update(_:)`` and ``finish()`` follow.
    package func start() {
        demand(EVP_DigestInit_ex2(context, algorithm, nil))
    }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        demand(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
    }

    package func finish() -> Digest {
        var digest = Digest()
        digest.withUnsafeMutableBytes { raw in
            demand(EVP_DigestFinal_ex(context, raw.bindMemory(to: UInt8.self).baseAddress, nil))
        }
        return digest
    }

    package func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        start()
        update(bytes)
        return finish()
    }

    package static func digest(of bytes: some Sequence<UInt8>) -> Digest {
        let array = Array(bytes)
        return array.withUnsafeBytes { SHA256().digest(of: $0) }
    }

    /// libcrypto's digest calls fail only when memory is exhausted; no answer is better than a
    /// wrong hash.
    private func demand(_ result: Int32) {
        precondition(result == 1, "libcrypto could not hash")
    }
}
