package import Auditing
import CanonicalJSON
import Checkpoints
import DurableFiles
import Foundation
import Phrases
package import Records

/// Makes a backup, or brings one up to date, while others append: Specs/backup.md section 3.
package struct BackupWriter: Sendable {
    private let ledger: String
    private let target: String
    private let options: Options

    package struct Options: Sendable {
        package var withKeys = false
        /// How thoroughly the copy is audited before it counts.
        package var mode = AuditMode.full

        package init() {}
    }

    /// A backup that counts.
    package struct Made: Sendable {
        package let note: BackupNote
        /// Records that the backup held before.
        package let sizeBefore: UInt64
        package let filesCopied: Int
        package let bytesCopied: Int
        package let report: AuditReport
    }

    package init(ledger: String, target: String, options: Options = Options()) {
        (self.ledger, self.target) = (ledger, target)
        self.options = options
    }

    /// `made` is the time that the backup will state.
    package func run(
        made: Timestamp, progress: @escaping @Sendable (BackupProgress) -> Void
    ) async throws(BackupError) -> Made {
        do {
            return try await make(made, progress)
        } catch {
            throw BackupError(error)
        }
    }

    private func make(
        _ made: Timestamp, _ progress: @escaping @Sendable (BackupProgress) -> Void
    ) async throws -> Made {
        guard try BackupNote(folder: ledger) == nil else { throw BackupWriter.isBackup(ledger) }
        // The checkpoint first: what it covers is in the log already.
        let found = try FoundCheckpoint(in: ledger)
        let before = try demandFitting(found)
        try DurableFile.makeFolders(target)
        let lock = try ByteFile(target + "/LOCK", .create)
        guard lock.lock() else {
            throw BackupError(
                .failed, en: "another backup to \(target) is being made; wait for it",
                zh: "正在向 \(target) 进行另一次备份；请等待其完成")
        }
        let copy = LedgerCopy(
            source: ledger, target: target, size: found.size, kept: before?.size ?? 0,
            withKeys: options.withKeys, progress: progress)
        let copied = try copy.run()
        let older = try before == nil ? nil : FoundCheckpoint(in: target).bytes
        let report = try await CopyAudit(
            folder: target, note: found.bytes, older: older, mode: options.mode
        ).run(progress)
        guard report.isSound else { throw BackupWriter.unsound(report, hadBackup: before != nil) }
        let note = BackupNote(
            origin: found.checkpoint.origin.text, size: found.size, root: found.checkpoint.root,
            made: made, hasKeys: options.withKeys || before?.hasKeys ?? false)
        try DurableFile.replace(target + "/checkpoints/latest", with: found.bytes)
        try DurableFile.replace(
            target + "/" + BackupNote.fileName, with: note.json.canonicalBytes)
        return Made(
            note: note, sizeBefore: before?.size ?? 0, filesCopied: copied.files,
            bytesCopied: copied.byteCount, report: report)
    }

    /// The backup that the target holds already, which must be an earlier state of this ledger.
    private func demandFitting(_ found: FoundCheckpoint) throws -> BackupNote? {
        let (from, to) = (BackupWriter.resolved(ledger), BackupWriter.resolved(target))
        guard from != to, !to.hasPrefix(from + "/"), !from.hasPrefix(to + "/") else {
            throw BackupError(
                .failed, en: "\(target) and \(ledger) lie in each other; choose another folder",
                zh: "\(target) 与 \(ledger) 相互包含；请另选目录")
        }
        guard let before = try BackupNote(folder: target) else {
            let names = try DurableFile.names(in: target)
            let isDraft = names.contains("LOCK") && !names.contains("index")
            guard names.isEmpty || isDraft else {
                throw BackupError(
                    .failed, en: "\(target) is neither empty nor a backup; choose another folder",
                    zh: "\(target) 既非空目录也不是备份；请另选目录")
            }
            return nil
        }
        guard before.origin == found.checkpoint.origin.text else {
            throw BackupError(
                .failed,
                en: "\(target) is a backup of \(before.origin), not of \(found.checkpoint.origin)",
                zh: "\(target) 是 \(before.origin) 的备份，不是 \(found.checkpoint.origin) 的")
        }
        guard before.size <= found.size else {
            throw BackupError(
                .refused,
                en: "the ledger has \(found.size) records and its backup \(before.size): the "
                    + "ledger was rolled back or restored. The backup was left as it is; find "
                    + "out why before you make another in a new folder",
                zh: "账本有 \(found.size) 条记录，而备份有 \(before.size) 条：账本已被回退或恢复过。"
                    + "备份保持原样；请先查明原因，再在新目录中另行备份")
        }
        return before
    }

    private static func resolved(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }

    static func isBackup(_ folder: String) -> BackupError {
        BackupError(
            .failed,
            en: "\(folder) is a backup; copy it with any tool, or restore it with hanqing restore",
            zh: "\(folder) 是备份；可用任何工具复制，或用 hanqing restore 恢复")
    }

    static func unsound(_ report: AuditReport, hadBackup: Bool) -> BackupError {
        let kept =
            hadBackup
            ? (en: "; the older backup still stands", zh: "；原有备份仍然有效") : (en: "", zh: "")
        return BackupError(
            .refused,
            Phrase(
                en: "the copy is not sound, so it does not count\(kept.en)",
                zh: "副本未通过验证，不予采用\(kept.zh)"), report: report)
    }
}
