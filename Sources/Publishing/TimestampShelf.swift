package import Checkpoints
import DurableFiles
import Phrases

/// Where a ledger's timestamps are kept, while one process adds one: Specs/timestamp.md section 2.
package final class TimestampShelf {
    private let path: String
    private let lock: ByteFile

    private static let lockName = ".adding"

    package init(ledger: String) throws(PublicationError) {
        path = ledger + "/checkpoints/timestamped"
        do throws(FileError) {
            try DurableFile.makeFolders(path)
            lock = try ByteFile("\(path)/\(TimestampShelf.lockName)", .create)
        } catch {
            throw .file(error)
        }
        guard lock.lock() else {
            throw .refused(
                en: "another process asks for a timestamp of this ledger now",
                zh: "另有进程正在为本账本请求时间戳")
        }
    }

    /// Adds one for good: a crash leaves a draft, which the next call clears, or all of it.
    package func keep(_ timestamp: KeptTimestamp) throws(PublicationError) {
        let place = "\(path)/\(timestamp.folder)"
        let draft = place + ".new"
        do throws(FileError) {
            if DurableFile.exists(draft) { try DurableFile.removeFlatFolder(draft) }
            try DurableFile.makeFolders(draft)
            for (name, bytes) in timestamp.files {
                try DurableFile.put(bytes, at: "\(draft)/\(name)")
            }
            try DurableFile.syncFolder(draft)
            // Only a folder that is empty can be renamed over: what is kept never changes.
            try DurableFile.move(draft, to: place)
        } catch {
            throw .file(error)
        }
    }
}
