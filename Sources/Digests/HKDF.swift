private import COpenSSL

/// The hash function below a message authentication code or a derived key.
package enum HashFunction: String, Sendable, CaseIterable {
    case sha256, sm3

    /// Bytes of a digest; the same for both.
    package static let byteCount = 32

    fileprivate var algorithm: OpaquePointer? { self == .sha256 ? EVP_sha256() : EVP_sm3() }
}

/// HMAC (RFC 2104; GB/T 15852.2 for SM3): 32 bytes.
package enum MessageCode {
    package static func make(
        _ hash: HashFunction, key: SecretBytes, _ message: UnsafeRawBufferPointer
    ) -> SecretBytes {
        key.withBytes { key in
            SecretBytes(capacity: HashFunction.byteCount) { target in
                var count: UInt32 = 0
                let code = HMAC(
                    hash.algorithm, key.baseAddress, Int32(key.count),
                    message.bindMemory(to: UInt8.self).baseAddress, message.count,
                    target.bindMemory(to: UInt8.self).baseAddress, &count)
                precondition(code != nil && count == target.count, "libcrypto could not hash")
                return target.count
            }
        }
    }
}

/// Keys derived from a secret (RFC 5869).
package enum HKDF {
    /// A uniform key of 32 bytes out of `secret`.
    package static func extract(
        _ hash: HashFunction, salt: SecretBytes, _ secret: SecretBytes
    ) -> SecretBytes {
        secret.withBytes { MessageCode.make(hash, key: salt, $0) }
    }

    /// `count` bytes, at most 255 digests, for the use that `info` names.
    package static func expand(
        _ hash: HashFunction, _ key: SecretBytes, info: some Collection<UInt8>, count: Int
    ) -> SecretBytes {
        precondition(count <= 255 * HashFunction.byteCount, "RFC 5869 section 2.3")
        return SecretBytes(capacity: count) { target in
            var block = SecretBytes(capacity: 0) { _ in 0 }
            var (done, number): (Int, UInt8) = (0, 1)
            while done < count {
                let message = SecretBytes.joined(block, info, [number])
                block = message.withBytes { MessageCode.make(hash, key: key, $0) }
                let part = min(block.count, count - done)
                block.withBytes { bytes in
                    target[done..<done + part].copyBytes(from: bytes.prefix(part))
                }
                (done, number) = (done + part, number &+ 1)
            }
            return count
        }
    }
}

extension SecretBytes {
    /// `first`, then `second`, then `third`.
    static func joined(
        _ first: SecretBytes, _ second: some Collection<UInt8>, _ third: [UInt8] = []
    ) -> SecretBytes {
        let count = first.count + second.count + third.count
        return SecretBytes(capacity: count) { target in
            first.withBytes { target.copyBytes(from: $0) }
            target[first.count...].copyBytes(from: second)
            target[(first.count + second.count)...].copyBytes(from: third)
            return count
        }
    }
}
