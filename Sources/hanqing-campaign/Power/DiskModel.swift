import Foundation
import TestKit

/// A disk beneath one folder, made from a trace: what was changed, and what was synced when.
///
/// `@unchecked Sendable` holds because it and its parts are changed by `init` alone, before anyone
/// else has them; rounds only read.
final class DiskModel: @unchecked Sendable {
    /// A folder: its names as the program sees them, and when it was synced.
    ///
    /// `@unchecked Sendable` for the same reason.
    final class Folder: @unchecked Sendable {
        fileprivate(set) var names: [String: Node] = [:]
        fileprivate(set) var syncs: [Int] = []
        fileprivate(set) var mode: Int64
        /// What it had when the trace began.
        fileprivate(set) var base: [String: Node] = [:]

        fileprivate init(mode: Int64) { self.mode = mode }
    }

    enum Node {
        case file(DiskFile)
        case folder(Folder)
    }

    /// One change of names, which happens as a whole or not at all.
    struct NameChange {
        let event: Int
        /// Nil takes the name away; the last one is where the change counts as synced.
        let places: [(folder: Folder, name: String, node: Node?)]

        var home: Folder { places[places.count - 1].folder }
    }

    struct Misfit: Error, CustomStringConvertible {
        let description: String
    }

    private let rootPath: String
    let root = Folder(mode: 0o755)
    private(set) var changes: [NameChange] = []
    private(set) var folders: [Folder] = []
    private var files: [UInt64: DiskFile] = [:]

    /// Begins with `base`, as if all of it were on the disk, and adds the trace.
    ///
    /// Without `trustingSyncs` a sync does nothing: a disk, or a program, that does not keep its
    /// word.
    init(_ trace: DiskTrace, root path: String, base: DiskBase?, trustingSyncs: Bool) throws {
        rootPath = path
        folders = [root]
        if let base { load(base, root) }
        for (number, event) in trace.events.enumerated() {
            switch event {
            case .sync, .syncFolder: if trustingSyncs { try take(event, number, trace) }
            default: try take(event, number, trace)
            }
        }
    }

    private func load(_ base: DiskBase, _ folder: Folder) {
        for (name, file) in base.files {
            let new = DiskFile(base: file.bytes, mode: file.mode)
            files[file.inode] = new
            folder.names[name] = .file(new)
        }
        for (name, one) in base.folders {
            let new = Folder(mode: one.mode)
            folders.append(new)
            folder.names[name] = .folder(new)
            load(one, new)
        }
        folder.base = folder.names
    }

    private func take(_ event: DiskTrace.Event, _ number: Int, _ trace: DiskTrace) throws {
        switch event {
        case .create(let path, let inode, let mode):
            let file = DiskFile(mode: mode)
            files[inode] = file
            try change(number, [(path, .file(file))])
        case .write(let inode, let offset, let range):
            try file(inode).add(.write(offset: offset, bytes: trace.bytes[range]), at: number)
        case .truncate(let inode, let size): try file(inode).add(.truncate(size: size), at: number)
        case .sync(let inode): try file(inode).sync(at: number)
        case .syncFolder(let path): try folder(path).syncs.append(number)
        case .rename(let path, let target):
            let node = try node(path)
            try change(number, [(path, nil), (target, node)])
        case .unlink(let path), .removeFolder(let path): try change(number, [(path, nil)])
        case .makeFolder(let path, let mode):
            let new = Folder(mode: mode)
            folders.append(new)
            try change(number, [(path, .folder(new))])
        case .link(let path, let target): try change(number, [(target, try node(path))])
        case .changeMode(let path, let mode):
            // Modes are taken as written at once.
            switch try node(path) {
            case .file(let file): file.change(mode: mode)
            case .folder(let folder): folder.mode = mode
            }
        case .output: break
        }
    }

    private func change(_ event: Int, _ names: [(path: String, node: Node?)]) throws {
        let places = try names.map { path, node in
            let url = URL(filePath: path)
            let folder = try folder(url.deletingLastPathComponent().path)
            folder.names[url.lastPathComponent] = node
            return (folder: folder, name: url.lastPathComponent, node: node)
        }
        changes.append(NameChange(event: event, places: places))
    }

    private func file(_ inode: UInt64) throws -> DiskFile {
        guard let file = files[inode] else {
            throw Misfit(description: "the trace writes to a file that it did not create: \(inode)")
        }
        return file
    }

    private func node(_ path: String) throws -> Node {
        guard path.hasPrefix(rootPath) else { throw Misfit(description: path) }
        var node = Node.folder(root)
        for name in path.dropFirst(rootPath.count).split(separator: "/") {
            guard case .folder(let folder) = node, let next = folder.names[String(name)] else {
                throw Misfit(description: "the trace knows no \(path)")
            }
            node = next
        }
        return node
    }

    private func folder(_ path: String) throws -> Folder {
        guard case .folder(let folder) = try node(path) else { throw Misfit(description: path) }
        return folder
    }
}
