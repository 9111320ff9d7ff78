import Bundles
import DurableFiles
import Phrases

/// A file that is read as a bundle, from its beginning to its end.
final class BundleFile {
    private let file: ByteFile
    private var offset = 0

    /// Whether `path` is a file, where a ledger is a folder.
    static func isAt(_ path: String) -> Bool {
        DurableFile.exists(path) && !DurableFile.isFolder(path)
    }

    init(_ path: String) throws(TarFault) {
        do throws(FileError) {
            file = try ByteFile(path, .read)
        } catch {
            throw .unreadable(error.phrase)
        }
    }

    func next(_ count: Int) throws(TarFault) -> [UInt8] {
        do throws(FileError) {
            let bytes = try file.read(count, at: offset)
            offset += bytes.count
            return bytes
        } catch {
            throw .unreadable(error.phrase)
        }
    }
}
