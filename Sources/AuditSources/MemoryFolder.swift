package import Auditing
import CanonicalJSON
package import Checkpoints
import Digests
import Glibc
import Phrases

/// What this machine remembers of ledgers: one file an origin, named by the origin's SHA-256.
///
/// The file is canonical JSON with `format`, `key`, `note` and `origin`: Specs/verify.md section 6.
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

    private func path(_ origin: Origin) -> String {
        "\(folder)/\(SHA256.digest(of: Array(origin.text.utf8)).hex).json"
    }

    package func recall(_ origin: Origin) throws(SourceError) -> RememberedCheckpoint? {
        let path = path(origin)
        guard let file = try OpenFile(path, name: path) else { return nil }
        let bytes = try file.contents(limit: 8 << 20)
        let value = try? JSONValue(parsing: bytes)
        if let format = value?["format"]?.integer, format > 1 {
            throw SourceError(
                path,
                Phrase(
                    en: "\(path) has format \(format), of a newer version; use a newer version of "
                        + "hanqing",
                    zh: "\(path) 的格式为 \(format)，由更新的版本写下；请使用更新版本的 hanqing"))
        }
        guard let value, value["format"]?.integer == 1,
            value["origin"]?.string.flatMap(Origin.init) == origin,
            let note = value["note"]?.string,
            let key = value["key"]?.string.flatMap({ try? VerifierKey($0) })
        else {
            throw SourceError(
                path,
                Phrase(
                    en: "\(path) is not what this program wrote; move it away only if you know why",
                    zh: "\(path) 不是本程序写下的内容；弄清原因后才可移走"))
        }
        return RememberedCheckpoint(key: key, note: Array(note.utf8))
    }

    /// A crash leaves the old file or the new one.
    package func keep(
        _ remembered: RememberedCheckpoint, of origin: Origin
    ) throws(SourceError) {
        let value: JSONValue = [
            "format": 1, "key": .string(remembered.key.description),
            "note": .string(String(decoding: remembered.note, as: UTF8.self)),
            "origin": .string(origin.text),
        ]
        try makeFolders()
        let path = path(origin)
        let draft = "\(path).new-\(getpid())"
        do throws(SourceError) {
            try NewFile.write(value.canonicalBytes, to: draft, mode: 0o600, durably: true)
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, path) == 0 else { throw SourceError(system: "rename", path, errno) }
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
