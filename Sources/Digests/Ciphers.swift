/// AES-256-GCM (NIST SP 800-38D).
///
/// A key and nonce MUST seal one message only.
package enum AES256GCM {
    package static let keyByteCount = 32
    package static let nonceByteCount = 12
    package static let tagByteCount = 16

    /// As many bytes as `plaintext` has, and the tag.
    package static func seal(
        _ plaintext: UnsafeRawBufferPointer, key: SecretBytes, nonce: [UInt8],
        associated: [UInt8]
    ) -> [UInt8] {
        let context = CipherContext(.aes256GCM, key: key, vector: nonce, isForWriting: true)
        context.associate(associated)
        var sealed = [UInt8](repeating: 0, count: plaintext.count)
        sealed.withUnsafeMutableBytes { context.run(plaintext, into: $0) }
        return sealed + context.tag(count: tagByteCount)
    }

    /// What was sealed; nil unless key, nonce, associated data and every bit are the same.
    package static func open(
        _ sealed: [UInt8], key: SecretBytes, nonce: [UInt8], associated: [UInt8]
    ) -> SecretBytes? {
        guard sealed.count >= tagByteCount else { return nil }
        let context = CipherContext(.aes256GCM, key: key, vector: nonce, isForWriting: false)
        context.associate(associated)
        let count = sealed.count - tagByteCount
        let plaintext = SecretBytes(capacity: count) { target in
            sealed.withUnsafeBytes { context.run(.init(rebasing: $0[..<count]), into: target) }
            return count
        }
        // What was decrypted leaves only if the tag is right.
        return context.ends(with: Array(sealed[count...])) ? plaintext : nil
    }
}

/// SM4 in counter mode (GB/T 32907, GB/T 17964), with HMAC-SM3 over what was encrypted.
///
/// A key and vector MUST seal one message only.
package enum SM4CTRWithHMAC {
    package static let keyByteCount = 16
    package static let vectorByteCount = 16
    package static let codeKeyByteCount = 32
    package static let tagByteCount = HashFunction.byteCount

    package struct Key: Sendable {
        let cipher: SecretBytes
        let code: SecretBytes

        package init(cipher: SecretBytes, code: SecretBytes) {
            (self.cipher, self.code) = (cipher, code)
        }
    }

    /// As many bytes as `plaintext` has, and the tag.
    package static func seal(
        _ plaintext: UnsafeRawBufferPointer, key: Key, vector: [UInt8], associated: [UInt8]
    ) -> [UInt8] {
        let context = CipherContext(
            .sm4CTR, key: key.cipher, vector: vector, isForWriting: true)
        var sealed = [UInt8](repeating: 0, count: plaintext.count)
        sealed.withUnsafeMutableBytes { context.run(plaintext, into: $0) }
        return sealed + tag(of: sealed, key, associated).withBytes { Array($0) }
    }

    /// What was sealed; nil unless key, associated data and every bit are the same.
    package static func open(
        _ sealed: [UInt8], key: Key, vector: [UInt8], associated: [UInt8]
    ) -> SecretBytes? {
        guard sealed.count >= tagByteCount else { return nil }
        let (text, found) = (sealed.dropLast(tagByteCount), sealed.suffix(tagByteCount))
        guard tag(of: Array(text), key, associated).isSameInConstantTime(as: found) else {
            return nil
        }
        let context = CipherContext(
            .sm4CTR, key: key.cipher, vector: vector, isForWriting: false)
        return SecretBytes(capacity: text.count) { target in
            text.withUnsafeBytes { context.run($0, into: target) }
            return text.count
        }
    }

    /// HMAC-SM3 over the length of `associated`, 8 bytes, the highest first, `associated`, and what
    /// was encrypted.
    private static func tag(
        of sealed: [UInt8], _ key: Key, _ associated: [UInt8]
    ) -> SecretBytes {
        let length = withUnsafeBytes(of: UInt64(associated.count).bigEndian) { Array($0) }
        return (length + associated + sealed).withUnsafeBytes {
            MessageCode.make(.sm3, key: key.code, $0)
        }
    }
}
