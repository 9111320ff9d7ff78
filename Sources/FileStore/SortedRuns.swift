import CanonicalJSON
import Digests
import Dispatch
import Glibc
import LedgerStore
import Synchronization

/// An index from hashed keys to values: the newest entries in memory, the rest in sorted runs.
///
/// Specs/decisions/0001-index-of-ids.md says why. It is disposable: what it holds is made from the
/// log, and after a crash the log's tail from ``covered`` on is inserted again. One owner uses it;
/// a background queue sorts, writes and merges what no longer changes.
final class SortedRuns {
    private let folder: String
    private let name: String
    private let entriesPerRun: Int
    private var newest = MemoryRun()
    /// What the background queue is writing; still searched here.
    private var frozen: MemoryRun?
    private var runs: [MappedRun]
    /// Every record before this is in ``runs``.
    private(set) var covered: UInt64
    private let queue: DispatchQueue
    private let outcome = Outcome()

    /// What the background work left for the owner to take over.
    private final class Outcome: Sendable {
        let result = Mutex<Result<State, StoreError>?>(nil)
        let isDone = DispatchSemaphore(value: 0)
    }

    private struct State: Sendable {
        var runs: [MappedRun]
        var covered: UInt64
    }

    /// Opens the index called `name`; with `entriesPerRun` nil nothing is ever written.
    init(folder: String, name: String, entriesPerRun: Int?) throws(StoreError) {
        (self.folder, self.name) = (folder, name)
        self.entriesPerRun = entriesPerRun ?? .max
        queue = DispatchQueue(label: "hanqing.index.\(name)", qos: .utility)
        let state = try SortedRuns.open(folder, name, attemptsLeft: 5)
        (runs, covered) = (state.runs, state.covered)
        if entriesPerRun != nil { removeStrays() }
    }

    deinit {
        if frozen != nil { outcome.isDone.wait() }
    }

    /// A merge may remove a run between our reading the manifest and opening it: then read again.
    private static func open(
        _ folder: String, _ name: String, attemptsLeft: Int
    ) throws(StoreError) -> State {
        guard let bytes = try contents(of: manifest(folder, name)) else {
            return State(runs: [], covered: 0)
        }
        guard let value = try? JSONValue(parsing: bytes), value["format"]?.integer == 1,
            let covered = value["covered"]?.integer, let files = value["runs"]?.array
        else { throw MappedRun.damaged(manifest(folder, name)) }
        do throws(StoreError) {
            var runs: [MappedRun] = []
            for file in files {
                runs.append(try MappedRun(folder: folder, name: file.string ?? ""))
            }
            return State(runs: runs, covered: UInt64(covered))
        } catch {
            guard error.code == .notFound, attemptsLeft > 0 else {
                throw MappedRun.damaged(manifest(folder, name))
            }
            return try open(folder, name, attemptsLeft: attemptsLeft - 1)
        }
    }

    private static func manifest(_ folder: String, _ name: String) -> String {
        "\(folder)/\(name).json"
    }

    private static func save(_ state: State, _ folder: String, _ name: String) throws(StoreError) {
        let value = JSONValue.object([
            JSONMember("covered", .integer(Int64(state.covered))), JSONMember("format", 1),
            JSONMember("runs", .array(state.runs.map { .string($0.name) })),
        ])
        try replaceFile(manifest(folder, name), with: value.canonicalBytes, syncing: true)
    }

    /// Files that a killed process left behind.
    private func removeStrays() {
        let known = Set(runs.map(\.name))
        for file in (try? names(in: folder)) ?? []
        where file.hasPrefix(name + "-") && !known.contains(file) {
            unlink(folder + "/" + file)
        }
    }
}

// MARK: - Looking up and inserting

extension SortedRuns {
    /// The newest value of `key`.
    @inline(__always)
    func newest(_ key: SipHash.Value) -> UInt64? {
        if let value = newest.newest(key) ?? frozen?.newest(key) { return value }
        for run in runs.reversed() {
            if let value = run.newest(key) { return value }
        }
        return nil
    }

    /// All values of `key`, ascending.
    func values(_ key: SipHash.Value) -> [UInt64] {
        runs.flatMap { $0.values(key) } + (frozen?.values(key) ?? []) + newest.values(key)
    }

    @inline(__always)
    func insert(_ key: SipHash.Value, _ value: UInt64) {
        newest.insert(key, value)
    }

    /// Says that all records before `count` are inserted; may begin to write a run.
    func advance(to count: UInt64) throws(StoreError) {
        try takeOver(waiting: false)
        guard newest.count >= entriesPerRun else { return }
        try takeOver(waiting: true)
        freeze(upTo: count)
    }

    /// Entries that are in memory alone.
    var unwrittenCount: Int { newest.count + (frozen?.count ?? 0) }

    /// Writes everything out: for a clean end.
    func flush(upTo count: UInt64) throws(StoreError) {
        try takeOver(waiting: true)
        guard newest.count > 0, entriesPerRun < .max else { return }
        freeze(upTo: count)
        try takeOver(waiting: true)
    }

    private func takeOver(waiting: Bool) throws(StoreError) {
        guard frozen != nil else { return }
        if waiting {
            outcome.isDone.wait()
        } else if outcome.isDone.wait(timeout: .now()) == .timedOut {
            return
        }
        guard let result = outcome.result.withLock({ $0.take() }) else { return }
        frozen = nil
        let state = try result.get()
        (runs, covered) = (state.runs, state.covered)
    }

    private func freeze(upTo count: UInt64) {
        let entries = newest.entries
        frozen = newest
        newest = MemoryRun()
        let old = State(runs: runs, covered: covered)
        let (folder, name, outcome, size) = (folder, name, outcome, entriesPerRun)
        queue.async {
            let result: Result<State, StoreError>
            do throws(StoreError) {
                result = .success(
                    try SortedRuns.grow(old, entries, upTo: count, folder, name, size))
            } catch {
                result = .failure(error)
            }
            outcome.result.withLock { $0 = result }
            outcome.isDone.signal()
        }
    }

    /// Adds a run, then merges as long as the newest four are of one size class.
    private static func grow(
        _ old: State, _ entries: [IndexEntry], upTo count: UInt64, _ folder: String,
        _ name: String, _ entriesPerRun: Int
    ) throws(StoreError) -> State {
        var state = State(runs: old.runs, covered: count)
        var replaced: [MappedRun] = []
        func fileName() -> String { "\(name)-\(old.covered)-\(count)-\(replaced.count).run" }
        state.runs.append(try RunWriter.write(entries, folder: folder, name: fileName()))
        while let first = mergeable(state.runs, entriesPerRun) {
            replaced += state.runs[first...]
            let run = try RunWriter.merge(
                Array(state.runs[first...]), folder: folder, name: fileName())
            state.runs.replaceSubrange(first..., with: [run])
        }
        try save(state, folder, name)
        for run in replaced { unlink(folder + "/" + run.name) }
        return state
    }

    private static let fanIn = 4

    private static func mergeable(_ runs: [MappedRun], _ entriesPerRun: Int) -> Int? {
        guard runs.count >= fanIn else { return nil }
        let first = runs.count - fanIn
        let classes = runs[first...].map { sizeClass($0.count, entriesPerRun) }
        return classes.allSatisfy { $0 == classes[0] } ? first : nil
    }

    /// 0 up to one memory run, 1 up to four, 2 up to sixteen, and so on.
    private static func sizeClass(_ count: Int, _ entriesPerRun: Int) -> Int {
        var (size, result) = (entriesPerRun, 0)
        while size < count {
            size *= fanIn
            result += 1
        }
        return result
    }
}
