import AuditSources
import Backups
import Checkpoints
import Digests

extension FuzzTarget {
    /// `backup.json`, `restored.json`, and what this machine remembers of a ledger.
    static let backup = FuzzTarget("backup", byteCountMax: 1024, dictionary: backupWords) {
        (bytes) throws(Broken) in
        guard let origin = Origin("vectors.example/v1") else { return .refused }
        let folder = ScratchFolder.shared
        let memory = SHA256.digest(of: Array(origin.text.utf8)).hex + ".json"
        for name in [BackupNote.fileName, RestoredMark.fileName, memory] {
            folder.write(bytes, to: name)
        }
        let note = try? BackupNote(folder: folder.path)
        let size = try? RestoredMark.size(in: folder.path)
        let kept = try? MemoryFolder(folder.path).recall(origin)
        return note ?? nil == nil && size == nil && kept ?? nil == nil ? .refused : .read
    }

    private static let backupWords = [
        #"{"format":1,"#, #""keys":true"#, #""made":"2025-01-06T09:30:00.000000Z""#,
        #""origin":"vectors.example/v1""#, #""root":""#, #""size":30"#, #""note":""#,
        #""key":"vectors.example/v1+f10b6509+AQZk8sbqb2EphAkOmfByJlyfM/tWXVb+UG7f82tEG3vZ""#,
    ]
}
