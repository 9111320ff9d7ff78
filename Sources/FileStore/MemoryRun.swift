import Digests

/// One entry of an index: a hashed key and a value.
///
/// A key may have several values.
struct IndexEntry: Comparable, Sendable, BitwiseCopyable {
    var high: UInt64
    var low: UInt64
    var value: UInt64

    static let byteCount = 24

    init(_ key: SipHash.Value, _ value: UInt64) {
        (high, low, self.value) = (key.high, key.low, value)
    }

    var key: SipHash.Value { SipHash.Value(high: high, low: low) }

    @inline(__always)
    static func < (left: IndexEntry, right: IndexEntry) -> Bool {
        if left.high != right.high { return left.high < right.high }
        if left.low != right.low { return left.low < right.low }
        return left.value < right.value
    }
}

/// The newest entries, in the order in which they came, with a hash table over their keys.
///
/// Values of one key come in ascending order and are chained from the newest back.
struct MemoryRun: Sendable {
    private(set) var entries: [IndexEntry] = []
    /// For each entry, one more than the place of the entry before it with the same key; 0 for none.
    private var previous: [UInt32] = []
    /// Places in ``entries`` plus one, found by the key's low word; 0 is an empty slot.
    private var slots: [UInt32]

    init() {
        slots = [UInt32](repeating: 0, count: 1024)
    }

    var count: Int { entries.count }

    @inline(__always)
    mutating func insert(_ key: SipHash.Value, _ value: UInt64) {
        if entries.count * 2 >= slots.count { grow() }
        let slot = slot(of: key)
        previous.append(slots[slot])
        entries.append(IndexEntry(key, value))
        slots[slot] = UInt32(entries.count)
    }

    /// The newest value of `key`.
    @inline(__always)
    func newest(_ key: SipHash.Value) -> UInt64? {
        let place = slots[slot(of: key)]
        return place == 0 ? nil : entries[Int(place) - 1].value
    }

    /// All values of `key`, ascending.
    func values(_ key: SipHash.Value) -> [UInt64] {
        var result: [UInt64] = []
        var place = slots[slot(of: key)]
        while place != 0 {
            result.append(entries[Int(place) - 1].value)
            place = previous[Int(place) - 1]
        }
        return result.reversed()
    }

    /// The slot that holds `key`, or the empty one where it belongs: linear probing.
    @inline(__always)
    private func slot(of key: SipHash.Value) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: key.low) & mask
        while true {
            let place = slots[slot]
            if place == 0 { return slot }
            let entry = entries[Int(place) - 1]
            if entry.high == key.high && entry.low == key.low { return slot }
            slot = (slot + 1) & mask
        }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (place, entry) in entries.enumerated() {
            slots[slot(of: entry.key)] = UInt32(place + 1)
        }
    }
}
