import Digests
import Glibc
import LedgerStore

/// Writes sorted runs.
///
/// It works on immutable things alone, so it may run beside look-ups.
enum RunWriter {
    /// Writes `entries` as a run called `name`.
    static func write(
        _ entries: [IndexEntry], folder: String, name: String
    ) throws(StoreError) -> MappedRun {
        let sorted = entries.sorted()
        var place = 0
        return try write(count: sorted.count, folder: folder, name: name) {
            defer { place += 1 }
            return sorted[place]
        }
    }

    /// Merges `runs` into one called `name`.
    static func merge(
        _ runs: [MappedRun], folder: String, name: String
    ) throws(StoreError) -> MappedRun {
        var cursors = runs.map { (run: $0, place: 0, entry: $0.entry(0)) }
        let count = runs.reduce(0) { $0 + $1.count }
        return try write(count: count, folder: folder, name: name) {
            var least = 0
            for other in 1..<cursors.count where cursors[other].entry < cursors[least].entry {
                least = other
            }
            let entry = cursors[least].entry
            cursors[least].place += 1
            if cursors[least].place < cursors[least].run.count {
                cursors[least].entry = cursors[least].run.entry(cursors[least].place)
            } else {
                cursors.remove(at: least)
            }
            return entry
        }
    }

    /// Writes what `next` gives, in order; the file gets its name when it is whole and synced.
    private static func write(
        count: Int, folder: String, name: String, next: () -> IndexEntry
    ) throws(StoreError) -> MappedRun {
        let path = folder + "/" + name
        let file = try File(path + ".new", .readWrite)
        try file.truncate(to: 0)
        let filterByteCount = RunFilter.byteCount(entries: count)
        var filter = [UInt8](repeating: 0, count: filterByteCount)
        var offset = MappedRun.headerByteCount + filterByteCount
        var block: [IndexEntry] = []
        block.reserveCapacity(entriesPerWrite)
        for written in 1...count {
            let entry = next()
            block.append(entry)
            filter.withUnsafeMutableBytes { RunFilter.add(entry.key, to: $0) }
            guard block.count == entriesPerWrite || written == count else { continue }
            try put(block, to: file, at: offset)
            offset += block.count * IndexEntry.byteCount
            block.removeAll(keepingCapacity: true)
        }
        try put(filter, to: file, at: MappedRun.headerByteCount)
        try put([MappedRun.magic, UInt64(count)], to: file, at: 0)
        try file.sync()
        guard rename(path + ".new", path) == 0 else { throw systemError("rename", path) }
        return try MappedRun(folder: folder, name: name)
    }

    private static let entriesPerWrite = 8192

    private static func put<Element: BitwiseCopyable>(
        _ elements: [Element], to file: File, at offset: Int
    ) throws(StoreError) {
        try elements.span.bytes.withUnsafeBytes { (raw) throws(StoreError) in
            try file.write(raw, at: offset)
        }
    }
}
