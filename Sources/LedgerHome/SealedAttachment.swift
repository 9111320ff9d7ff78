package import CanonicalJSON
import Digests
import DurableFiles
import Foundation
import Phrases
package import Sealing

/// An attachment that is encrypted as it comes: Specs/sealing.md section 6.
///
/// Nothing of it is on the disk in clear. One task's own.
package final class SealedAttachment {
    private let folder: AttachmentFolder
    private let key: DataKey
    private let draft: ByteFile
    private let hash = SHA256()
    private var writer: SealedFileWriter
    private var byteCount = 0

    package init(in folder: AttachmentFolder, origin: String) throws(LedgerError) {
        self.folder = folder
        key = DataKey { RandomBytes.secret(count: $0) }
        writer = SealedFileWriter(key, origin: origin)
        hash.start()
        do throws(FileError) {
            draft = try folder.sealedDraft()
        } catch {
            throw LedgerError([error.phrase])
        }
        try put(writer.header)
    }

    package func append(_ bytes: some Collection<UInt8>) throws(LedgerError) {
        try put(writer.add(bytes))
    }

    /// Puts it in its place, durably, and gives what opens it and how many bytes are stored.
    package func finish(
        name: String, mediaType: String
    ) throws(LedgerError) -> (key: SealedFileKey, byteCount: Int) {
        try put(writer.finish())
        let digest = hash.finish()
        do throws(FileError) {
            try folder.keep(draft, as: digest)
        } catch {
            throw LedgerError([error.phrase])
        }
        return (
            SealedFileKey(digest: digest, key: key, name: name, mediaType: mediaType), byteCount
        )
    }

    /// Forgets what has come.
    package func drop() {
        try? FileManager.default.removeItem(atPath: draft.path)
    }

    private func put(_ sealed: [UInt8]) throws(LedgerError) {
        guard !sealed.isEmpty else { return }
        sealed.withUnsafeBytes { hash.update($0) }
        do throws(FileError) {
            try draft.write(sealed, at: byteCount)
        } catch {
            throw LedgerError([error.phrase])
        }
        byteCount += sealed.count
    }
}

extension SealedFileKey {
    /// What an event says of the file in clear: nothing of what it is.
    package func attachment(byteCount: Int) -> JSONValue {
        [
            "bytes": .integer(Int64(byteCount)), "held": "ledger",
            "mediaType": "application/octet-stream", "name": "sealed",
            "sha256": .string(digest.hex),
        ]
    }
}

extension AttachmentFolder {
    private static let blockByteCount = 1 << 20

    /// Encrypts a file into the folder.
    package func addSealed(
        _ file: String, origin: String, name: String, mediaType: String
    ) throws(LedgerError) -> (key: SealedFileKey, byteCount: Int) {
        let draft = try SealedAttachment(in: self, origin: origin)
        do throws(LedgerError) {
            try AttachmentFolder.forEachBlock(of: file) { (block) throws(LedgerError) in
                try draft.append(block)
            }
            return try draft.finish(name: name, mediaType: mediaType)
        } catch {
            draft.drop()
            throw LedgerError(
                en: "cannot attach \(file): \(error.phrases.first?.en ?? "")",
                zh: "无法附上 \(file)：\(error.phrases.first?.zh ?? "")")
        }
    }

    /// Decrypts a file of the folder to `path`, which must not be there yet; 0600.
    ///
    /// What is not whole, or not what the key is for, leaves nothing there.
    package func open(
        _ key: SealedFileKey, origin: String, to path: String
    ) throws(LedgerError) {
        guard !DurableFile.exists(path) else {
            throw LedgerError(en: "\(path) is there already", zh: "\(path) 已存在")
        }
        do throws(LedgerError) {
            try decrypt(key, origin, to: path)
        } catch {
            try? FileManager.default.removeItem(atPath: path)
            throw error
        }
    }

    private func decrypt(
        _ key: SealedFileKey, _ origin: String, to path: String
    ) throws(LedgerError) {
        var (reader, head): (SealedFileReader?, [UInt8]) = (nil, [])
        var place = 0
        do throws(FileError) {
            let target = try ByteFile(path, .create, mode: 0o600)
            func put(_ bytes: [UInt8]) throws(FileError) {
                try target.write(bytes, at: place)
                place += bytes.count
            }
            let source = try ByteFile(self.path(of: key.digest), .read)
            var position = 0
            while case let block = try source.read(AttachmentFolder.blockByteCount, at: position),
                !block.isEmpty
            {
                position += block.count
                var rest = block[...]
                if reader == nil {
                    head += rest.prefix(SealedFile.headerByteCount - head.count)
                    rest = rest.dropFirst(SealedFile.headerByteCount)
                    reader = try AttachmentFolder.sound(key) { () throws(SealingError) in
                        try SealedFileReader(header: head, key.key, origin: origin)
                    }
                }
                try put(
                    try AttachmentFolder.sound(key) { () throws(SealingError) in
                        try reader?.add(rest) ?? []
                    })
            }
            try put(
                try AttachmentFolder.sound(key) { () throws(SealingError) in
                    guard var reader else { throw .changed }
                    return try reader.finish()
                })
            try target.sync()
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    private static func sound<Value>(
        _ key: SealedFileKey, _ body: () throws(SealingError) -> Value
    ) throws(FileError) -> Value {
        do throws(SealingError) {
            return try body()
        } catch {
            throw FileError(
                Phrase(
                    en: "attachment \(key.digest.hex): \(error.phrase.en)",
                    zh: "附件 \(key.digest.hex)：\(error.phrase.zh)"))
        }
    }

    private static func forEachBlock(
        of file: String, _ body: ([UInt8]) throws(LedgerError) -> Void
    ) throws(LedgerError) {
        let source: ByteFile
        var position = 0
        do throws(FileError) {
            source = try ByteFile(file, .read)
        } catch {
            throw LedgerError([error.phrase])
        }
        while true {
            let block: [UInt8]
            do throws(FileError) {
                block = try source.read(blockByteCount, at: position)
            } catch {
                throw LedgerError([error.phrase])
            }
            guard !block.isEmpty else { return }
            position += block.count
            try body(block)
        }
    }
}
