import Glibc
import LedgerStore
import Merkle
import Records

/// The log: `records/<first seq, 12 digits>.ndjson`, one record a line.
///
/// Specs/store.md section 2.
struct Segments {
    private(set) var all: [Segment]
    let folder: String

    struct Segment {
        let first: UInt64
        let file: File
        /// Bytes that count; what lies beyond has been cut or is not yet acknowledged.
        var size: Int

        /// The line that begins at `offset`, without its LF; nothing if no record does.
        func line(at offset: Int) throws(StoreError) -> [UInt8] {
            let room = min(max(0, size - offset), RecordLayout.byteCountMax + 1)
            let bytes = try file.read(room, at: offset)
            guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return [] }
            return Array(bytes[..<end])
        }
    }

    /// Opens what is there, in order.
    init(folder: String, writing: Bool) throws(StoreError) {
        self.folder = folder
        all = []
        for name in try names(in: folder) where name.hasSuffix(".ndjson") {
            guard name.utf8.count == 19, let first = UInt64(name.dropLast(7)) else {
                throw StoreError(
                    .damaged, en: "\(folder)/\(name) is no segment's name; move it away",
                    zh: "\(folder)/\(name) 不是分段文件名，请移走")
            }
            let path = folder + "/" + name
            let isWritable = writing && access(path, W_OK) == 0
            let file = try File(path, isWritable ? .readWrite : .read)
            all.append(Segment(first: first, file: file, size: try file.size()))
        }
    }

    static func path(_ folder: String, first: UInt64) -> String {
        let digits = String(first)
        let zeros = String(repeating: "0", count: max(0, 12 - digits.utf8.count))
        return folder + "/" + zeros + digits + ".ndjson"
    }

    /// The segment that holds record `sequence`; there must be one.
    func index(of sequence: UInt64) -> Int? {
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].first <= sequence { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    var last: Segment? { all.last }

    mutating func setLastSize(_ size: Int) {
        all[all.count - 1].size = size
    }

    mutating func removeLast() {
        all.removeLast()
    }

    /// What stands after `place` does not count: a reader ends there, and writers go on.
    mutating func end(at place: LogPieces.Place) {
        guard place.segment < all.count else { return }
        all.removeLast(all.count - place.segment - 1)
        setLastSize(place.offset)
    }

    /// Begins a new segment.
    ///
    /// The old one is durable already, because every commit was.
    ///
    /// A crash before the folder's sync leaves an empty segment or none: start-up takes either.
    mutating func roll(first: UInt64) throws(StoreError) {
        let path = Segments.path(folder, first: first)
        let file = try File(path, .create)
        do throws(StoreError) {
            try file.sync()
            try syncFolder(folder)
        } catch {
            unlink(path)
            throw error
        }
        // WORM media and careful administrators like sealed segments read-only; failing is no harm.
        try? all.last?.file.makeReadOnly()
        all.append(Segment(first: first, file: file, size: 0))
    }
}
