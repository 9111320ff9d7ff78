package import Digests

/// A file and the mapping by which it is read: the batch of late entries (补录批次) that is
/// approved before its first event is recorded.
package struct ImportBatch: Hashable, Sendable {
    package let path: String
    /// Bytes of the file as it is stored.
    package let bytes: Int64
    /// SHA-256 of the file as it is stored.
    package let sha256: Digest
    /// SHA-256 of the mapping.
    package let mapping: Digest

    /// Reads `path` through once.
    package init(path: String, mapping: ImportMapping) throws(ImportError) {
        let source = try ByteSource(path: path)
        self.path = path
        sha256 = try source.finish()
        bytes = source.storedBytes
        self.mapping = mapping.digest
    }

    /// The last part of the path: the name that the approval records.
    package var fileName: String {
        String(path.split(separator: "/").last ?? "")
    }

    /// The batch's id, the `correlationid` of its events: the same file read by the same mapping
    /// has the same, so that an import which was interrupted goes on where it was.
    package var id: String {
        let digest = SHA256.digest(of: sha256.bytes + mapping.bytes)
        return "late-\(digest.hex.prefix(16))"
    }
}
