package import Auditing
import CanonicalJSON
import DurableFiles
import Foundation
import Glibc
import Phrases
package import Records

/// Copies a backup to where a ledger shall be, closed for writing: Specs/backup.md section 4.
package struct Restorer: Sendable {
    private let backup: String
    private let target: String

    package struct Restored: Sendable {
        package let size: UInt64
        package let report: AuditReport
        package let hasKey: Bool
    }

    package init(backup: String, target: String) {
        (self.backup, self.target) = (backup, target)
    }

    package func run(
        made: Timestamp, progress: @escaping @Sendable (BackupProgress) -> Void
    ) async throws(BackupError) -> Restored {
        let draft = "\(target).new-\(getpid())"
        do {
            guard try DurableFile.names(in: target).isEmpty else {
                throw BackupError(
                    .failed, en: "\(target) is not empty; choose a new folder",
                    zh: "\(target) 不是空目录；请另选目录")
            }
            return try await restore(draft, made, progress)
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw BackupError(error)
        }
    }

    private func restore(
        _ draft: String, _ made: Timestamp,
        _ progress: @escaping @Sendable (BackupProgress) -> Void
    ) async throws -> Restored {
        let found = try FoundCheckpoint(in: backup)
        let key = backup + "/keys/ledger.key"
        let hasKey = DurableFile.exists(key)
        _ = try LedgerCopy(
            source: backup, target: draft, size: found.size, withKeys: hasKey, progress: progress
        ).run()
        let report = try await CopyAudit(
            folder: draft, note: found.bytes, older: nil, mode: .full
        ).run(progress)
        guard report.isSound else { throw BackupWriter.unsound(report, hadBackup: false) }
        try DurableFile.write(found.bytes, to: draft + "/checkpoints/latest")
        try DurableFile.write(
            RestoredMark.json(size: found.size, made: made).canonicalBytes,
            to: draft + "/" + RestoredMark.fileName)
        try DurableFile.move(draft, to: target)
        return Restored(size: found.size, report: report, hasKey: hasKey)
    }
}
