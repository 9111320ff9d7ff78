import Auditing
import Glibc

/// A small file that is written from its beginning, before it gets its name.
enum NewFile {
    static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t, durably: Bool
    ) throws(SourceError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SourceError(system: "create", path, errno) }
        defer { close(descriptor) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.write(descriptor, raw.baseAddress.map { $0 + done }, raw.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SourceError(system: "write", path, errno) }
            done += count
        }
        guard !durably || fsync(descriptor) == 0 else {
            throw SourceError(system: "sync", path, errno)
        }
    }
}
