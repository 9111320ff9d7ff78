package import Glibc

/// Files that must survive a power cut from the moment they are there.
///
/// A name is durable when its folder was synced, and so is a folder's own name in the one above.
package enum DurableFile {
    /// Writes a new file, its name, and the folders above it that are missing.
    package static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t = 0o644
    ) throws(FileError) {
        let folder = parent(path)
        try makeFolders(folder)
        try put(bytes, path, mode)
        try syncFolder(folder)
    }

    /// Puts `bytes` in place of the file at `path`: a crash leaves the old one or the new one.
    package static func replace(
        _ path: String, with bytes: [UInt8], mode: mode_t = 0o644
    ) throws(FileError) {
        let draft = path + ".new"
        try put(bytes, draft, mode)
        try move(draft, to: path)
    }

    /// Puts `bytes` at `path`, whole or not at all; its name is durable when its folder was synced.
    package static func put(
        _ bytes: [UInt8], at path: String, mode: mode_t = 0o644
    ) throws(FileError) {
        let draft = path + ".new"
        try put(bytes, draft, mode)
        guard rename(draft, path) == 0 else { throw FileError("rename", draft) }
    }

    /// Removes a folder that holds no folders; that it is gone is not made durable.
    package static func removeFlatFolder(_ path: String) throws(FileError) {
        for name in try names(in: path) {
            let file = "\(path)/\(name)"
            guard unlink(file) == 0 || errno == ENOENT else { throw FileError("remove", file) }
        }
        guard rmdir(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }

    /// Renames, and makes the new name durable.
    package static func move(_ path: String, to target: String) throws(FileError) {
        guard rename(path, target) == 0 else { throw FileError("rename", path) }
        try syncFolder(parent(target))
    }

    /// Removes a file, if it is there, for good.
    package static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
        try syncFolder(parent(path))
    }

    private static func put(_ bytes: [UInt8], _ path: String, _ mode: mode_t) throws(FileError) {
        let file = try ByteFile(path, .create, mode: mode)
        try file.truncate(to: 0)
        try file.write(bytes, at: 0)
        try file.sync()
    }

    /// Makes the names in `folder` durable.
    package static func syncFolder(_ folder: String) throws(FileError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("sync", folder) }
    }

    /// Makes `folder` and what is missing above it, durably.
    package static func makeFolders(_ folder: String, mode: mode_t = 0o755) throws(FileError) {
        var status = stat()
        guard stat(folder, &status) != 0 else { return }
        let above = parent(folder)
        if above != folder { try makeFolders(above) }
        guard mkdir(folder, mode) == 0 || errno == EEXIST else { throw FileError("make", folder) }
        try syncFolder(above)
    }

    /// Makes the names of `folder` and of all folders above it durable, whoever made them.
    ///
    /// A process that died may have made them and not synced them; ``makeFolders(_:mode:)`` then
    /// finds them there. Folders that we may not read, we did not make.
    package static func syncPath(to folder: String) throws(FileError) {
        var place = folder
        while case let above = parent(place), above != place {
            if access(above, R_OK) == 0 { try syncFolder(above) }
            place = above
        }
    }

    /// The names in a folder, sorted; none if there is no such folder.
    package static func names(in folder: String) throws(FileError) -> [String] {
        guard let handle = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw FileError("list", folder)
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

    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// By what a file that was put in another's place is told from it, without reading it.
    package struct Stamp: Hashable, Sendable {
        private let inode: UInt64
        private let byteCount: Int64
        private let seconds: Int64
        private let nanoseconds: Int64

        /// Nil if there is no such file.
        package init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            inode = UInt64(status.st_ino)
            byteCount = Int64(status.st_size)
            seconds = Int64(status.st_mtim.tv_sec)
            nanoseconds = Int64(status.st_mtim.tv_nsec)
        }
    }

    /// At most `limit` bytes of a file, or nil if there is none.
    package static func contents(_ path: String, limit: Int = 1 << 24) throws(FileError) -> [UInt8]?
    {
        guard exists(path) else { return nil }
        let file = try ByteFile(path, .read)
        return try file.read(min(limit, try file.size()), at: 0)
    }

    /// The folder that holds `path`.
    package static func parent(_ path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? path.dropLast() : path[...]
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}
