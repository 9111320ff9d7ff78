import AuditSources
import Auditing
import Checkpoints
import Digests
import Foundation
import Merkle

/// Audits a copy against the checkpoint that it was made for, before that counts.
struct CopyAudit {
    let folder: String
    let note: [UInt8]
    /// The checkpoint up to which the copy counted until now.
    let older: [UInt8]?
    let mode: AuditMode

    func run(_ progress: @escaping @Sendable (BackupProgress) -> Void) async throws -> AuditReport {
        let random = RandomBytes.make(count: 16).withUnsafeBytes {
            $0.load(as: (UInt64, UInt64).self)
        }
        var options = Auditor.Options(hashKey: ShortHash(high: random.0, low: random.1))
        options.workers = ProcessInfo.processInfo.activeProcessorCount
        if let older {
            options.checkpoints = [GivenCheckpoint(name: "the older backup", note: older)]
        }
        var sources = try Auditor.Sources(
            ledger: folder, memory: nil, scratch: FileManager.default.temporaryDirectory.path)
        sources.kept = KeptUnder(base: sources.kept, note: note)
        return try await Auditor(sources, options).run(mode: mode) {
            progress(
                BackupProgress(
                    step: .auditing, bytesDone: $0.bytesDone, bytesTotal: $0.bytesTotal))
        }
    }
}

/// What a folder keeps, under a checkpoint that is not in it yet.
private struct KeptUnder: KeptFiles {
    let base: any KeptFiles
    let note: [UInt8]

    func checkpoint() throws(SourceError) -> [UInt8]? { note }
    func cosigned() throws(SourceError) -> [UInt8]? { try base.cosigned() }
    func timestamps() throws(SourceError) -> [UInt64] { try base.timestamps() }

    func timestamp(_ number: UInt64) throws(SourceError) -> KeptTimestamp {
        try base.timestamp(number)
    }

    func keyNotes() throws(SourceError) -> [KeyNote] { try base.keyNotes() }

    func compiledCatalogue(_ digest: Digest) throws(SourceError) -> FileDigest? {
        try base.compiledCatalogue(digest)
    }

    func catalogueFile(_ digest: Digest, path: String) throws(SourceError) -> FileDigest? {
        try base.catalogueFile(digest, path: path)
    }

    func attachment(_ digest: Digest) throws(SourceError) -> FileDigest? {
        try base.attachment(digest)
    }
}

/// A checkpoint as it was found; nobody has verified it.
struct FoundCheckpoint {
    let bytes: [UInt8]
    let checkpoint: Checkpoint

    /// The newest checkpoint of the ledger or backup in `folder`.
    init(in folder: String) throws {
        guard let bytes = try LedgerFolder(folder).checkpoint() else {
            throw BackupError(
                .failed, en: "\(folder) has no checkpoint yet: there is nothing to copy",
                zh: "\(folder) 尚无检查点：没有可复制的内容")
        }
        guard let note = try? SignedNote(bytes),
            let checkpoint = try? Checkpoint(text: note.text)
        else {
            throw BackupError(
                .refused,
                en: "\(folder)/checkpoints/latest is no checkpoint; run hanqing verify",
                zh: "\(folder)/checkpoints/latest 不是检查点；请运行 hanqing verify")
        }
        (self.bytes, self.checkpoint) = (bytes, checkpoint)
    }

    var size: UInt64 { checkpoint.size.rawValue }
}
