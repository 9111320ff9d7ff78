package import Digests
import Glibc
import Phrases

/// The bytes of a file, unpacked if it is gzipped, with the digest of the file as it is stored.
///
/// It belongs to the thread that reads.
package final class ByteSource {
    package let path: String
    /// Bytes of the stored file that have been read.
    package private(set) var storedBytes: Int64 = 0
    private let descriptor: Int32
    private let inflater: Inflater?
    private let hash = SHA256()
    private let input: UnsafeMutableRawBufferPointer
    /// What was read to tell the kind of file and not yet given out.
    private var ahead: Range<Int> = 0..<0
    private var isAtEnd = false

    private static let inputByteCount = 256 << 10

    package init(path: String) throws(ImportError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        input = .allocate(byteCount: ByteSource.inputByteCount, alignment: 16)
        guard descriptor >= 0 else {
            input.deallocate()
            throw ByteSource.unreadable(path)
        }
        hash.start()
        let count = Glibc.read(descriptor, input.baseAddress, input.count)
        ahead = 0..<max(0, count)
        let isGzip = count >= 2 && input[0] == 0x1F && input[1] == 0x8B
        inflater = isGzip ? Inflater() : nil
        guard count >= 0 else { throw ByteSource.unreadable(path) }
        note(ahead)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        input.deallocate()
    }

    /// Fills `target` as far as it goes; 0 at the end.
    package func read(into target: UnsafeMutableRawBufferPointer) throws(ImportError) -> Int {
        guard let inflater else { return try readStored(into: target) }
        while true {
            if inflater.waiting == 0 { try refill(inflater) }
            let (count, outcome) = inflater.inflate(into: target)
            switch outcome {
            case .broken: throw damaged()
            case .needsInput(let isBetweenMembers):
                guard isBetweenMembers else { throw truncated() }
                return 0
            case .more: if count > 0 { return count }
            }
        }
    }

    /// Reads what is left and gives the digest of the file as stored; call it once, at the end.
    package func finish() throws(ImportError) -> Digest {
        while try fill() {}
        return hash.finish()
    }

    private func readStored(
        into target: UnsafeMutableRawBufferPointer
    ) throws(ImportError) -> Int {
        if ahead.isEmpty, try !fill() { return 0 }
        let count = min(ahead.count, target.count)
        let start = ahead.lowerBound
        target.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: input[start..<start + count]))
        ahead = start + count..<ahead.upperBound
        return count
    }

    private func refill(_ inflater: Inflater) throws(ImportError) {
        if ahead.isEmpty, try !fill() { return }
        inflater.feed(UnsafeMutableRawBufferPointer(rebasing: input[ahead]))
        ahead = 0..<0
    }

    /// Reads on; false at the end.
    private func fill() throws(ImportError) -> Bool {
        guard !isAtEnd else { return false }
        let count = Glibc.read(descriptor, input.baseAddress, input.count)
        guard count >= 0 else { throw ByteSource.unreadable(path) }
        ahead = 0..<count
        isAtEnd = count == 0
        note(ahead)
        return count > 0
    }

    private func note(_ range: Range<Int>) {
        hash.update(UnsafeRawBufferPointer(rebasing: input[range]))
        storedBytes += Int64(range.count)
    }
}

extension ByteSource {
    private static func unreadable(_ path: String) -> ImportError {
        let reason = String(cString: strerror(errno))
        return ImportError(
            path, SourcePlace(line: 0),
            Phrase(en: "cannot be read: \(reason)", zh: "无法读取：\(reason)"))
    }

    private func truncated() -> ImportError {
        ImportError(
            path, SourcePlace(line: 0),
            Phrase(
                en: "the gzip data end too early, after \(storedBytes) bytes; fetch the file again",
                zh: "gzip 数据在第 \(storedBytes) 字节处提前结束，请重新获取该文件"))
    }

    private func damaged() -> ImportError {
        ImportError(
            path, SourcePlace(line: 0),
            Phrase(
                en: "the gzip data are damaged before byte \(storedBytes); fetch the file again",
                zh: "gzip 数据在第 \(storedBytes) 字节之前已损坏，请重新获取该文件"))
    }
}
