import Digests
import Glibc
import LedgerStore
import Merkle

/// Fixed-width arrays beside the log: where each line begins, the leaf hashes, and the hashes of
/// complete subtrees of 256, 65,536 and so on leaves.
///
/// Disposable: the log can make them anew.
struct HashFiles {
    private let offsets: File
    private var levels: [File]
    private let folder: String
    /// Records that all files cover.
    private(set) var count: UInt64

    private static let levelMax = 5

    /// Opens the arrays, or creates them for a writer; what goes beyond the shortest is ignored.
    init(folder: String, writing: Bool) throws(StoreError) {
        self.folder = folder
        let access = writing ? File.Access.readWrite : .read
        offsets = try File(folder + "/offsets", access)
        levels = []
        for level in 0...HashFiles.levelMax {
            levels.append(try File(folder + "/level-\(level)", access))
        }
        count = UInt64(min(try offsets.size() / 4, try levels[0].size() / Digest.byteCount))
        for level in 1...HashFiles.levelMax {
            let complete = UInt64(try levels[level].size() / Digest.byteCount)
            let wanted = count >> UInt64(8 * level)
            if complete < wanted { count = complete << UInt64(8 * level) }
        }
    }

    /// Adds a batch; `added` are the records' offsets and leaf hashes in order, `nodes` what the
    /// tree completed.
    mutating func append(
        offsets newOffsets: [UInt32], leaves: [Digest], nodes: [(level: Int, hash: Digest)]
    ) throws(StoreError) {
        try write(newOffsets.map(\.littleEndian), to: offsets, at: Int(count) * 4)
        try write(leaves, to: levels[0], at: Int(count) * Digest.byteCount)
        let end = count + UInt64(leaves.count)
        for level in 1...HashFiles.levelMax {
            let hashes = nodes.filter { $0.level == level }.map(\.hash)
            let place = Int(end >> UInt64(8 * level)) - hashes.count
            if !hashes.isEmpty {
                try write(hashes, to: levels[level], at: place * Digest.byteCount)
            }
        }
        count = end
    }

    private func write<Element>(
        _ elements: [Element], to file: File, at offset: Int
    ) throws(StoreError) {
        var failure: StoreError?
        elements.withUnsafeBytes { raw in
            do throws(StoreError) {
                try file.write(raw, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Forgets everything from `newCount` on.
    mutating func cut(to newCount: UInt64) throws(StoreError) {
        count = newCount
        try offsets.truncate(to: Int(newCount) * 4)
        for (level, file) in levels.enumerated() {
            try file.truncate(to: Int(newCount >> UInt64(8 * level)) * Digest.byteCount)
        }
    }

    func sync() throws(StoreError) {
        try offsets.sync()
        for file in levels { try file.sync() }
    }

    /// Where record `sequence` begins in its segment.
    func offset(of sequence: UInt64) throws(StoreError) -> Int {
        try offsets(sequence..<sequence + 1)[0]
    }

    /// Where each of some records begins in its segment.
    func offsets(_ range: Range<UInt64>) throws(StoreError) -> [Int] {
        let bytes = try offsets.read(range.count * 4, at: Int(range.lowerBound) * 4)
        guard bytes.count == range.count * 4 else { throw shortage() }
        return bytes.withUnsafeBytes { raw in
            (0..<range.count).map { place in
                Int(
                    UInt32(
                        littleEndian: raw.loadUnaligned(fromByteOffset: place * 4, as: UInt32.self))
                )
            }
        }
    }

    func hashes(level: Int, _ range: Range<UInt64>) throws(StoreError) -> [Digest] {
        let place = level / StoredLevels.step
        guard place <= HashFiles.levelMax, range.upperBound <= count >> UInt64(level) else {
            throw StoreError(.notFound, en: "no such hashes", zh: "没有这些哈希")
        }
        let bytes = try levels[place].read(
            range.count * Digest.byteCount, at: Int(range.lowerBound) * Digest.byteCount)
        guard bytes.count == range.count * Digest.byteCount else { throw shortage() }
        return (0..<range.count).map { place in
            Digest(bytes[place * Digest.byteCount..<(place + 1) * Digest.byteCount]) ?? .zero
        }
    }

    private func shortage() -> StoreError {
        StoreError(
            .damaged, en: "\(folder) is shorter than it says; delete it, it will be rebuilt",
            zh: "\(folder) 不完整；请删除该目录，系统会重建")
    }
}
