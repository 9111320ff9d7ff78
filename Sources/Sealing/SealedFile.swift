import CanonicalJSON
import Digests

/// An attachment, encrypted in chunks: Specs/sealing.md section 6.
package enum SealedFile {
    package static let chunkByteCount = 65_536
    package static let headerByteCount = 64
    static let magic = Array("hanqing-file/v1\n".utf8)
    static let sealedChunkByteCount = chunkByteCount + AES256GCM.tagByteCount

    /// The handle of the data key that opens a file; nil if it is none of ours.
    package static func handle(_ header: some Collection<UInt8>) -> KeyHandle? {
        let header = Array(header)
        guard header.count >= headerByteCount, header.starts(with: magic) else { return nil }
        return KeyHandle(header[16..<32])
    }

    fileprivate static func keys(
        _ key: DataKey, _ origin: String
    ) -> (key: SecretBytes, commitment: SecretBytes) {
        let info = JSONValue.array(["hanqing-file/v1", .string(origin)]).canonicalBytes
        let root = HKDF.extract(
            .sha256, salt: SecretBytes(copying: key.handle.bytes), key.secret)
        let long = HKDF.expand(.sha256, root, info: info, count: 64)
        return (long.part(0..<32), long.part(32..<64))
    }

    /// The number of a chunk, the highest byte first, and whether it is the last.
    fileprivate static func nonce(_ number: UInt64, isLast: Bool) -> [UInt8] {
        let digits = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return [0, 0, 0] + digits + [isLast ? 1 : 0]
    }
}

/// Encrypts a file as it comes.
package struct SealedFileWriter {
    package let header: [UInt8]
    private let key: SecretBytes
    private var rest: [UInt8] = []
    private var number: UInt64 = 0

    /// `key` seals no other file.
    package init(_ key: DataKey, origin: String) {
        let (own, commitment) = SealedFile.keys(key, origin)
        self.key = own
        header = SealedFile.magic + key.handle.bytes + commitment.withBytes { Array($0) }
    }

    /// The chunks that are whole now, encrypted.
    package mutating func add(_ bytes: some Collection<UInt8>) -> [UInt8] {
        rest += bytes
        var (sealed, start): ([UInt8], Int) = ([], 0)
        while rest.count - start >= SealedFile.chunkByteCount {
            sealed += seal(rest[start..<start + SealedFile.chunkByteCount], isLast: false)
            start += SealedFile.chunkByteCount
        }
        rest.removeFirst(start)
        return sealed
    }

    /// The last chunk: what is left, padded.
    package mutating func finish() -> [UInt8] {
        let size = Padding.powerOfTwo(above: rest.count)
        let padded = rest + [0x80] + [UInt8](repeating: 0, count: size - rest.count - 1)
        rest = []
        return seal(padded[...], isLast: true)
    }

    private mutating func seal(_ chunk: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
        defer { number += 1 }
        return chunk.withUnsafeBytes {
            AES256GCM.seal(
                $0, key: key, nonce: SealedFile.nonce(number, isLast: isLast), associated: [])
        }
    }
}

/// Decrypts a file as it comes.
///
/// What it gave before it threw is of the file; that the file is whole, only ``finish()`` says.
package struct SealedFileReader {
    private let key: SecretBytes
    private var rest: [UInt8] = []
    private var number: UInt64 = 0

    package init(header: [UInt8], _ key: DataKey, origin: String) throws(SealingError) {
        guard header.count == SealedFile.headerByteCount,
            let handle = SealedFile.handle(header)
        else { throw .noBox }
        let (own, commitment) = SealedFile.keys(key, origin)
        guard key.handle == handle, commitment.isSameInConstantTime(as: header[32...]) else {
            throw .otherKeyOrPlace
        }
        self.key = own
    }

    /// The chunks that are known not to be the last.
    package mutating func add(
        _ bytes: some Collection<UInt8>
    ) throws(SealingError) -> [UInt8] {
        rest += bytes
        var (opened, start): ([UInt8], Int) = ([], 0)
        while rest.count - start > SealedFile.sealedChunkByteCount {
            let chunk = rest[start..<start + SealedFile.sealedChunkByteCount]
            opened += try open(Array(chunk), isLast: false).withBytes { Array($0) }
            start += SealedFile.sealedChunkByteCount
        }
        rest.removeFirst(start)
        return opened
    }

    /// The end of the file; throws `.changed` if something is missing.
    package mutating func finish() throws(SealingError) -> [UInt8] {
        let padded = try open(rest, isLast: true)
        rest = []
        let bytes = padded.withBytes { Array($0) }
        guard let end = bytes.lastIndex(where: { $0 != 0 }), bytes[end] == 0x80,
            Padding.powerOfTwo(above: end) == bytes.count
        else { throw .badPadding }
        return Array(bytes[..<end])
    }

    private mutating func open(
        _ sealed: [UInt8], isLast: Bool
    ) throws(SealingError) -> SecretBytes {
        defer { number += 1 }
        let nonce = SealedFile.nonce(number, isLast: isLast)
        guard let chunk = AES256GCM.open(sealed, key: key, nonce: nonce, associated: []) else {
            throw .changed
        }
        return chunk
    }
}
