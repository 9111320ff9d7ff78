package import Auditing
import Glibc

/// A file without a name: it vanishes with the process, however that ends.
package final class ScratchFile: ScratchSpace {
    private let descriptor: Int32
    private let folder: String
    private var end = 0

    /// Makes one in `folder`, usually `$TMPDIR` or `/tmp`.
    package init(in folder: String) throws(SourceError) {
        self.folder = folder
        var name = Array("\(folder)/hanqing-verify-XXXXXX\0".utf8.map { CChar(bitPattern: $0) })
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else {
            throw SourceError(system: "create a file in", folder, errno)
        }
        unlink(name)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    package func append(_ bytes: UnsafeRawBufferPointer) throws(SourceError) -> Int {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = pwrite(descriptor, base + done, bytes.count - done, off_t(end + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SourceError(system: "write to", folder, errno) }
            done += count
        }
        defer { end += bytes.count }
        return end
    }

    package func read(
        at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) {
        var done = 0
        while done < target.count, let base = target.baseAddress {
            let count = pread(descriptor, base + done, target.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw SourceError(system: "read from", folder, errno) }
            done += count
        }
    }
}
