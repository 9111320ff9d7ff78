import Glibc
import LedgerStore

/// An open file.
///
/// Its owner is one actor or one scan; it is closed with its last reference.
final class File {
    let path: String
    private let descriptor: Int32

    enum Access {
        case read, readWrite, create
    }

    init(_ path: String, _ access: Access) throws(StoreError) {
        self.path = path
        let flags =
            switch access {
            case .read: O_RDONLY
            case .readWrite: O_RDWR | O_CREAT
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        descriptor = retrying { open(path, flags | O_CLOEXEC, 0o644) }
        guard descriptor >= 0 else { throw systemError("open", path) }
    }

    deinit {
        close(descriptor)
    }

    func size() throws(StoreError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("stat", path) }
        return Int(status.st_size)
    }

    /// Fills as much of `target` as the file has from `offset` on, and says how much that is.
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(StoreError) -> Int
    {
        var done = 0
        while done < target.count, let base = target.baseAddress {
            let count = retrying {
                pread(descriptor, base + done, target.count - done, off_t(offset + done))
            }
            guard count >= 0 else { throw systemError("read", path) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func read(_ count: Int, at offset: Int) throws(StoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var failure: StoreError?
        let done = bytes.withUnsafeMutableBytes { target -> Int in
            do throws(StoreError) {
                return try read(into: target, at: offset)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        bytes.removeLast(count - done)
        return bytes
    }

    /// Writes all of `bytes` at `offset`; on an error some of them may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = retrying {
                pwrite(descriptor, base + done, bytes.count - done, off_t(offset + done))
            }
            guard count >= 0 else { throw systemError("write", path) }
            done += count
        }
    }

    /// Returns when what was written is on the disk; after an error nothing is known.
    func sync() throws(StoreError) {
        guard retrying({ fdatasync(descriptor) }) == 0 else { throw systemError("sync", path) }
    }

    func truncate(to size: Int) throws(StoreError) {
        guard retrying({ ftruncate(descriptor, off_t(size)) }) == 0 else {
            throw systemError("truncate", path)
        }
    }

    func makeReadOnly() throws(StoreError) {
        guard fchmod(descriptor, 0o444) == 0 else { throw systemError("chmod", path) }
    }

    /// Takes the exclusive lock of the system, which ends with the process; false if it is taken.
    func lock() -> Bool {
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    /// Gives the lock back at once.
    ///
    /// Closing alone does not while a process that is just being
    /// started still has a copy of the descriptor.
    func unlock() { flock(descriptor, LOCK_UN) }
}

/// Repeats a system call that a signal interrupted.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}

/// What the system said, with the file and what the user can do.
func systemError(_ action: String, _ path: String) -> StoreError {
    let number = errno
    let text = String(cString: strerror(number))
    let hint =
        switch number {
        case ENOSPC, EDQUOT: (en: "; free some space and try again", zh: "；请清理磁盘空间后重试")
        case EACCES, EPERM, EROFS: (en: "; check the folder's permissions", zh: "；请检查目录权限")
        default: (en: "", zh: "")
        }
    return StoreError(
        number == ENOENT ? .notFound : .unavailable,
        en: "cannot \(action) \(path): \(text)\(hint.en)",
        zh: "无法对 \(path) 执行 \(action)：\(text)\(hint.zh)")
}

/// Makes names that were created, renamed or removed in `folder` durable.
func syncFolder(_ folder: String) throws(StoreError) {
    let descriptor = retrying { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw systemError("open", folder) }
    defer { close(descriptor) }
    guard retrying({ fsync(descriptor) }) == 0 else { throw systemError("sync", folder) }
}

func makeFolder(_ folder: String) throws(StoreError) {
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else { throw systemError("mkdir", folder) }
}

/// The names in a folder, sorted; none if there is no such folder.
func names(in folder: String) throws(StoreError) -> [String] {
    guard let handle = opendir(folder) else {
        if errno == ENOENT { return [] }
        throw systemError("list", folder)
    }
    defer { closedir(handle) }
    var result: [String] = []
    while let entry = readdir(handle) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
            String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != "." && name != ".." { result.append(name) }
    }
    return result.sorted()
}

/// Puts `bytes` in place of the file at `path` by renaming: a reader sees the old or the new.
func replaceFile(_ path: String, with bytes: [UInt8], syncing: Bool) throws(StoreError) {
    let file = try File(path + ".new", .readWrite)
    try file.truncate(to: 0)
    var failure: StoreError?
    bytes.withUnsafeBytes { raw in
        do throws(StoreError) {
            try file.write(raw, at: 0)
        } catch {
            failure = error
        }
    }
    if let failure { throw failure }
    if syncing { try file.sync() }
    guard rename(path + ".new", path) == 0 else { throw systemError("rename", path) }
}

/// The whole file, or nil if there is none.
func contents(of path: String) throws(StoreError) -> [UInt8]? {
    do throws(StoreError) {
        let file = try File(path, .read)
        return try file.read(try file.size(), at: 0)
    } catch {
        if error.code == .notFound { return nil }
        throw error
    }
}
