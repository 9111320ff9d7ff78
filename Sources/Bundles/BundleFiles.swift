import Digests
import Merkle

/// What was read of a bundle: small files whole, of attachments the digest.
struct BundleFiles {
    private(set) var small: [BundleName: [UInt8]] = [:]
    private(set) var digests: [BundleName: (digest: Digest, byteCount: Int)] = [:]

    private static let smallByteCountMax = 1 << 29

    /// Reads an archive to its end.
    init(_ source: @escaping TarReader.Source) throws(TarFault) {
        var reader = TarReader(source)
        var total = 0
        while let entry = try reader.next() {
            guard let name = BundleName(path: entry.name) else { throw .badName(entry.name) }
            guard entry.byteCount <= name.byteCountMax else { throw .tooLong(entry.name) }
            if case .attachment = name {
                digests[name] = (try BundleFiles.digest(&reader), entry.byteCount)
                continue
            }
            total += entry.byteCount
            guard total <= BundleFiles.smallByteCountMax else { throw .tooLong(entry.name) }
            let bytes = try reader.contents()
            small[name] = bytes
            digests[name] = (SHA256.digest(of: bytes), bytes.count)
        }
    }

    private static func digest(_ reader: inout TarReader) throws(TarFault) -> Digest {
        let hash = SHA256()
        hash.start()
        try reader.pieces { piece in piece.withUnsafeBytes { hash.update($0) } }
        return hash.finish()
    }

    subscript(name: BundleName) -> [UInt8]? { small[name] }

    /// What `SHA256SUMS` must be.
    var sums: [UInt8] {
        let lines = digests.filter { $0.key != .sums }.map { (path: $0.key.path, digest: $0.value) }
            .sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            .map { "\($0.digest.digest.hex)  \($0.path)\n" }
        return Array(lines.joined().utf8)
    }

    var records: [UInt64] {
        small.keys.compactMap { if case .record(let number) = $0 { number } else { nil } }.sorted()
    }

    var timestamps: [UInt64] {
        let numbers = small.keys.compactMap { name -> UInt64? in
            switch name {
            case .timestamp(let number, _), .timestampProof(let number, _): number
            default: nil
            }
        }
        return Set(numbers).sorted()
    }
}
