import DurableFiles
import Foundation
import GRDB
import Phrases
package import Sealing

/// Copies of a vault, and a vault made of one: Specs/sealing.md section 4.
extension VaultStore {
    private static let pieceByteCount = 1 << 20
    private static let fileNames = ["vault.sqlite", "keys"]

    /// Copies what is in the vault now into a new folder, durably.
    package func copy(to folder: String) throws(VaultError) {
        try doing {
            guard try DurableFile.names(in: folder).isEmpty else {
                throw VaultError.folderUsed(folder)
            }
            try DurableFile.makeFolders(folder, mode: 0o700)
            chmod(folder, 0o700)
            let path = "\(folder)/vault.sqlite"
            // SQLite would make it for everybody to read.
            let file = try ByteFile(path, .create, mode: 0o600)
            try database.copy(to: path)
            try file.sync()
            try slots.copy(to: "\(folder)/keys")
            try DurableFile.syncFolder(folder)
        }
    }

    /// Puts a copy into the new folder of a vault; it is opened as any other then.
    package static func restore(_ copy: String, to folder: String) throws(VaultError) {
        do {
            guard !DurableFile.exists("\(folder)/vault.sqlite") else {
                throw VaultError.folderUsed(folder)
            }
            for name in fileNames where !DurableFile.exists("\(copy)/\(name)") {
                throw VaultError(
                    .notFound, en: "\(copy) is no copy of a vault: it has no \(name)",
                    zh: "\(copy) 不是密钥库副本：缺少 \(name)")
            }
            try DurableFile.makeFolders(folder, mode: 0o700)
            chmod(folder, 0o700)
            // The keys first: without the rows they are leftovers, and no vault is there yet.
            for name in fileNames.reversed() {
                try copyFile("\(copy)/\(name)", to: "\(folder)/\(name)")
            }
            try DurableFile.syncFolder(folder)
        } catch {
            throw VaultError(wrapping: error)
        }
    }

    private static func copyFile(_ path: String, to other: String) throws {
        let source = try ByteFile(path, .read)
        let target = try ByteFile(other, .create, mode: 0o600)
        let size = try source.size()
        try target.truncate(to: 0)
        for place in stride(from: 0, to: size, by: pieceByteCount) {
            try target.write(
                try source.read(min(pieceByteCount, size - place), at: place), at: place)
        }
        try target.sync()
    }
}

extension VaultError {
    fileprivate static func folderUsed(_ folder: String) -> VaultError {
        VaultError(.conflict, en: "\(folder) is not empty", zh: "\(folder) 不为空")
    }
}
