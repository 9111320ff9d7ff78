package import Digests
import Foundation

/// Attachments by digest: `attachments/sha256/<first two digits>/<64 digits>`.
package struct AttachmentFolder: Sendable {
    private let folder: String

    package init(ledger: String) {
        folder = ledger + "/attachments/sha256"
    }

    package func path(of digest: Digest) -> String {
        let hex = digest.hex
        return "\(folder)/\(hex.prefix(2))/\(hex)"
    }

    package func holds(_ digest: Digest) -> Bool {
        FileManager.default.fileExists(atPath: path(of: digest))
    }

    /// Copies a file in, durably, and gives its digest and length.
    ///
    /// A copy that is there stays.
    ///
    /// A crash leaves at most a temporary file; the name appears when the bytes are on the disk.
    package func add(_ file: String) throws(LedgerError) -> (digest: Digest, byteCount: Int) {
        do {
            return try copy(URL(filePath: file))
        } catch {
            throw LedgerError(
                en: "cannot attach \(file): \(error.localizedDescription)",
                zh: "无法附上 \(file)：\(error.localizedDescription)")
        }
    }

    private func copy(_ file: URL) throws -> (digest: Digest, byteCount: Int) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let temporary = URL(filePath: "\(folder)/incoming-\(UUID().uuidString)")
        try Data().write(to: temporary)
        defer { try? FileManager.default.removeItem(at: temporary) }
        let source = try FileHandle(forReadingFrom: file)
        let target = try FileHandle(forWritingTo: temporary)
        let hash = SHA256()
        hash.start()
        var byteCount = 0
        while let block = try source.read(upToCount: 1 << 20), !block.isEmpty {
            block.withUnsafeBytes { hash.update($0) }
            try target.write(contentsOf: block)
            byteCount += block.count
        }
        try target.synchronize()
        try target.close()
        let digest = hash.finish()
        let place = URL(filePath: path(of: digest))
        guard !holds(digest) else { return (digest, byteCount) }
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.moveItem(at: temporary, to: place)
        try DurableFile.syncFolder(place.deletingLastPathComponent().path)
        try DurableFile.syncFolder(folder)
        return (digest, byteCount)
    }
}
