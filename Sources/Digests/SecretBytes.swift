private import COpenSSL

/// Bytes that are overwritten before their memory is given back.
///
/// Sendable is sound: the bytes are written once, by ``init(count:fill:)``, before anybody else can
/// have the object, and only read from then on.
package final class SecretBytes: @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    package let count: Int

    /// `fill` writes at most `capacity` bytes and says how many.
    package init<Failure: Error>(
        capacity: Int, fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) {
        // Owned by this object alone; no pointer outlives a call.
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(1, capacity), alignment: 1)
        do throws(Failure) {
            let filled = UnsafeMutableRawBufferPointer(rebasing: memory[..<capacity])
            count = min(capacity, max(0, try fill(filled)))
        } catch {
            SecretBytes.end(memory)
            throw error
        }
        self.memory = memory
    }

    package convenience init(copying bytes: some Collection<UInt8>) {
        self.init(capacity: bytes.count) { target in
            target.copyBytes(from: bytes)
            return bytes.count
        }
    }

    deinit {
        SecretBytes.end(memory)
    }

    private static func end(_ memory: UnsafeMutableRawBufferPointer) {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    package func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(UnsafeRawBufferPointer(rebasing: memory[..<count]))
    }

    /// The bytes in this range, which must be within.
    package func part(_ range: Range<Int>) -> SecretBytes {
        withBytes { SecretBytes(copying: $0[range]) }
    }

    /// Whether both are the same, in a time that tells at most how long they are.
    package func isSameInConstantTime(as other: some Collection<UInt8>) -> Bool {
        let other = Array(other)
        return withBytes { bytes in
            bytes.count == other.count
                && CRYPTO_memcmp(bytes.baseAddress, other, bytes.count) == 0
        }
    }

    /// The bytes before the first of these.
    package func prefix(before end: UInt8) -> SecretBytes {
        withBytes { whole in
            let part = whole.prefix { $0 != end }
            return SecretBytes(capacity: part.count) { target in
                target.copyBytes(from: part)
                return part.count
            }
        }
    }
}
