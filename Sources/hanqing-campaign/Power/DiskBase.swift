import Foundation
import Glibc

/// A folder as it is now, in memory, with the inodes by which a later trace names its files.
struct DiskBase: Sendable {
    struct File: Sendable {
        let inode: UInt64
        let mode: Int64
        let bytes: [UInt8]
    }

    private(set) var files: [String: File] = [:]
    private(set) var folders: [String: DiskBase] = [:]
    let mode: Int64

    init(reading path: String) throws {
        mode = Int64(try DiskBase.status(path).st_mode & 0o777)
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            let place = path + "/" + name
            let status = try DiskBase.status(place)
            if status.st_mode & S_IFMT == S_IFDIR {
                folders[name] = try DiskBase(reading: place)
            } else {
                files[name] = File(
                    inode: UInt64(status.st_ino), mode: Int64(status.st_mode & 0o777),
                    bytes: [UInt8](try Data(contentsOf: URL(filePath: place))))
            }
        }
    }

    private static func status(_ path: String) throws -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw DiskModel.Misfit(description: path) }
        return status
    }

    /// Where two folders differ in names, modes or bytes; nil if nowhere.
    func difference(from other: DiskBase, at path: String = "") -> String? {
        let names = Set(files.keys).union(other.files.keys).union(folders.keys)
            .union(other.folders.keys)
        for name in names.sorted() {
            let place = path + "/" + name
            if let mine = folders[name], let theirs = other.folders[name] {
                if mine.mode != theirs.mode { return place + ": mode" }
                if let found = mine.difference(from: theirs, at: place) { return found }
            } else if let mine = files[name], let theirs = other.files[name] {
                if mine.bytes != theirs.bytes { return place + ": content" }
                if mine.mode != theirs.mode { return place + ": mode" }
            } else {
                return place + ": only in one"
            }
        }
        return nil
    }
}
