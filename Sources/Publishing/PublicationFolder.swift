import DurableFiles
import Merkle
import Phrases

/// A folder in the layout of c2sp.org/tlog-tiles, while one process publishes into it.
///
/// Every file is written under another name, synced, and then renamed: what has its name is whole.
/// The names are made durable by ``syncNames()``, before the checkpoint that needs them.
package final class PublicationFolder {
    package let path: String
    private let lock: ByteFile
    private var unsynced: Set<String> = []
    /// How far earlier runs came; nothing is wrong if it is lost, only slower.
    var progress: Progress

    static let checkpointName = "checkpoint"
    private static let lockName = ".publishing"

    struct Progress: Hashable {
        /// Partial tiles below this size were collected.
        var collected: UInt64 = 0
        /// Records below this number have their bundles.
        var entries: UInt64 = 0
    }

    /// What became of a file.
    enum Written {
        case new, alreadyThere
    }

    package init(_ path: String) throws(PublicationError) {
        self.path = path
        do throws(FileError) {
            try DurableFile.makeFolders(path)
            try DurableFile.syncPath(to: path)
            let names = try DurableFile.names(in: path)
            let isOurs = names.contains(PublicationFolder.lockName)
            guard isOurs || names.isEmpty else { throw PublicationFolder.strange(path) }
            lock = try ByteFile("\(path)/\(PublicationFolder.lockName)", .create)
            guard lock.lock() else { throw PublicationFolder.taken(path) }
            progress = Progress(try lock.read(256, at: 0))
        } catch {
            throw .file(error)
        }
    }

    private static func strange(_ path: String) -> FileError {
        FileError(
            Phrase(
                en: "\(path) is neither empty nor a folder that hanqing publishes into",
                zh: "\(path) 既非空目录，也不是 hanqing 的发布目录"))
    }

    private static func taken(_ path: String) -> FileError {
        FileError(
            Phrase(
                en: "another process publishes into \(path) now", zh: "另有进程正在向 \(path) 发布"))
    }

    func contents(_ name: String, limit: Int) throws(PublicationError) -> [UInt8]? {
        try filing { () throws(FileError) in
            try DurableFile.contents("\(path)/\(name)", limit: limit)
        }
    }

    /// Writes a file that must never become another; false if it is there with other bytes.
    func write(_ bytes: [UInt8], to name: String) throws(PublicationError) -> Written? {
        if let old = try contents(name, limit: bytes.count + 1) {
            return old == bytes ? .alreadyThere : nil
        }
        try put(bytes, name)
        return .new
    }

    /// Puts a file in another's place.
    func put(_ bytes: [UInt8], _ name: String) throws(PublicationError) {
        let target = "\(path)/\(name)"
        let folder = DurableFile.parent(target)
        try filing { () throws(FileError) in
            try DurableFile.makeFolders(folder)
            try DurableFile.put(bytes, at: target)
        }
        unsynced.insert(folder)
    }

    /// Returns when every file that was written is there for good.
    func syncNames() throws(PublicationError) {
        for folder in unsynced.sorted() {
            try filing { () throws(FileError) in try DurableFile.syncFolder(folder) }
        }
        unsynced.removeAll()
    }

    /// Last of all: from here on readers see what was written.
    func putCheckpoint(_ note: [UInt8]) throws(PublicationError) {
        try syncNames()
        let path = "\(path)/\(PublicationFolder.checkpointName)"
        try filing { () throws(FileError) in try DurableFile.replace(path, with: note) }
    }

    /// Removes a tile's partial forms, if there are any; whether there were.
    func removePartials(_ path: String) throws(PublicationError) -> Bool {
        let folder = "\(self.path)/\(path)"
        guard DurableFile.exists(folder) else { return false }
        try filing { () throws(FileError) in try DurableFile.removeFlatFolder(folder) }
        return true
    }

    func saveProgress() throws(PublicationError) {
        try filing { () throws(FileError) in
            try lock.truncate(to: 0)
            try lock.write(progress.bytes, at: 0)
        }
    }

    var holdsEntries: Bool { DurableFile.exists("\(path)/tile/entries") }

    private func filing<Value>(
        _ body: () throws(FileError) -> Value
    ) throws(PublicationError) -> Value {
        do throws(FileError) {
            return try body()
        } catch {
            throw .file(error)
        }
    }
}

extension PublicationFolder.Progress {
    fileprivate var bytes: [UInt8] { Array("collected \(collected)\nentries \(entries)\n".utf8) }

    /// Nothing is known if it is not what ``bytes`` writes.
    fileprivate init(_ bytes: [UInt8]) {
        let words = String(decoding: bytes, as: UTF8.self).split { $0 == "\n" || $0 == " " }
        guard words.count == 4, let collected = UInt64(words[1]), let entries = UInt64(words[3])
        else { return }
        let read = Self(collected: collected, entries: entries)
        if read.bytes == bytes { self = read }
    }
}
