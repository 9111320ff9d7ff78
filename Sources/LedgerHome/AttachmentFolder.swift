package import Digests
import DurableFiles
import Foundation
package import LedgerStore
import Phrases

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

    /// Whether the file is there to stay: a process that was killed may have left a name that was
    /// not synced.
    package func holdsDurably(_ digest: Digest) throws(StoreError) -> Bool {
        guard holds(digest) else { return false }
        do throws(FileError) {
            try syncNames(of: digest)
            return true
        } catch {
            throw StoreError(
                .unavailable,
                en: "cannot tell whether an attachment is there to stay: \(error.phrase.en)",
                zh: "无法确认附件是否已持久保存：\(error.phrase.zh)")
        }
    }

    /// What stands above them was synced when the ledger was opened.
    private func syncNames(of digest: Digest) throws(FileError) {
        try DurableFile.syncFolder(DurableFile.parent(path(of: digest)))
        try DurableFile.syncFolder(folder)
        try DurableFile.syncFolder(DurableFile.parent(folder))
    }

    /// Copies a file in, durably, and gives its digest and length.
    ///
    /// A copy that is there stays.
    ///
    /// A crash leaves at most a temporary file; the name appears when the bytes are on the disk.
    package func add(_ file: String) throws(LedgerError) -> (digest: Digest, byteCount: Int) {
        do throws(FileError) {
            return try copy(ByteFile(file, .read))
        } catch {
            throw LedgerError(
                en: "cannot attach \(file): \(error.phrase.en)",
                zh: "无法附上 \(file)：\(error.phrase.zh)")
        }
    }

    private func copy(_ source: ByteFile) throws(FileError) -> (digest: Digest, byteCount: Int) {
        try DurableFile.makeFolders(folder)
        let draft = "\(folder)/incoming-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: draft) }
        let target = try ByteFile(draft, .create)
        let hash = SHA256()
        hash.start()
        var byteCount = 0
        while case let block = try source.read(1 << 20, at: byteCount), !block.isEmpty {
            block.withUnsafeBytes { hash.update($0) }
            try target.write(block, at: byteCount)
            byteCount += block.count
        }
        let digest = hash.finish()
        if !holds(digest) {
            try target.sync()
            try DurableFile.makeFolders(DurableFile.parent(path(of: digest)))
            try DurableFile.move(draft, to: path(of: digest))
        }
        try syncNames(of: digest)
        return (digest, byteCount)
    }
}
