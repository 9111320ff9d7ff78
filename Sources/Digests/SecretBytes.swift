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
