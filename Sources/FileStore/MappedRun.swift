import Digests
import Glibc
import LedgerStore

/// A sorted run on disk: a header of 64 bytes, a filter, and entries of 24 bytes; written once and
/// then only read.
///
/// `@unchecked Sendable`: the mapping is read-only, the file is never written again after it got its
/// name, and the mapping lives as long as the object, also when the file's name is removed.
final class MappedRun: @unchecked Sendable {
    static let magic: UInt64 = 0x3152_5844_4E51_4148  // "HAQNDXR1", little-endian
    static let headerByteCount = 64

    let name: String
    let count: Int
    private let base: UnsafeRawPointer
    private let filter: UnsafeRawBufferPointer
    private let entries: UnsafeRawPointer
    private let byteCount: Int

    init(folder: String, name: String) throws(StoreError) {
        self.name = name
        let path = folder + "/" + name
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw systemError("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("stat", path) }
        byteCount = Int(status.st_size)
        guard byteCount >= MappedRun.headerByteCount,
            let memory = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0),
            memory != MAP_FAILED
        else { throw MappedRun.damaged(path) }
        base = UnsafeRawPointer(memory)
        let magic = base.load(as: UInt64.self)
        count = Int(base.load(fromByteOffset: 8, as: UInt64.self))
        guard magic == MappedRun.magic, 1..<(1 << 40) ~= count,
            byteCount == MappedRun.byteCount(entries: count)
        else {
            munmap(memory, byteCount)
            throw MappedRun.damaged(path)
        }
        let filterByteCount = RunFilter.byteCount(entries: count)
        filter = UnsafeRawBufferPointer(
            start: base + MappedRun.headerByteCount, count: filterByteCount)
        entries = base + MappedRun.headerByteCount + filterByteCount
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: base), byteCount)
    }

    static func byteCount(entries: Int) -> Int {
        headerByteCount + RunFilter.byteCount(entries: entries) + entries * IndexEntry.byteCount
    }

    static func damaged(_ path: String) -> StoreError {
        StoreError(
            .damaged,
            en: "the index file \(path) is damaged; delete the index folder, it is rebuilt",
            zh: "索引文件 \(path) 已损坏；请删除索引目录，系统会重建")
    }

    @inline(__always)
    func entry(_ place: Int) -> IndexEntry {
        entries.loadUnaligned(
            fromByteOffset: place * IndexEntry.byteCount, as: IndexEntry.self)
    }

    /// The newest value of `key`.
    @inline(__always)
    func newest(_ key: SipHash.Value) -> UInt64? {
        guard RunFilter.mayHold(key, filter) else { return nil }
        let place = end(of: key) - 1
        guard place >= 0 else { return nil }
        let found = entry(place)
        return found.high == key.high && found.low == key.low ? found.value : nil
    }

    /// All values of `key`, ascending.
    func values(_ key: SipHash.Value) -> [UInt64] {
        guard RunFilter.mayHold(key, filter) else { return [] }
        var place = end(of: key) - 1
        var result: [UInt64] = []
        while place >= 0, entry(place).key == key {
            result.append(entry(place).value)
            place -= 1
        }
        return result.reversed()
    }

    /// The place after the last entry whose key is at most `key`.
    ///
    /// Keys are hashes and so evenly spread: a guess by proportion comes close, growing steps
    /// enclose the place, and halving finds it, whatever the keys are. Everything before `low` is at
    /// most `key`, everything from `high` on is above it.
    private func end(of key: SipHash.Value) -> Int {
        var (low, high) = (0, count)
        var step = 32
        let guess = Int(key.high.multipliedFullWidth(by: UInt64(count)).high)
        if entry(guess).key <= key {
            low = guess + 1
            while low + step < high {
                guard entry(low + step).key <= key else {
                    high = low + step
                    break
                }
                low += step + 1
                step *= 4
            }
        } else {
            high = guess
            while high - step > low {
                guard entry(high - step).key > key else {
                    low = high - step + 1
                    break
                }
                high -= step
                step *= 4
            }
        }
        while low < high {
            let middle = (low + high) / 2
            if entry(middle).key > key { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// A blocked Bloom filter: six bits of one cache line for a key, ten bits an entry.
///
/// Nearly every event is new, and this says so with one look into memory. One key in a hundred that
/// is absent passes and is searched for in vain.
enum RunFilter {
    static let blockByteCount = 64

    static func byteCount(entries: Int) -> Int {
        max(1, entries * 10 / 512) * blockByteCount
    }

    @inline(__always)
    static func block(of key: SipHash.Value, byteCount: Int) -> Int {
        let blocks = UInt64(byteCount / blockByteCount)
        return Int(key.low.multipliedFullWidth(by: blocks).high) * blockByteCount
    }

    @inline(__always)
    static func bit(_ round: Int, of key: SipHash.Value) -> (byte: Int, mask: UInt8) {
        let bit = Int(truncatingIfNeeded: key.high >> UInt64(9 * round)) & 511
        return (bit >> 3, 1 << UInt8(bit & 7))
    }

    static func add(_ key: SipHash.Value, to filter: UnsafeMutableRawBufferPointer) {
        let block = block(of: key, byteCount: filter.count)
        for round in 0..<6 {
            let bit = bit(round, of: key)
            filter[block + bit.byte] |= bit.mask
        }
    }

    @inline(__always)
    static func mayHold(_ key: SipHash.Value, _ filter: UnsafeRawBufferPointer) -> Bool {
        let block = block(of: key, byteCount: filter.count)
        for round in 0..<6 {
            let bit = bit(round, of: key)
            if filter[block + bit.byte] & bit.mask == 0 { return false }
        }
        return true
    }
}
