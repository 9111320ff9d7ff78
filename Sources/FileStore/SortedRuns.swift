package import Digests

/// A disposable index from hashed keys to numbers, made for keys in random order.
///
/// New entries live in a table in memory. When it has grown large it is frozen, written in the
/// background as a sorted run, and runs are merged into larger ones. So nothing is ever written at
/// random, and memory stays flat. One owner at a time; it is not Sendable. Readers elsewhere open a
/// ``RunSnapshot``.
///
/// The owner inserts entries in the order of the log, so that the values of a key never descend,
/// and ends each batch with ``settle(through:)``. After a crash, or an ``IndexError`` answered by
/// ``removeAll()``, it replays the log from ``coveredThrough``.
package final class SortedRuns {
    private let folder: String
    private let options: Options
    private let workshop: RunWorkshop
    private var manifest: RunManifest
    /// As in the manifest, in its order.
    private var runs: [RunFile]
    /// Tables on their way to the disk, oldest first; they follow the runs without a gap.
    private var frozen: [FrozenTable] = []
    private var table: MemoryTable
    /// The end of what was settled; the table's entries belong to records below it.
    private var settledThrough: UInt64
    /// How many of the table's entries are settled; all of them between batches.
    private var settledCount = 0
    private var isMerging = false
    /// The first error of the background; nothing is adopted after it, for a run might be missing
    /// before the next.
    private var failure: IndexError?

    package struct Options: Sendable {
        /// How many entries freeze the table: some 40 bytes of memory each, and as much again for
        /// one that is being written.
        package var tableEntries = 131_072
        /// How many runs of a size make one of the next.
        package var fanIn = 4
        /// Whether runs are synced as they are written.
        ///
        /// If not, a power cut costs the runs since the last ``SortedRuns/close()``.
        package var syncsRuns = false
        /// Writes and merges at once instead of in the background; for tests.
        package var worksInline = false
        /// Names the running system, so that files of before a power cut are told apart.
        package var boot: String
        /// The hash key of an index that is new; an index that is there keeps its own.
        package var newHashKey: ShortHash

        package init(boot: String, newHashKey: ShortHash) {
            self.boot = boot
            self.newHashKey = newHashKey
        }
    }

    /// Opens the index `name` in `folder`, or begins one.
    ///
    /// Reads every run once: what a damaged one hides would be recorded a second time.
    /// Throws if it is damaged: then ``remove(folder:name:)`` it, open again, and replay the log.
    package init(folder: String, name: String, options: Options) throws(IndexError) {
        self.folder = folder + "/" + name
        self.options = options
        try IndexFiles.makeFolder(folder)
        try IndexFiles.makeFolder(self.folder)
        manifest =
            try RunManifest.read(in: self.folder)
            ?? RunManifest(name: name, hashKey: options.newHashKey)
        runs = try RunSnapshot.open(
            manifest, in: self.folder, boot: options.boot, whole: true)
        manifest.runs.removeLast(manifest.runs.count - runs.count)
        table = SortedRuns.emptyTable(options)
        settledThrough = manifest.coveredThrough
        workshop = RunWorkshop(folder: self.folder, options: options)
        try manifest.write(in: self.folder, syncing: false)
        try SortedRuns.removeStrays(in: self.folder, keeping: manifest)
    }

    /// The key to hash this index's keys with.
    package var hashKey: ShortHash { manifest.hashKey }

    /// Entries of records below this are in run files; after a crash replay from here.
    package var coveredThrough: UInt64 { manifest.coveredThrough }

    /// How many entries there are, in files and in memory.
    package var count: Int {
        snapshot.count + frozen.reduce(table.count) { $0 + $1.table.count }
    }

    /// The run files of now, for readers in other threads.
    package var snapshot: RunSnapshot { RunSnapshot(runs: runs, hashKey: manifest.hashKey) }

    /// Adds an entry of a record that is not settled yet.
    package func insert(_ key: ShortHash, _ value: UInt64) {
        table.insert(IndexEntry(key: key, value: value))
    }

    /// The newest value under `key`; nil if there is none.
    package func find(_ key: ShortHash) -> UInt64? {
        if let value = table.find(key) { return value }
        for older in frozen.reversed() {
            if let value = older.table.find(key) { return value }
        }
        for run in runs.reversed() {
            if let value = run.find(key) { return value }
        }
        return nil
    }

    /// Calls `body` with each value under `key`, ascending.
    package func forEach(_ key: ShortHash, _ body: (UInt64) -> Void) {
        for run in runs { run.values(of: key).forEach(body) }
        for older in frozen { older.table.values(of: key).forEach(body) }
        table.values(of: key).forEach(body)
    }

    /// Ends a batch: every entry of records below `seq` has been inserted, and none of a later one.
    ///
    /// Takes in what the background has finished and gives it new work. Waits only if the disk is
    /// two tables behind. After an error the index still answers, but takes nothing over from the
    /// background any more, and throws the same again until ``removeAll()``.
    package func settle(through seq: UInt64) throws(IndexError) {
        precondition(seq >= settledThrough, "batches are settled in the order of the log")
        (settledThrough, settledCount) = (seq, table.count)
        if table.count >= options.tableEntries {
            freeze()
            if frozen.count > 2 { workshop.waitForWrites() }
        }
        try adoptFinished()
        try startMerge()
    }

    /// Writes what is in memory to run files and waits for it, whatever its size.
    package func flush() throws(IndexError) {
        if !table.isEmpty { freeze() }
        workshop.waitForWrites()
        try adoptFinished()
        try startMerge()
    }

    /// Leaves the index so that the next opening is quick, even after a reboot.
    ///
    /// A table of fewer than an eighth of its entries stays unwritten: replaying it costs less than
    /// a small run.
    package func close() throws(IndexError) {
        if table.count >= options.tableEntries / 8 { freeze() }
        workshop.waitForWrites()
        workshop.waitForMerges()
        // No merge starts any more: another owner may come as soon as this returns.
        try adoptFinished()
        workshop.waitForMerges()
        for place in manifest.runs.indices where manifest.runs[place].unsyncedBoot != nil {
            try IndexFiles.sync(path: runs[place].path)
            manifest.runs[place].unsyncedBoot = nil
        }
        try manifest.write(in: folder, syncing: true)
    }

    /// Forgets everything; the caller replays the log from 0.
    package func removeAll() throws(IndexError) {
        workshop.waitForWrites()
        workshop.waitForMerges()
        _ = workshop.takeFinished()
        (runs, frozen, isMerging) = ([], [], false)
        (settledThrough, settledCount, failure) = (0, 0, nil)
        manifest.runs = []
        table = SortedRuns.emptyTable(options)
        try manifest.write(in: folder, syncing: false)
        try SortedRuns.removeStrays(in: folder, keeping: manifest)
    }

    /// Takes the files of an index away, damaged or not; nobody may have it open for writing.
    package static func remove(folder: String, name: String) throws(IndexError) {
        let folder = folder + "/" + name
        for file in try IndexFiles.names(in: folder) where isOurs(file) {
            try IndexFiles.remove(folder + "/" + file)
        }
    }
}

