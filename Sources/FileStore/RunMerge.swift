/// The entries of several runs in one order, one at a time.
package struct RunMerge: IteratorProtocol, Sequence {
    /// The unread part of one run; `next` stays inside the run's mapping.
    private struct Cursor {
        var next: UnsafePointer<IndexEntry>
        let end: UnsafePointer<IndexEntry>
    }

    /// Keeps the mappings alive: the cursors point into them and live in the same value.
    private let runs: [RunFile]
    private var cursors: [Cursor] = []

    package init(_ runs: [RunFile]) {
        self.runs = runs
        for run in runs where run.count > 0 {
            run.withEntries { entries in
                guard let start = entries.baseAddress else { return }
                cursors.append(Cursor(next: start, end: start + entries.count))
            }
        }
    }

    package mutating func next() -> IndexEntry? {
        guard var least = cursors.indices.first else { return nil }
        var entry = cursors[least].next.pointee
        for place in cursors.indices.dropFirst() {
            let candidate = cursors[place].next.pointee
            if candidate < entry { (least, entry) = (place, candidate) }
        }
        cursors[least].next += 1
        if cursors[least].next == cursors[least].end { cursors.remove(at: least) }
        return entry
    }
}

/// Which neighbouring runs to merge next.
package enum RunTiers {
    /// A stretch of at least `fanIn` neighbours of which none is larger than the rest together, of
    /// the smallest runs that offer one; nil if there is none.
    ///
    /// Sizes count by powers of four. So an entry is rewritten about once for each power, and some
    /// three runs a power remain, besides any that stand between larger ones.
    package static func choose(counts: [Int], fanIn: Int) -> Range<Int>? {
        let tiers = counts.map { (Int.bitWidth - $0.leadingZeroBitCount) / 2 }
        for tier in Set(tiers).sorted() {
            var start = 0
            while start < tiers.count {
                guard tiers[start] <= tier else { start += 1; continue }
                let end = tiers[start...].firstIndex { $0 > tier } ?? tiers.count
                for first in start..<end where first + fanIn <= end {
                    let window = first..<Swift.min(first + 2 * fanIn, end)
                    let sizes = counts[window]
                    if (sizes.max() ?? 0) * 2 <= sizes.reduce(0, +) { return window }
                }
                start = end
            }
        }
        return nil
    }
}
