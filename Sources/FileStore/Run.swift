package import Digests

#if _endian(big)
    #error("run files hold words least significant byte first, as this machine must")
#endif

/// One row of an index, a key and what it leads to: 24 bytes in memory and on disk.
package struct IndexEntry: Hashable, Sendable, Comparable {
    package var key: ShortHash
    package var value: UInt64

    package init(key: ShortHash, value: UInt64) {
        self.key = key
        self.value = value
    }

    package static let byteCount = 24

    package static func < (left: IndexEntry, right: IndexEntry) -> Bool {
        if left.key.high != right.key.high { return left.key.high < right.key.high }
        if left.key.low != right.key.low { return left.key.low < right.key.low }
        return left.value < right.value
    }
}

/// Looking a key up among sorted entries whose keys are uniform.
enum RunSearch {
    /// The place of the first entry whose key is greater than `key`; `entries.count` if none is.
    ///
    /// A uniform key tells its own place to within the square root of the count; one correction
    /// brings it to a few dozen, and doubling steps bound it whatever the keys are: entries that
    /// are not uniform, or not sorted, cost time and a wrong answer but never a wrong address.
    static func upperBound(of key: ShortHash, in entries: UnsafeBufferPointer<IndexEntry>) -> Int {
        guard !entries.isEmpty else { return 0 }
        let start = guess(key.high, in: entries)
        var (low, high) = (start, start)
        var step = 4
        if entries[start].key <= key {
            while high < entries.count, entries[high].key <= key {
                low = high + 1
                high += step
                step *= 2
            }
        } else {
            while low > 0, entries[low - 1].key > key {
                high = low - 1
                low = max(0, low - step)
                step *= 2
            }
        }
        high = min(high, entries.count)
        return bisect(key, in: entries, low, high)
    }

    /// The answer lies in `low...high`.
    private static func bisect(
        _ key: ShortHash, in entries: UnsafeBufferPointer<IndexEntry>, _ first: Int, _ last: Int
    ) -> Int {
        var (low, high) = (first, last)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].key <= key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Where `word` should be, looked at twice.
    private static func guess(
        _ word: UInt64, in entries: UnsafeBufferPointer<IndexEntry>
    ) -> Int {
        let count = UInt64(entries.count)
        var place = Int(word.multipliedFullWidth(by: count).high)
        for _ in 0..<2 {
            let found = entries[place].key.high
            let isBefore = found <= word
            let gap = isBefore ? word - found : found - word
            let move = Int(gap.multipliedFullWidth(by: count).high)
            place = isBefore ? min(place + move, entries.count - 1) : max(place - move, 0)
        }
        return place
    }
}
