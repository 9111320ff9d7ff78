private import COpenSSL

/// Random bytes from libcrypto's generator.
package enum RandomBytes {
    /// Fills `target`; libcrypto fails only if the system gives no entropy, and then nothing may go on.
    package static func fill(_ target: UnsafeMutableRawBufferPointer) {
        let bytes = target.bindMemory(to: UInt8.self)
        precondition(
            RAND_bytes(bytes.baseAddress, Int32(bytes.count)) == 1, "libcrypto has no entropy")
    }

    package static func make(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { fill($0) }
        return bytes
    }
}
