import Glibc
import LedgerStore

/// An index that is made anew stays aside until the new one is whole.
///
/// If the log turns out to be damaged itself, the old one is put back: the leaf hashes in it are
/// evidence, which tells `hanqing verify` exactly which records were altered.
struct OldIndex {
    private let current: String
    private let aside: String

    init(ledger: String) {
        (current, aside) = (ledger + "/index", ledger + "/index.old")
    }

    /// Puts the index aside and makes an empty folder in its place.
    func putAside() throws(StoreError) {
        remove()
        guard rename(current, aside) == 0 || errno == ENOENT else {
            throw systemError("rename", current)
        }
        try makeFolder(current)
    }

    func putBack() {
        guard access(aside, F_OK) == 0 else { return }
        OldIndex.removeFolder(current)
        rename(aside, current)
    }

    func remove() {
        OldIndex.removeFolder(aside)
    }

    private static func removeFolder(_ folder: String) {
        for name in (try? names(in: folder)) ?? [] {
            let path = folder + "/" + name
            for file in (try? names(in: path)) ?? [] { unlink(path + "/" + file) }
            unlink(path)
            rmdir(path)
        }
        rmdir(folder)
    }
}
