import Auditing
import Digests
import Glibc
import Phrases

/// How a reader treats the machine it reads on.
package struct ReadingManner: Sendable {
    /// Whether the system is told that what was read of log and attachments is not needed again.
    package var forgets = false
    /// Hears how many bytes were read, and may take its time; false ends the reading of a long
    /// file, whose digest is then nobody's.
    package var read: @Sendable (Int) -> Bool = { _ in true }

    package init() {}
}

/// A file that is read by place; closed with its last reference.
final class OpenFile: HeldFile {
    private let descriptor: Int32
    private let name: String

    /// Nil if there is no such file; `name` is what reports call it.
    init?(_ path: String, name: String) throws(SourceError) {
        self.name = name
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else { return }
        let number = errno
        guard number != ENOENT, number != ENOTDIR else { return nil }
        throw SourceError(system: "open", name, number)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func byteCount() throws(SourceError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw SourceError(system: "read", name, errno)
        }
        return Int(status.st_size)
    }

    /// Fills as much of `target` as the file has from `offset` on, and says how much that is.
    func read(
        at offset: Int, into target: UnsafeMutableRawBufferPointer
    ) throws(SourceError) -> Int {
        var done = 0
        while done < target.count, let base = target.baseAddress {
            let count = pread(descriptor, base + done, target.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SourceError(system: "read", name, errno) }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// At most `limit` bytes from the beginning.
    func contents(limit: Int) throws(SourceError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: min(limit, try byteCount()))
        var failure: SourceError?
        let count = bytes.withUnsafeMutableBytes { target -> Int in
            do throws(SourceError) {
                return try read(at: 0, into: target)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Tells the system that the pages of these bytes are not needed any more.
    ///
    /// A hint: pages that wait to be written, or that others have mapped, stay. The page in which
    /// the bytes end goes with those that follow.
    func forget(from offset: Int, byteCount: Int) {
        let start = offset / OpenFile.pageByteCount * OpenFile.pageByteCount
        posix_fadvise(
            descriptor, off_t(start), off_t(offset + byteCount - start), POSIX_FADV_DONTNEED)
    }

    private static let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Reads all of it, block by block.
    func digest(_ manner: ReadingManner = ReadingManner()) throws(SourceError) -> FileDigest {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { block.deallocate() }
        let hash = SHA256()
        hash.start()
        var byteCount = 0
        while true {
            let count = try read(at: byteCount, into: block)
            guard count > 0 else { break }
            hash.update(UnsafeRawBufferPointer(rebasing: block[..<count]))
            if manner.forgets { forget(from: byteCount, byteCount: count) }
            byteCount += count
            guard manner.read(count) else { break }
        }
        return FileDigest(file: name, digest: hash.finish(), byteCount: byteCount)
    }
}

extension SourceError {
    init(system call: String, _ name: String, _ number: Int32) {
        let text = String(cString: strerror(number))
        self.init(
            name,
            Phrase(
                en: "cannot \(call) \(name): \(text); nothing can be said of the ledger without it",
                zh: "无法对 \(name) 执行 \(call)：\(text)；缺少该文件便无法作出结论"),
            isOfDisk: number == EIO)
    }
}

/// The names in a folder, sorted; none if there is no such folder.
func names(in folder: String, called name: String) throws(SourceError) -> [String] {
    guard let handle = opendir(folder) else {
        if errno == ENOENT { return [] }
        throw SourceError(system: "list", name, errno)
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
