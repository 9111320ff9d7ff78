import CanonicalJSON
import Digests
import DurableFiles
package import Merkle
package import Records

/// What `backup.json` says: Specs/backup.md section 2.
package struct BackupNote: Hashable, Sendable {
    package static let fileName = "backup.json"
    package static let format: Int64 = 1

    package var origin: String
    package var size: UInt64
    package var root: Root
    package var made: Timestamp
    package var hasKeys: Bool

    var json: JSONValue {
        [
            "format": .integer(BackupNote.format), "keys": .bool(hasKeys),
            "made": .string(made.text), "origin": .string(origin), "root": .string(root.digest.hex),
            "size": .integer(Int64(clamping: size)),
        ]
    }

    /// Nil if there is no backup in `folder`.
    package init?(folder: String) throws(BackupError) {
        let path = folder + "/" + BackupNote.fileName
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.contents(path)
        } catch {
            throw BackupError(error)
        }
        guard let bytes else { return nil }
        let value = try? JSONValue(parsing: bytes)
        if let format = value?["format"]?.integer, format > BackupNote.format {
            throw BackupError(
                .failed,
                en: "\(path) has format \(format); this program knows \(BackupNote.format). Use a "
                    + "newer version of hanqing",
                zh: "\(path) 的格式为 \(format)，本程序只认识 \(BackupNote.format)；请使用更新版本的 hanqing")
        }
        guard let value, let origin = value["origin"]?.string,
            let size = value["size"]?.integer.flatMap({ UInt64(exactly: $0) }),
            let root = value["root"]?.string.flatMap({ Digest(hex: $0) }),
            let made = value["made"]?.string.flatMap(Timestamp.init)
        else {
            throw BackupError(
                .refused, en: "\(path) cannot be read; make a new backup in another folder",
                zh: "\(path) 无法读取；请在另一目录中新建备份")
        }
        self.init(
            origin: origin, size: size, root: Root(root), made: made,
            hasKeys: value["keys"]?.bool ?? false)
    }

    init(origin: String, size: UInt64, root: Root, made: Timestamp, hasKeys: Bool) {
        (self.origin, self.size, self.root) = (origin, size, root)
        (self.made, self.hasKeys) = (made, hasKeys)
    }
}

/// A restored ledger is closed for writing while this file is in it: Specs/backup.md section 4.
package enum RestoredMark {
    package static let fileName = "restored.json"

    static func json(size: UInt64, made: Timestamp) -> JSONValue {
        ["format": 1, "made": .string(made.text), "size": .integer(Int64(clamping: size))]
    }

    package static func isIn(_ folder: String) -> Bool {
        DurableFile.exists(folder + "/" + fileName)
    }

    /// The records that were restored.
    package static func size(in folder: String) throws(BackupError) -> UInt64 {
        let path = folder + "/" + fileName
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try DurableFile.contents(path)
        } catch {
            throw BackupError(error)
        }
        let value = bytes.flatMap { try? JSONValue(parsing: $0) }
        guard value?["format"]?.integer == 1,
            let size = value?["size"]?.integer.flatMap({ UInt64(exactly: $0) })
        else {
            throw BackupError(
                .failed, en: "\(path) cannot be read; restore the backup again",
                zh: "\(path) 无法读取；请重新恢复备份")
        }
        return size
    }
}
