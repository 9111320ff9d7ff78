import Auditing
import Synchronization

/// Files that are read again and again, a few of them open at a time.
final class OpenedFiles: Sendable {
    private let folder: String
    private let files = Mutex<[(name: String, file: OpenFile)]>([])

    private static let countMax = 16

    init(_ folder: String) {
        self.folder = folder
    }

    /// Nil if there is no such file.
    func file(_ name: String) throws(SourceError) -> OpenFile? {
        let known = files.withLock { files in files.first { $0.name == name }?.file }
        if let known { return known }
        guard let file = try OpenFile("\(folder)/\(name)", name: name) else { return nil }
        files.withLock { files in
            // A reader that holds a file keeps it open; forgetting it here does no harm.
            if files.count == OpenedFiles.countMax { files.removeFirst() }
            files.append((name, file))
        }
        return file
    }
}
