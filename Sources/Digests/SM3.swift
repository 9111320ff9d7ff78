private import COpenSSL

/// SM3 (GB/T 32905) by OpenSSL's libcrypto: 32 bytes, as SHA-256 has.
///
/// Not Sendable, like ``SHA256``: each task makes its own.
package final class SM3 {
    private let algorithm: OpaquePointer
    private let context: OpaquePointer

    package init() {
        guard let algorithm = EVP_MD_fetch(nil, "SM3", nil), let context = EVP_MD_CTX_new()
        else { preconditionFailure("libcrypto has no SM3, or memory is exhausted") }
        self.algorithm = algorithm
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
        EVP_MD_free(algorithm)
    }

    /// The digest of `first` and `parts`, one after another.
    package func digest(_ first: UInt8?, _ parts: UnsafeRawBufferPointer...) -> Digest {
        demand(EVP_DigestInit_ex2(context, algorithm, nil))
        if var first { demand(EVP_DigestUpdate(context, &first, 1)) }
        for part in parts { demand(EVP_DigestUpdate(context, part.baseAddress, part.count)) }
        var digest = Digest()
        digest.withUnsafeMutableBytes { raw in
            demand(EVP_DigestFinal_ex(context, raw.bindMemory(to: UInt8.self).baseAddress, nil))
        }
        return digest
    }

    package static func digest(of bytes: some Sequence<UInt8>) -> Digest {
        Array(bytes).withUnsafeBytes { SM3().digest(nil, $0) }
    }
}
