package import Glibc

/// An open file that is read and written by place; closed with its last reference.
package final class ByteFile {
    package let path: String
    private let descriptor: Int32
    private var isLocked = false

    package enum Access {
        case read
        /// For writing too; made if it is missing.
        case create
    }

    package init(_ path: String, _ access: Access, mode: mode_t = 0o644) throws(FileError) {
        self.path = path
        let flags = access == .read ? O_RDONLY : O_RDWR | O_CREAT
        descriptor = open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError("open", path) }
    }

    deinit {
        // A program that is just being started has a copy of the descriptor until it begins, and
        // the lock would stay until then.
        if isLocked { flock(descriptor, LOCK_UN) }
        close(descriptor)
    }

    package func size() throws(FileError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("read", path) }
        return Int(status.st_size)
    }

    /// Who may do what with it, such as 0o600.
    package func permissions() throws(FileError) -> mode_t {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("read", path) }
        return status.st_mode & 0o7777
    }

    /// As many of `count` bytes as the file has from `offset` on.
    package func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        // An array made with no room writes its count into the one empty array that all threads
        // share.
        guard count > 0 else { return [] }
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, done in
            while done < count, let base = target.baseAddress {
                let got = pread(descriptor, base + done, count - done, off_t(offset + done))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = FileError("read", path) }
                guard got > 0 else { return }
                done += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes all; on an error some may have been written.
    package func write(_ bytes: some Collection<UInt8>, at offset: Int) throws(FileError) {
        let bytes = Array(bytes)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                pwrite(
                    descriptor, raw.baseAddress.map { $0 + done }, raw.count - done,
                    off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("write", path) }
            done += count
        }
    }

    package func truncate(to size: Int) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError("truncate", path) }
    }

    /// Returns when all that was written is on the disk.
    package func sync() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("sync", path) }
    }

    /// Takes the system's exclusive lock, which ends with the process; false if it is taken.
    package func lock() -> Bool {
        isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        return isLocked
    }

    /// Waits until the lock is to be had: for one that is held for a few writes only.
    package func waitForLock() throws(FileError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileError("lock", path) }
        }
        isLocked = true
    }
}
