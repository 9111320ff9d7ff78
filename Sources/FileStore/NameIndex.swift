import Digests
import LedgerStore

/// From hashed names to values: the writer's sorted runs, or a reader's view of them with the
/// log's tail in memory.
final class NameIndex {
    private enum Kind {
        case owned(SortedRuns)
        case borrowed(RunSnapshot?, tail: MemoryTable)
    }

    private var kind: Kind
    let hashKey: ShortHash
    /// Every record before this is in run files.
    private(set) var covered: UInt64

    init(folder: String, name: String, writing options: SortedRuns.Options) throws(IndexError) {
        let runs = try SortedRuns(folder: folder, name: name, options: options)
        (kind, hashKey, covered) = (.owned(runs), runs.hashKey, runs.coveredThrough)
    }

    /// Opens beside the writer; `boot` tells which files may have lost pages.
    init(folder: String, name: String, readingAfter boot: String) throws(IndexError) {
        let snapshot = try RunSnapshot(opening: folder + "/" + name, boot: boot)
        kind = .borrowed(snapshot, tail: MemoryTable(capacity: 1024))
        hashKey = snapshot?.hashKey ?? ShortHash(high: 0, low: 0)
        covered = snapshot?.coveredThrough ?? 0
    }

    @inline(__always)
    func find(_ key: ShortHash) -> UInt64? {
        switch kind {
        case .owned(let runs): return runs.find(key)
        case .borrowed(let snapshot, let tail):
            if let value = tail.find(key) { return value }
            for run in snapshot?.runs.reversed() ?? [] {
                if let value = run.find(key) { return value }
            }
            return nil
        }
    }

    /// All values under `key`, ascending.
    func values(_ key: ShortHash) -> [UInt64] {
        var values: [UInt64] = []
        switch kind {
        case .owned(let runs): runs.forEach(key) { values.append($0) }
        case .borrowed(let snapshot, let tail):
            for run in snapshot?.runs ?? [] { values += run.values(of: key) }
            values += tail.values(of: key)
        }
        return values
    }

    @inline(__always)
    func insert(_ key: ShortHash, _ value: UInt64) {
        switch kind {
        case .owned(let runs): runs.insert(key, value)
        case .borrowed(let snapshot, var tail):
            kind = .borrowed(nil, tail: MemoryTable(capacity: 1))
            tail.insert(IndexEntry(key: key, value: value))
            kind = .borrowed(snapshot, tail: tail)
        }
    }

    /// Says that the entries of all records before `count`, and none of a later one, are inserted.
    func settle(through count: UInt64) throws(IndexError) {
        guard case .owned(let runs) = kind, count > covered else { return }
        try runs.settle(through: count)
        covered = runs.coveredThrough
    }

    func close() throws(IndexError) {
        if case .owned(let runs) = kind { try runs.close() }
    }
}