// MARK: Freezing, adopting, merging

extension SortedRuns {
    private func freeze() {
        let start = frozen.last?.covered.upperBound ?? manifest.coveredThrough
        precondition(settledCount == table.count, "a batch ends before its table is frozen")
        precondition(settledThrough > start, "entries belong to records below what was settled")
        let full = FrozenTable(table: table, covered: start..<settledThrough)
        frozen.append(full)
        table = SortedRuns.emptyTable(options)
        settledCount = 0
        workshop.write(full)
    }

    /// Takes finished runs into the manifest.
    private func adoptFinished() throws(IndexError) {
        if let failure { throw failure }
        for outcome in workshop.takeFinished() {
            do throws(IndexError) { try adopt(outcome) } catch {
                failure = error
                throw error
            }
        }
    }

    private func adopt(_ outcome: RunWorkshop.Outcome) throws(IndexError) {
        switch outcome {
        case .wrote(let run): try adopt(written: run)
        case .merged(let run): try adopt(merged: run)
        case .failed(let error): throw error
        }
    }

    private func adopt(written run: RunFile) throws(IndexError) {
        runs.append(run)
        manifest.runs.append(line(for: run))
        try manifest.write(in: folder, syncing: false)
        frozen.removeFirst()
    }

    /// Replaces the runs that `run` was merged from.
    private func adopt(merged run: RunFile) throws(IndexError) {
        isMerging = false
        let parts = runs.indices.filter { run.covered.contains(runs[$0].covered.lowerBound) }
        guard let first = parts.first, let last = parts.last else { return }
        let old = runs[first...last]
        runs.replaceSubrange(first...last, with: [run])
        manifest.runs.replaceSubrange(first...last, with: [line(for: run)])
        // A crash before this leaves the old manifest and the old runs; after it, stray files.
        try manifest.write(in: folder, syncing: false)
        workshop.retire(Array(old))
    }

    /// Starts the merge that is due, if none is under way.
    private func startMerge() throws(IndexError) {
        while !isMerging, let due = RunTiers.choose(counts: runs.map(\.count), fanIn: options.fanIn)
        {
            isMerging = true
            workshop.merge(Array(runs[due]))
            guard options.worksInline else { return }
            try adoptFinished()
        }
    }

    private func line(for run: RunFile) -> RunManifest.Run {
        RunManifest.Run(
            covered: run.covered, checksum: run.header.checksum,
            unsyncedBoot: options.syncsRuns ? nil : options.boot)
    }

    /// With room for the batch that overshoots.
    private static func emptyTable(_ options: Options) -> MemoryTable {
        MemoryTable(capacity: options.tableEntries + options.tableEntries / 16)
    }

    /// Removes files that a crash left behind: unfinished ones and runs not in the manifest.
    private static func removeStrays(
        in folder: String, keeping manifest: RunManifest
    ) throws(IndexError) {
        let kept = Set(manifest.runs.map(\.fileName) + [RunManifest.fileName])
        for name in try IndexFiles.names(in: folder) where !kept.contains(name) && isOurs(name) {
            try IndexFiles.remove(folder + "/" + name)
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        name.hasSuffix(".run") || name.hasSuffix(".new") || name == RunManifest.fileName
    }
}
