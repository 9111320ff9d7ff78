import Digests

/// The newest entries of an index: a hash table that also keeps the order of arrival.
///
/// A value: once frozen, a copy of it goes to the background while the owner goes on reading, and
/// the language proves that nobody writes. Keys are hashes already, so a slot follows from a key's
/// low bits; a slot holds the place of the key's newest entry, and each entry the place of the one
/// before it under the same key.
struct MemoryTable: Sendable {
    private(set) var entries: [IndexEntry] = []
    /// For each entry one more than the place of the previous entry of its key; 0 for none.
    private var previous: [UInt32] = []
    /// The upper half is a piece of the key, the lower one more than the entry's place; 0 if free.
    private var slots: [UInt64]

    private static let placeMask: UInt64 = 0xffff_ffff

    /// A table that grows only beyond `capacity`.
    init(capacity: Int) {
        entries.reserveCapacity(capacity)
        previous.reserveCapacity(capacity)
        var size = 16
        while MemoryTable.isCrowded(capacity, slots: size) { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
    }

    /// Probes stay short while three of four slots are taken at most.
    private static func isCrowded(_ count: Int, slots: Int) -> Bool { count * 4 > slots * 3 }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    mutating func insert(_ entry: IndexEntry) {
        if MemoryTable.isCrowded(entries.count + 1, slots: slots.count) { grow() }
        let slot = self.slot(of: entry.key)
        previous.append(UInt32(truncatingIfNeeded: slots[slot] & MemoryTable.placeMask))
        entries.append(entry)
        slots[slot] = MemoryTable.mark(entry.key) | UInt64(entries.count)
    }

    /// The value inserted last under `key`.
    func find(_ key: ShortHash) -> UInt64? {
        let place = slots[slot(of: key)] & MemoryTable.placeMask
        return place == 0 ? nil : entries[Int(place) - 1].value
    }

    /// The values under `key` in the order of their insertion.
    func values(of key: ShortHash) -> [UInt64] {
        var values: [UInt64] = []
        var place = Int(slots[slot(of: key)] & MemoryTable.placeMask)
        while place > 0 {
            values.append(entries[place - 1].value)
            place = Int(previous[place - 1])
        }
        return values.reversed()
    }

    /// The slot that holds `key`, or the free one where it belongs.
    private func slot(of key: ShortHash) -> Int {
        let mark = MemoryTable.mark(key)
        var slot = Int(truncatingIfNeeded: key.low) & (slots.count - 1)
        while true {
            let found = slots[slot]
            if found == 0 { return slot }
            if found & ~MemoryTable.placeMask == mark,
                entries[Int(found & MemoryTable.placeMask) - 1].key == key
            {
                return slot
            }
            slot = (slot + 1) & (slots.count - 1)
        }
    }

    private static func mark(_ key: ShortHash) -> UInt64 { key.high & ~placeMask }

    private mutating func grow() {
        slots = [UInt64](repeating: 0, count: slots.count * 2)
        for (place, entry) in entries.enumerated() {
            slots[slot(of: entry.key)] = MemoryTable.mark(entry.key) | UInt64(place + 1)
        }
    }

    /// The entries in key order.
    ///
    /// Keys are uniform: a stable spread over buckets by their top bits leaves a few entries each.
    /// A bucket that is not small (many entries of one stream) goes to the library's sort.
    func sorted() -> [IndexEntry] {
        let bits = UInt64(max(1, entries.count.bitWidth - entries.count.leadingZeroBitCount - 3))
        let shift = 64 - bits
        var ends = [Int](repeating: 0, count: (1 << Int(bits)) + 1)
        for entry in entries { ends[Int(entry.key.high >> shift) + 1] += 1 }
        for bucket in 1..<ends.count { ends[bucket] += ends[bucket - 1] }
        var result = [IndexEntry](
            repeating: IndexEntry(key: ShortHash(high: 0, low: 0), value: 0), count: entries.count)
        for entry in entries {
            let bucket = Int(entry.key.high >> shift)
            result[ends[bucket]] = entry
            ends[bucket] += 1
        }
        var start = 0
        for end in ends.dropLast() {
            MemoryTable.sortBucket(&result, start..<end)
            start = end
        }
        return result
    }

    private static func sortBucket(_ entries: inout [IndexEntry], _ bucket: Range<Int>) {
        guard bucket.count <= 24 else { return entries[bucket].sort() }
        for place in bucket.dropFirst() {
            let entry = entries[place]
            var hole = place
            while hole > bucket.lowerBound, entry < entries[hole - 1] {
                entries[hole] = entries[hole - 1]
                hole -= 1
            }
            entries[hole] = entry
        }
    }
}
