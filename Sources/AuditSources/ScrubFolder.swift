package import Auditing
import Glibc
import Phrases

/// `DIR/scrub`: the state and the lock of the scrub.
///
/// Specs/scrub.md section 5.
package struct ScrubFolder: ScrubStateFile {
    private let path: String

    package init(ledger: String) {
        path = ledger + "/scrub"
    }

    private var file: String { path + "/state.json" }

    /// What a whole state may have; a longer one is none.
    private static let byteCountMax = 64 << 20

    package func load() throws(SourceError) -> [UInt8]? {
        try OpenFile(file, name: "scrub/state.json")?.contents(limit: ScrubFolder.byteCountMax)
    }

    /// A crash leaves the old file or the new one, or one that does not fit its digest.
    package func save(_ bytes: [UInt8], durably: Bool) throws(SourceError) {
        try makeFolder()
        let draft = "\(path)/state.new"
        do throws(SourceError) {
            try NewFile.write(bytes, to: draft, mode: 0o644, durably: durably)
        } catch {
            unlink(draft)
            throw error
        }
        guard rename(draft, file) == 0 else { throw SourceError(system: "rename", draft, errno) }
    }

    private func makeFolder() throws(SourceError) {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw SourceError(system: "create", path, errno)
        }
    }

    /// Taken by the one scrub that runs.
    package final class Lock: Sendable {
        private let descriptor: Int32

        fileprivate init(_ descriptor: Int32) {
            self.descriptor = descriptor
        }

        deinit {
            guard descriptor >= 0 else { return }
            // A program that is just being started has a copy of the descriptor until it begins.
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
    }

    /// Takes the lock, which ends with its last reference; nil if another scrub has it.
    ///
    /// Where nothing can be written there is no state that two scrubs could spoil, and no lock.
    package func lock() -> Lock? {
        guard (try? makeFolder()) != nil else { return Lock(-1) }
        let descriptor = open(path + "/LOCK", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return Lock(-1) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return Lock(descriptor)
    }
}

extension Scrubber {
    /// A scrubber of the ledger in a folder, that reads in this manner.
    package init(
        ledger: String, _ manner: ReadingManner, _ options: Options = Options()
    ) throws(SourceError) {
        let folder = try LedgerFolder(ledger, manner)
        let state = ScrubFolder(ledger: ledger)
        self.init(
            Sources(records: folder, index: folder, kept: folder, state: state), options)
    }
}
