package import Checkpoints
import Digests
package import DurableFiles
import Phrases

/// What a witness has cosigned: of each log the newest checkpoint, with its own cosignature.
///
/// One file a log, named by the SHA-256 of the origin. A lock beside it orders all processes that
/// share the folder; nothing is remembered between two requests but what the file says.
package struct WitnessState: Sendable {
    private let folder: String
    /// Whose cosignature each file must have: what was not ours, we have not seen.
    private let key: VerifierKey

    package init(folder: String, key: VerifierKey) throws(FileError) {
        (self.folder, self.key) = (folder, key)
        try DurableFile.makeFolders(folder, mode: 0o700)
        try DurableFile.syncPath(to: folder)
    }

    /// The name under which a log is kept and asked for: 64 lower-case hexadecimal digits.
    package static func name(of origin: Origin) -> String {
        SHA256.digest(of: Array(origin.text.utf8)).hex
    }

    /// The newest cosigned note; nil if there is none.
    package func newest(of origin: Origin) throws(FileError) -> SignedNote? {
        let path = path(origin)
        let bytes = try DurableFile.contents(path, limit: SignedNote.maximumByteCount + 1)
        guard let bytes else { return nil }
        guard let note = try? SignedNote(bytes),
            let checkpoint = try? Checkpoint(text: note.text), checkpoint.origin == origin,
            (try? note.verifiedKeys(among: [key])) != nil
        else {
            throw FileError(
                Phrase(
                    en: "\(path) is not what this witness wrote with the key \(key.id): it cosigns "
                        + "nothing more for \(origin). Find out why; a new key begins in a new "
                        + "folder",
                    zh: "\(path) 不是本见证人以密钥 \(key.id) 写下的内容，已停止为 \(origin) 联署。请查明原因；"
                        + "更换密钥须使用新的目录"))
        }
        return note
    }

    /// Replaces the newest note by what `step` makes of it, while no other process does.
    ///
    /// The new one is durable when this returns. A crash leaves the old or the new one, and nobody
    /// has been answered.
    func advance<Refusal: Error>(
        _ origin: Origin, _ step: (Checkpoint?) throws(Refusal) -> SignedNote
    ) throws(FileError) -> Result<SignedNote, Refusal> {
        let lock = try ByteFile(path(origin) + ".lock", .create, mode: 0o600)
        try lock.waitForLock()
        let newest = try newest(of: origin).flatMap { try? Checkpoint(text: $0.text) }
        let note: SignedNote
        do throws(Refusal) {
            note = try step(newest)
        } catch {
            return .failure(error)
        }
        try DurableFile.replace(path(origin), with: note.bytes, mode: 0o600)
        return .success(note)
    }

    private func path(_ origin: Origin) -> String { "\(folder)/\(WitnessState.name(of: origin))" }
}
