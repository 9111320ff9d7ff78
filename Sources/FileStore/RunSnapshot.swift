package import Digests

/// The run files of an index as they were at one moment; for readers in any thread or process.
///
/// It holds its runs mapped: merges that go on meanwhile take nothing from it. It knows nothing of
/// records from ``coveredThrough`` on; for those read the log's tail.
package struct RunSnapshot: Sendable {
    /// In the order of the log, oldest first.
    package private(set) var runs: [RunFile]
    /// The key under which this index's keys were hashed.
    package let hashKey: ShortHash

    init(runs: [RunFile], hashKey: ShortHash) {
        self.runs = runs
        self.hashKey = hashKey
    }

    /// Opens the index in `folder` for reading, beside its owner; nil if there is none.
    ///
    /// A run may be merged away between reading the manifest and opening the run. The manifest has
    /// changed then and is read again; a run that is missing from a manifest that stays is missing.
    /// Tests pass a `read` of their own, to lose that race.
    package init?(
        opening folder: String, boot: String,
        reading read: (String) throws(IndexError) -> RunManifest? = RunManifest.read(in:)
    ) throws(IndexError) {
        guard var manifest = try read(folder) else { return nil }
        while true {
            do {
                self.init(
                    runs: try RunSnapshot.open(manifest, in: folder, boot: boot),
                    hashKey: manifest.hashKey)
                return
            } catch {
                let newer = try read(folder)
                guard error.code == .missing, let newer, newer != manifest else { throw error }
                manifest = newer
            }
        }
    }

    /// Maps a manifest's runs up to the first that another boot left unsynced.
    ///
    /// `whole` reads every byte of them, so that what is damaged is not believed.
    static func open(
        _ manifest: RunManifest, in folder: String, boot: String, whole: Bool = false
    ) throws(IndexError) -> [RunFile] {
        var files: [RunFile] = []
        for run in manifest.runs {
            if let written = run.unsyncedBoot, written != boot { break }
            let file = try RunFile(path: folder + "/" + run.fileName)
            guard file.covered == run.covered else {
                throw .damaged(file.path, "it covers other records", "所涵盖的记录范围不符")
            }
            guard file.header.checksum == run.checksum else {
                throw .damaged(file.path, "it is another run", "并非清单所列的文件")
            }
            if whole { try file.verify() }
            files.append(file)
        }
        return files
    }

    /// Entries of records below this are here.
    package var coveredThrough: UInt64 { runs.last?.covered.upperBound ?? 0 }

    package var count: Int { runs.reduce(0) { $0 + $1.count } }

    package var byteCount: Int { runs.reduce(0) { $0 + $1.byteCount } }

    /// The newest value under `key`: newer runs are asked first.
    package func find(_ key: ShortHash) -> UInt64? {
        for run in runs.reversed() {
            if let value = run.find(key) { return value }
        }
        return nil
    }

    /// The values under `key`, oldest first, which is ascending.
    package func values(of key: ShortHash) -> [UInt64] {
        runs.flatMap { $0.values(of: key) }
    }

    /// All entries in key order, streaming.
    package func entries() -> RunMerge { RunMerge(runs) }

    /// Reads every run as a whole and throws for the first that is damaged.
    package func verify() throws(IndexError) {
        for run in runs { try run.verify() }
    }

    /// The least entry that only one of the two has, in flat memory; nil if they are equal.
    ///
    /// To prove an index against its log, build a second one from the log and compare the two.
    package func firstDifference(from other: RunSnapshot) -> IndexEntry? {
        var (mine, theirs) = (entries(), other.entries())
        while true {
            switch (mine.next(), theirs.next()) {
            case (nil, nil): return nil
            case (let entry?, nil), (nil, let entry?): return entry
            case (let left?, let right?):
                if left != right { return min(left, right) }
            }
        }
    }
}
