package import CanonicalJSON
package import Catalogue
package import Digests
import DurableFiles
import Foundation
import LedgerData
import Phrases

/// Catalogues that a ledger has adopted, kept for life: `catalogue/<digest>/`.
///
/// `compiled.json` is the canonical form that commands read; its SHA-256 is the digest. `files/`
/// holds the YAML as it was written.
package struct AdoptedCatalogues: Sendable {
    private let folder: String

    package init(ledger: String) {
        folder = ledger + "/catalogue"
    }

    /// Keeps a catalogue and gives the list of its files for the record.
    package func keep(
        _ catalogue: EventCatalogue, files: [String: [UInt8]]
    ) throws(LedgerError) -> JSONValue {
        let place = URL(filePath: "\(folder)/\(catalogue.digest.hex)")
        do throws(FileError) {
            for (path, bytes) in files {
                try DurableFile.write(bytes, to: place.appending(path: "files/" + path).path)
            }
            try DurableFile.write(
                catalogue.compiled, to: place.appending(path: "compiled.json").path)
            try DurableFile.syncFolder(folder)
        } catch {
            throw LedgerError(
                en: "cannot keep the catalogue: \(error.phrase.en)",
                zh: "无法保存目录：\(error.phrase.zh)")
        }
        return .array(
            files.sorted { $0.key < $1.key }.map { path, bytes in
                [
                    "path": .string(path), "bytes": .integer(Int64(bytes.count)),
                    "sha256": .string(SHA256.digest(of: bytes).hex),
                ]
            })
    }

    /// The catalogue with this digest, re-hashed before it is believed.
    package func load(_ digest: Digest) throws(LedgerError) -> EventCatalogue {
        let path = "\(folder)/\(digest.hex)/compiled.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LedgerError(
                en: "the adopted catalogue \(path) is missing; restore it from a backup",
                zh: "缺少已采用的目录 \(path)；请从备份恢复")
        }
        let bytes = [UInt8](data)
        guard SHA256.digest(of: bytes) == digest else {
            throw LedgerError(
                en: "\(path) is not what was adopted: its SHA-256 is another; "
                    + "run hanqing verify and restore it from a backup",
                zh: "\(path) 与采用时不符（SHA-256 不同）；请运行 hanqing verify 并从备份恢复")
        }
        do throws(CatalogueErrors) {
            return try EventCatalogue(compiled: bytes)
        } catch {
            throw LedgerError(error)
        }
    }
}

/// The catalogue that these files make, or the shipped one.
package func readCatalogue(
    _ files: [String: [UInt8]]?
) throws(LedgerError) -> EventCatalogue {
    do throws(CatalogueErrors) {
        guard let files else {
            return try EventCatalogue(compiled: LedgerData.compiledCatalogue)
        }
        return try EventCatalogue(files: files)
    } catch {
        throw LedgerError(error)
    }
}

/// The files of a catalogue's folder, by path relative to it.
package func catalogueFiles(in folder: String) throws(LedgerError) -> [String: [UInt8]] {
    let root = URL(filePath: folder, directoryHint: .isDirectory).standardizedFileURL
    guard let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil),
        FileManager.default.fileExists(atPath: root.path)
    else {
        throw LedgerError(en: "there is no folder \(folder)", zh: "没有目录 \(folder)")
    }
    var files: [String: [UInt8]] = [:]
    for case let url as URL in walk where ["yaml", "yml"].contains(url.pathExtension) {
        let path = url.standardizedFileURL.path.dropFirst(root.path.count)
        let relative = path.drop { $0 == "/" }
        files[String(relative)] = FileManager.default.contents(atPath: url.path).map { [UInt8]($0) }
    }
    return files
}
