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
        var byteCount = 0
        let digest = try digest(of: source) { (block) throws(FileError) in
            try target.write(block, at: byteCount)
            byteCount += block.count
        }
        try keep(target, as: digest)
        return (digest, byteCount)
    }

    /// The digest of what a file holds, which `body` gets block by block.
    func digest(
        of file: ByteFile, _ body: ([UInt8]) throws(FileError) -> Void = { _ in }
    ) throws(FileError) -> Digest {
        let hash = SHA256()
        hash.start()
        var position = 0
        while case let block = try file.read(1 << 20, at: position), !block.isEmpty {
            block.withUnsafeBytes { hash.update($0) }
            try body(block)
            position += block.count
        }
        return hash.finish()
    }

    /// Where the parts of an upload are kept until it is whole.
    func draft(of digest: Digest) throws(FileError) -> ByteFile {
        try DurableFile.makeFolders(folder)
        return try ByteFile(draftPath(of: digest), .create)
    }

    /// Where an attachment that is encrypted is kept until it is whole and has a name.
    func sealedDraft() throws(FileError) -> ByteFile {
        try DurableFile.makeFolders(folder)
        return try ByteFile("\(folder)/incoming-\(UUID().uuidString)", .create)
    }

    private func draftPath(of digest: Digest) -> String { "\(folder)/incoming-\(digest.hex)" }

    /// How much has come of an upload that was broken off; nil if there is none.
    package func receivedByteCount(of digest: Digest) -> Int? {
        guard DurableFile.exists(draftPath(of: digest)) else { return nil }
        do throws(FileError) {
            return try ByteFile(draftPath(of: digest), .read).size()
        } catch {
            return nil
        }
    }

    /// Gives a whole file its name, durably.
    func keep(_ draft: ByteFile, as digest: Digest) throws(FileError) {
        if !holds(digest) {
            try draft.sync()
            try DurableFile.makeFolders(DurableFile.parent(path(of: digest)))
            try DurableFile.move(draft.path, to: path(of: digest))
        } else if DurableFile.exists(draftPath(of: digest)) {
            try DurableFile.remove(draftPath(of: digest))
        }
        try syncNames(of: digest)
    }
}
