private import COpenSSL

/// The hash function below a message authentication code or a derived key.
package enum HashFunction: String, Sendable, CaseIterable {
    case sha256, sm3

    /// Bytes of a digest; the same for both.
    package static let byteCount = 32

    fileprivate var blockByteCount: Int { 64 }

    /// Fetched once: an implicit fetch costs more than hashing a key.
    fileprivate var algorithm: FetchedAlgorithm { self == .sha256 ? .sha256 : .sm3 }
}

/// An `EVP_MD` that is fetched once and kept for good.
///
/// Sendable is sound: libcrypto counts its references atomically and never changes what it holds.
private struct FetchedAlgorithm: @unchecked Sendable {
    let pointer: OpaquePointer

    static let sha256 = FetchedAlgorithm("SHA2-256")
    static let sm3 = FetchedAlgorithm("SM3")

    private init(_ name: String) {
        guard let pointer = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("libcrypto has no \(name), or memory is exhausted")
        }
        self.pointer = pointer
    }
}

/// HMAC (RFC 2104; GB/T 15852.2 for SM3): 32 bytes.
package enum MessageCode {
    package static func make(
        _ hash: HashFunction, key: SecretBytes, _ message: UnsafeRawBufferPointer
    ) -> SecretBytes {
        let coder = MessageCoder(hash, key: key)
        coder.start()
        coder.update(message)
        return coder.finish()
    }
}

/// HMAC under one key, one message after another.
///
/// One task's own.
final class MessageCoder {
    private let algorithm: FetchedAlgorithm
    private let context: OpaquePointer
    /// The key's block with each of the two pads (RFC 2104 section 2).
    private let inner: SecretBytes
    private let outer: SecretBytes

    init(_ hash: HashFunction, key: SecretBytes) {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("memory is exhausted") }
        (algorithm, self.context) = (hash.algorithm, context)
        let short =
            key.count <= hash.blockByteCount
            ? key : MessageCoder.digest(of: key, context, hash.algorithm)
        (inner, outer) = (
            MessageCoder.block(of: short, 0x36, hash.blockByteCount),
            MessageCoder.block(of: short, 0x5C, hash.blockByteCount)
        )
    }

    deinit {
        // It overwrites what it holds.
        EVP_MD_CTX_free(context)
    }

    private static func block(of key: SecretBytes, _ pad: UInt8, _ count: Int) -> SecretBytes {
        SecretBytes(capacity: count) { target in
            key.withBytes { key in
                for place in 0..<count {
                    target[place] = pad ^ (place < key.count ? key[place] : 0)
                }
            }
            return count
        }
    }

    /// A key that is longer than a block is hashed first.
    private static func digest(
        of key: SecretBytes, _ context: OpaquePointer, _ algorithm: FetchedAlgorithm
    ) -> SecretBytes {
        SecretBytes(capacity: HashFunction.byteCount) { target in
            demand(EVP_DigestInit_ex2(context, algorithm.pointer, nil))
            key.withBytes { demand(EVP_DigestUpdate(context, $0.baseAddress, $0.count)) }
            demand(
                EVP_DigestFinal_ex(
                    context, target.bindMemory(to: UInt8.self).baseAddress, nil))
            return target.count
        }
    }

    func start() { begin(inner) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        MessageCoder.demand(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
    }

    func finish() -> SecretBytes {
        let hashed = end()
        begin(outer)
        hashed.withBytes { update($0) }
        return end()
    }

    private func begin(_ block: SecretBytes) {
        MessageCoder.demand(EVP_DigestInit_ex2(context, algorithm.pointer, nil))
        block.withBytes { update($0) }
    }

    private func end() -> SecretBytes {
        SecretBytes(capacity: HashFunction.byteCount) { target in
            MessageCoder.demand(
                EVP_DigestFinal_ex(
                    context, target.bindMemory(to: UInt8.self).baseAddress, nil))
            return target.count
        }
    }

    /// libcrypto's digest calls fail only when memory is exhausted; no answer is better than a
    /// wrong code.
    private static func demand(_ result: Int32) {
        precondition(result == 1, "libcrypto could not hash")
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
        _ hash: HashFunction, _ key: SecretBytes, info: [UInt8], count: Int
    ) -> SecretBytes {
        precondition(count <= 255 * HashFunction.byteCount, "RFC 5869 section 2.3")
        let coder = MessageCoder(hash, key: key)
        return SecretBytes(capacity: count) { target in
            var block = SecretBytes(capacity: 0) { _ in 0 }
            var (done, number): (Int, UInt8) = (0, 1)
            while done < count {
                coder.start()
                block.withBytes { coder.update($0) }
                info.withUnsafeBytes { coder.update($0) }
                withUnsafeBytes(of: number) { coder.update($0) }
                block = coder.finish()
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
