private import COpenSSL

/// Bytes from libcrypto's generator, which the system seeds.
///
/// A call costs about as much as the first kilobyte that it yields: whoever needs many small values
/// draws several kilobytes at once and cuts them up.
package enum RandomBytes {
    package static func fill(_ target: UnsafeMutableRawBufferPointer) {
        guard target.count > 0 else { return }
        precondition(target.count <= Int(Int32.max), "at most 2 GiB of random bytes in a call")
        let start = target.bindMemory(to: UInt8.self).baseAddress
        // Only a system that cannot seed the generator fails here; no salt and no key is better
        // than one that can be guessed.
        precondition(RAND_bytes(start, Int32(target.count)) == 1, "libcrypto has no randomness")
    }

    package static func make(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { fill($0) }
        return bytes
    }

    package static func secret(count: Int) -> SecretBytes {
        SecretBytes(capacity: count) { target in
            fill(target)
            return count
        }
    }
}
