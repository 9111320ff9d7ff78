package import Digests
import DurableFiles

/// An attachment that comes in parts, and may go on after a break: Specs/http.md section 10.
///
/// What has come lies in `attachments/sha256/incoming-<digest>`; its name appears when all of it
/// is on the disk. One task's own.
package final class AttachmentUpload {
    package let digest: Digest
    private let folder: AttachmentFolder
    private let draft: ByteFile
    /// How many bytes have come.
    package private(set) var byteCount: Int

    /// What an upload can end with.
    package enum Ending: Hashable, Sendable {
        /// It is there to stay.
        case kept
        /// The bytes have another digest, and are gone.
        case differs(Digest)
    }

    package init(_ digest: Digest, in folder: AttachmentFolder) throws(LedgerError) {
        (self.digest, self.folder) = (digest, folder)
        do throws(FileError) {
            draft = try folder.draft(of: digest)
            byteCount = try draft.size()
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    package func append(_ bytes: some Collection<UInt8>) throws(LedgerError) {
        do throws(FileError) {
            try draft.write(bytes, at: byteCount)
        } catch {
            throw LedgerError([error.phrase])
        }
        byteCount += bytes.count
    }

    /// Forgets what has come.
    package func restart() throws(LedgerError) {
        do throws(FileError) {
            try draft.truncate(to: 0)
        } catch {
            throw LedgerError([error.phrase])
        }
        byteCount = 0
    }

    /// All has come: looks whether it is what it should be, and puts it in its place, durably.
    package func finish() throws(LedgerError) -> Ending {
        do throws(FileError) {
            let found = try folder.digest(of: draft)
            guard found == digest else {
                try DurableFile.remove(draft.path)
                return .differs(found)
            }
            try folder.keep(draft, as: digest)
            return .kept
        } catch {
            throw LedgerError([error.phrase])
        }
    }
}
