package import Auditing
package import Checkpoints
import Digests
import Glibc

/// What this machine remembers of ledgers: one ``MemoryFile`` an origin, named by the origin's
/// SHA-256.
package struct MemoryFolder: CheckpointMemory {
    private let folder: String

    package init(_ folder: String) {
        self.folder = folder
    }

    /// `$HANQING_MEMORY`, or `hanqing` in `$XDG_STATE_HOME`, or in `~/.local/state`; nil if none is
    /// set.
    package static func usual(_ environment: [String: String]) -> MemoryFolder? {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let folder = value("HANQING_MEMORY") { return MemoryFolder(folder) }
        if let state = value("XDG_STATE_HOME") { return MemoryFolder(state + "/hanqing") }
        return value("HOME").map { MemoryFolder($0 + "/.local/state/hanqing") }
    }

    private func file(_ origin: Origin) -> MemoryFile {
        MemoryFile("\(folder)/\(SHA256.digest(of: Array(origin.text.utf8)).hex).json")
    }

    package func recall(_ origin: Origin) throws(SourceError) -> RememberedCheckpoint? {
        try file(origin).recall(origin)
    }

    package func keep(
        _ remembered: RememberedCheckpoint, of origin: Origin
    ) throws(SourceError) {
        try makeFolders()
        try file(origin).keep(remembered, of: origin)
    }

    private func makeFolders() throws(SourceError) {
        var end = folder.startIndex
        while end < folder.endIndex {
            end = folder[end...].dropFirst().firstIndex(of: "/") ?? folder.endIndex
            guard mkdir(String(folder[..<end]), 0o700) == 0 || errno == EEXIST else {
                throw SourceError(system: "create", folder, errno)
            }
        }
    }
}
