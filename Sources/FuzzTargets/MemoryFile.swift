import Glibc

/// Bytes that are read as a file and are on no disk; it has no name and ends with the value.
struct MemoryFile: ~Copyable {
    private let descriptor: Int32

    init(_ bytes: some Collection<UInt8>) {
        var name = Array("/dev/shm/hanqing-fuzz-XXXXXX\0".utf8.map { CChar(bitPattern: $0) })
        descriptor = mkstemp(&name)
        unlink(name)
        let written = Array(bytes).withUnsafeBytes {
            pwrite(descriptor, $0.baseAddress, $0.count, 0)
        }
        precondition(written == bytes.count, "shared memory holds an input")
    }

    deinit {
        close(descriptor)
    }

    var path: String { "/proc/self/fd/\(descriptor)" }
}
