package import Auditing
import CanonicalJSON
package import Checkpoints
import Glibc
import Phrases

/// What an auditor remembers of one ledger, in a file that can be carried.
///
/// It is canonical JSON with `format`, `kept`, `key`, `note` and `origin`: Specs/verify.md
/// section 6.
package struct MemoryFile: CheckpointMemory {
    private let path: String

    package init(_ path: String) {
        self.path = path
    }

    package func recall(_ origin: Origin) throws(SourceError) -> RememberedCheckpoint? {
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
        let found = value?["origin"]?.string.flatMap(Origin.init)
        if let found, found != origin {
            throw SourceError(
                path,
                Phrase(
                    en: "\(path) is the memory of \(found), not of \(origin)",
                    zh: "\(path) 是 \(found) 的记忆，而非 \(origin) 的"))
        }
        guard let value, value["format"]?.integer == 1, found == origin,
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
            "format": 1, "kept": .integer(Int64(time(nil))),
            "key": .string(remembered.key.description),
            "note": .string(String(decoding: remembered.note, as: UTF8.self)),
            "origin": .string(origin.text),
        ]
        let draft = "\(path).new-\(getpid())"
        do throws(SourceError) {
            try NewFile.write(value.canonicalBytes, to: draft, mode: 0o600, durably: true)
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, path) == 0 else { throw SourceError(system: "rename", path, errno) }
    }
}
