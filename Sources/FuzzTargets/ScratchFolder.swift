import Glibc

/// A folder in shared memory, gone with the process unless that is killed.
struct ScratchFolder: Sendable {
    static let shared = ScratchFolder()

    let path: String

    private init() {
        path = "/dev/shm/hanqing-fuzz-\(getpid())"
        mkdir(path, 0o700)
        atexit { ScratchFolder.remove(ScratchFolder.shared.path) }
    }

    /// Writes a file, and makes its folders.
    func write(_ bytes: some Collection<UInt8>, to name: String) {
        for (place, character) in zip(name.indices, name) where character == "/" {
            mkdir("\(path)/\(name[..<place])", 0o700)
        }
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let written = Array(bytes).withUnsafeBytes { raw in
            Glibc.write(descriptor, raw.baseAddress, raw.count)
        }
        precondition(written == bytes.count, "shared memory holds an input")
    }

    /// The file's bytes, nil if there is none.
    func read(_ name: String) -> [UInt8]? {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let count = max(0, Int(lseek(descriptor, 0, SEEK_END)))
        return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            filled = max(0, pread(descriptor, target.baseAddress, count, 0))
        }
    }

    /// The files in it, by path, that lie under `folder`.
    func files(under folder: String) -> [String] {
        ScratchFolder.names(in: "\(path)/\(folder)").flatMap { name in
            let below = files(under: "\(folder)/\(name)")
            return below.isEmpty ? ["\(folder)/\(name)"] : below
        }
    }

    func remove(_ name: String) { ScratchFolder.remove("\(path)/\(name)") }

    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        for name in names(in: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var found: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { found.append(name) }
        }
        return found.sorted()
    }
}
