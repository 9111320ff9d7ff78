private import COpenSSL

/// A key by scrypt (RFC 7914): slow, and it needs memory, so that short secrets are not tried out.
package struct Scrypt: Hashable, Sendable {
    /// N, a power of two; memory is 128 · N · r bytes.
    package let cost: UInt64
    /// The r of the standard.
    package let blockSize: UInt64
    /// The p of the standard.
    package let parallelism: UInt64

    package init(cost: UInt64, blockSize: UInt64, parallelism: UInt64) {
        (self.cost, self.blockSize, self.parallelism) = (cost, blockSize, parallelism)
    }

    /// `count` bytes out of `secret`.
    package func derive(_ secret: SecretBytes, salt: [UInt8], count: Int) -> SecretBytes {
        secret.withBytes { secret in
            SecretBytes(capacity: count) { target in
                let result = EVP_PBE_scrypt(
                    secret.bindMemory(to: CChar.self).baseAddress, secret.count, salt, salt.count,
                    cost, blockSize, parallelism, 256 * cost * blockSize,
                    target.bindMemory(to: UInt8.self).baseAddress, count)
                precondition(result == 1, "libcrypto could not derive a key with these numbers")
                return count
            }
        }
    }
}
