package import Digests
import Glibc

/// A run: entries of a stretch of the log in key order, in a file that never changes.
///
/// The file is mapped read-only. The mapping outlives the name, so a run that was merged away stays
/// readable for whoever holds it. Only a hand that truncates the file could make reads fault.
package final class RunFile: Sendable {
    package let path: String
    let header: RunHeader
    /// Never null, and `header.fileByteCount` bytes long.
    ///
    /// `nonisolated(unsafe)` holds because nobody writes to a finished run (it was renamed into
    /// place complete, and every mapping of it is read-only) and the address is freed in `deinit`
    /// alone, when no thread has a reference left.
    private nonisolated(unsafe) let base: UnsafeRawPointer

    /// How the file is going to be read, for the system's read-ahead.
    package enum Access { case random, sequential }

    /// Maps a run and checks its header and length, not its contents.
    package init(path: String, access: Access = .random) throws(IndexError) {
        self.path = path
        let bytes = try RunFile.map(path)
        guard let header = RunHeader(bytes), header.fileByteCount == bytes.count,
            let base = bytes.baseAddress
        else {
            RunFile.unmap(bytes)
            throw .damaged(path, "header and length do not fit", "文件头与长度不符")
        }
        self.header = header
        self.base = base
        let address = UnsafeMutableRawPointer(mutating: base)
        madvise(address, bytes.count, access == .random ? MADV_RANDOM : MADV_SEQUENTIAL)
    }

    deinit {
        RunFile.unmap(UnsafeRawBufferPointer(start: base, count: header.fileByteCount))
    }

    package var covered: Range<UInt64> { header.covered }
    package var count: Int { header.count }
    package var byteCount: Int { header.fileByteCount }

    /// The greatest value under `key`.
    @inline(__always)
    package func find(_ key: ShortHash) -> UInt64? {
        guard mayHold(key) else { return nil }
        return withEntries { entries in
            let end = RunSearch.upperBound(of: key, in: entries)
            guard end > 0, entries[end - 1].key == key else { return nil }
            return entries[end - 1].value
        }
    }

    /// The values under `key`, ascending.
    package func values(of key: ShortHash) -> [UInt64] {
        guard mayHold(key) else { return [] }
        return withEntries { entries in
            let end = RunSearch.upperBound(of: key, in: entries)
            var start = end
            while start > 0, entries[start - 1].key == key { start -= 1 }
            return entries[start..<end].map(\.value)
        }
    }

    /// Reads every byte: the checksum must hold and the entries must ascend.
    package func verify() throws(IndexError) {
        let address = UnsafeMutableRawPointer(mutating: base)
        madvise(address, header.fileByteCount, MADV_SEQUENTIAL)
        defer { madvise(address, header.fileByteCount, MADV_RANDOM) }
        let sound = withEntries { entries in
            var checksum = RunChecksum()
            var isSorted = true
            for (place, entry) in entries.enumerated() {
                checksum.add(entry.key.high)
                checksum.add(entry.key.low)
                checksum.add(entry.value)
                isSorted = isSorted && (place == 0 || entries[place - 1] <= entry)
            }
            checksum.add(withFilter { RunChecksum.of($0) })
            return isSorted && checksum.state == header.checksum
        }
        guard sound, paddingIsZero else {
            throw .damaged(path, "its contents do not fit its checksum", "内容与校验和不符")
        }
    }

    /// The gap between entries and filter is under no checksum, so it has but one spelling.
    private var paddingIsZero: Bool {
        let start = RunHeader.byteCount + header.count * IndexEntry.byteCount
        return UnsafeRawBufferPointer(start: base + start, count: header.filterOffset - start)
            .allSatisfy { $0 == 0 }
    }

    private func mayHold(_ key: ShortHash) -> Bool {
        withFilter { words in
            let first = RunFilter.block(of: key, among: header.blockCount) * 8
            return RunFilter.mayHold(key, words: words[first..<first + 8])
        }
    }

    /// The entries, for as long as `body` runs.
    ///
    /// They are `count` times 24 bytes from offset 64 on, inside the mapping (`init` compared the
    /// length) and aligned to 8, as the mapping is to a page. An entry is three words; any bits are
    /// a valid one.
    @inline(__always)
    func withEntries<R>(_ body: (UnsafeBufferPointer<IndexEntry>) -> R) -> R {
        let start = (base + RunHeader.byteCount).assumingMemoryBound(to: IndexEntry.self)
        return withExtendedLifetime(self) {
            body(UnsafeBufferPointer(start: start, count: header.count))
        }
    }

    /// The filter's words; inside the mapping and aligned for the same reasons as the entries.
    @inline(__always)
    private func withFilter<R>(_ body: (UnsafeBufferPointer<UInt64>) -> R) -> R {
        let start = (base + header.filterOffset).assumingMemoryBound(to: UInt64.self)
        return withExtendedLifetime(self) {
            body(UnsafeBufferPointer(start: start, count: header.blockCount * 8))
        }
    }

    private static func map(_ path: String) throws(IndexError) -> UnsafeRawBufferPointer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open", path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("stat", path, errno) }
        let count = Int(status.st_size)
        guard count >= RunHeader.byteCount else {
            throw .damaged(path, "it is too short", "文件过短")
        }
        let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw .system("map", path, errno) }
        return UnsafeRawBufferPointer(start: address, count: count)
    }

    private static func unmap(_ bytes: UnsafeRawBufferPointer) {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }
}
