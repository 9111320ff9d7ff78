import Glibc

/// The few system calls of the index, with errors that name the file.
enum IndexFiles {
    /// Opens for writing, emptied if it was there.
    static func create(_ path: String) throws(IndexError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system("create", path, errno) }
        return descriptor
    }

    /// Writes all of `bytes` at `offset`, however often the system takes only part.
    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int, path: String
    ) throws(IndexError) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write", path, count < 0 ? errno : ENOSPC) }
            done += count
        }
    }

    /// Writes a small file from its beginning.
    static func write(
        _ bytes: [UInt8], to path: String, syncing: Bool
    ) throws(IndexError) {
        let descriptor = try create(path)
        defer { close(descriptor) }
        try bytes.withUnsafeBufferPointer { (buffer) throws(IndexError) in
            try write(UnsafeRawBufferPointer(buffer), to: descriptor, at: 0, path: path)
        }
        if syncing { try sync(descriptor, path: path) }
    }

    static func sync(_ descriptor: Int32, path: String) throws(IndexError) {
        guard fdatasync(descriptor) == 0 else { throw .system("sync", path, errno) }
    }

    /// Syncs a file or folder by name.
    static func sync(path: String) throws(IndexError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("sync", path, errno) }
    }

    static func move(_ path: String, to target: String) throws(IndexError) {
        guard rename(path, target) == 0 else { throw .system("rename", path, errno) }
    }

    /// Takes a file away; one that is gone already is no error.
    static func remove(_ path: String) throws(IndexError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .system("remove", path, errno) }
    }

    /// Makes a folder; its parent must be there.
    static func makeFolder(_ path: String) throws(IndexError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw .system("create", path, errno)
        }
    }

    /// The names of the files in a folder, in no order.
    static func names(in folder: String) throws(IndexError) -> [String] {
        guard let stream = opendir(folder) else { throw .system("list", folder, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            // readdir's record is valid until the next call, and its name ends with a zero byte.
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// All bytes of a small file.
    static func read(_ path: String) throws(IndexError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system("read", path, errno) }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
