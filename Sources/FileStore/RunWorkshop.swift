import Dispatch
import Synchronization

/// A table that nobody writes to any more, and the records its entries belong to.
struct FrozenTable: Sendable {
    let table: MemoryTable
    let covered: Range<UInt64>
}

/// Writes and merges runs away from the owner's thread, and hands back what is finished.
///
/// Writing has a queue of its own, so that a table never waits for a long merge. No work outlives
/// the workshop: its end waits for it, after telling a merge to give up.
final class RunWorkshop: Sendable {
    enum Outcome: Sendable {
        case wrote(RunFile)
        case merged(RunFile)
        case failed(IndexError)
    }

    /// What the work and the workshop share; the work may not hold the workshop that waits for it.
    private final class Bench: Sendable {
        let finished = Mutex<[Outcome]>([])
        let isAbandoned = Atomic(false)
    }

    private let folder: String
    private let syncsRuns: Bool
    private let worksInline: Bool
    private let bench = Bench()
    private let writing = DispatchQueue(label: "hanqing.index.write", qos: .utility)
    private let merging = DispatchQueue(label: "hanqing.index.merge", qos: .utility)

    init(folder: String, options: SortedRuns.Options) {
        self.folder = folder
        syncsRuns = options.syncsRuns
        worksInline = options.worksInline
    }

    deinit {
        bench.isAbandoned.store(true, ordering: .relaxed)
        waitForWrites()
        waitForMerges()
    }

    /// What was finished since the last call: written runs in their order.
    func takeFinished() -> [Outcome] {
        bench.finished.withLock { outcomes in
            defer { outcomes = [] }
            return outcomes
        }
    }

    func waitForWrites() { writing.sync {} }

    func waitForMerges() { merging.sync {} }

    func write(_ frozen: FrozenTable) {
        let (path, syncs) = (self.path(frozen.covered), syncsRuns)
        perform(on: writing) { (_) throws(IndexError) in
            .wrote(try RunWorkshop.write(frozen, to: path, syncing: syncs))
        }
    }

    /// Merges neighbours, given oldest first.
    func merge(_ runs: [RunFile]) {
        guard let first = runs.first, let last = runs.last else { return }
        let covered = first.covered.lowerBound..<last.covered.upperBound
        let (path, syncs) = (self.path(covered), syncsRuns)
        perform(on: merging) { (bench) throws(IndexError) in
            let run = try RunWorkshop.merge(runs, covered, to: path, syncing: syncs) {
                bench.isAbandoned.load(ordering: .relaxed)
            }
            return .merged(run)
        }
    }

    /// Deletes runs that were merged away.
    ///
    /// Giving up hundreds of megabytes takes the system a while, so the owner does not wait for it.
    /// A crash before this leaves stray files, which the next opening removes.
    func retire(_ runs: [RunFile]) {
        let bench = bench
        merging.async {
            do throws(IndexError) {
                for run in runs { try IndexFiles.remove(run.path) }
            } catch {
                bench.finished.withLock { $0.append(.failed(error)) }
            }
        }
        if worksInline { waitForMerges() }
    }

    private func path(_ covered: Range<UInt64>) -> String {
        folder + "/" + RunManifest.Run.fileName(covered)
    }

    private func perform(
        on queue: DispatchQueue, _ work: @escaping @Sendable (Bench) throws(IndexError) -> Outcome
    ) {
        let bench = bench
        let job: @Sendable () -> Void = {
            let outcome: Outcome
            do throws(IndexError) {
                outcome = try work(bench)
            } catch {
                outcome = .failed(error)
            }
            bench.finished.withLock { $0.append(outcome) }
        }
        if worksInline { queue.sync(execute: job) } else { queue.async(execute: job) }
    }

    private static func write(
        _ frozen: FrozenTable, to path: String, syncing: Bool
    ) throws(IndexError) -> RunFile {
        let entries = frozen.table.sorted()
        var writer = try RunWriter(path: path, covered: frozen.covered, count: entries.count)
        for entry in entries { try writer.add(entry) }
        try writer.finish(syncing: syncing)
        return try RunFile(path: path)
    }

    private static func merge(
        _ runs: [RunFile], _ covered: Range<UInt64>, to path: String, syncing: Bool,
        isAbandoned: () -> Bool
    ) throws(IndexError) -> RunFile {
        // Mapped anew, so that reading ahead helps here and does not hurt look-ups.
        var sources: [RunFile] = []
        for run in runs { sources.append(try RunFile(path: run.path, access: .sequential)) }
        let count = runs.reduce(0) { $0 + $1.count }
        var writer = try RunWriter(path: path, covered: covered, count: count)
        var entries = RunMerge(sources)
        var number = 0
        while let entry = entries.next() {
            try writer.add(entry)
            number += 1
            if number & 0xffff == 0, isAbandoned() { throw .abandoned(path) }
        }
        try writer.finish(syncing: syncing)
        return try RunFile(path: path)
    }
}
