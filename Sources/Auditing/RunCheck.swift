import Digests

/// Reads one run of the index as Specs/decisions/0001-index-of-ids.md lays it out, and compares it
/// with what the log says of the same records.
struct RunCheck {
    let run: NameRuns.Run
    let part: IndexPart
    /// Entries from here on are not covered by anything signed and not compared.
    let size: UInt64
    /// Records whose name was withheld: an index of before may still have it.
    let withheld: Set<UInt64>
    let key: ShortHash

    private static let headerByteCount = 64
    private static let entryByteCount = 24
    private static let blockByteCount = 64
    /// "HanqRun1", least significant byte first.
    private static let magic: UInt64 = 0x316e_7552_716e_6148
    private static let entriesInStep = 1 << 14

    /// What differs, or nil.
    func fault(
        _ expected: EntrySum
    ) throws(SourceError) -> (expected: String, found: String)? {
        let range = "records \(run.covered.lowerBound) to \(run.covered.upperBound - 1)"
        guard let count = try count() else {
            return ("a run of \(range)", "header or length of something else")
        }
        var walk = Walk(check: self, filter: try filter(count))
        var done = 0
        while done < count {
            let step = min(count - done, RunCheck.entriesInStep)
            let words = try words(
                at: RunCheck.headerByteCount + done * RunCheck.entryByteCount, step * 3)
            guard words.count == step * 3 else { return ("\(count) entries", "\(done)") }
            for place in 0..<step { walk.take(words, place * 3) }
            done += step
        }
        if !walk.isSorted { return ("entries of \(range), in order", "out of order") }
        if walk.sum != expected {
            return (
                "the entries of \(range) as the log has them, \(expected.count)",
                "others, \(walk.sum.count)"
            )
        }
        return walk.endsWithFilter() ? nil : ("a filter with these entries", "another filter")
    }

    /// How many entries the header states; nil if it does not fit the file.
    private func count() throws(SourceError) -> Int? {
        let header = try words(at: 0, 5)
        guard header.count == 5, header[0] == RunCheck.magic,
            header[1] == run.covered.lowerBound, header[2] == run.covered.upperBound,
            header[3] <= UInt64(Int.max / 64),
            filterOffset(Int(header[3]))
                + blockCount(Int(header[3])) * RunCheck.blockByteCount == (try run.file.byteCount())
        else { return nil }
        return Int(header[3])
    }

    private func filterOffset(_ count: Int) -> Int {
        (RunCheck.headerByteCount + count * RunCheck.entryByteCount + 63) & ~63
    }

    private func blockCount(_ count: Int) -> Int { max(1, (count + 31) / 32) }

    private func filter(_ count: Int) throws(SourceError) -> [UInt64] {
        try words(at: filterOffset(count), blockCount(count) * RunCheck.blockByteCount / 8)
    }

    /// As many words as there are, up to `count`.
    private func words(at offset: Int, _ count: Int) throws(SourceError) -> [UInt64] {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count * 8, alignment: 8)
        defer { memory.deallocate() }
        let read = try run.file.read(at: offset, into: memory) / 8
        return (0..<read).map {
            UInt64(littleEndian: memory.load(fromByteOffset: $0 * 8, as: UInt64.self))
        }
    }

    /// Goes through the entries in their order; the filter is made again beside them.
    private struct Walk {
        let check: RunCheck
        /// What the file has, two bytes an entry.
        let filter: [UInt64]
        var made: [UInt64]
        var sum = EntrySum()
        var isSorted = true
        private var last = (ShortHash(high: 0, low: 0), UInt64(0))

        init(check: RunCheck, filter: [UInt64]) {
            (self.check, self.filter) = (check, filter)
            made = Array(repeating: 0, count: filter.count)
        }

        @inline(__always)
        mutating func take(_ words: [UInt64], _ place: Int) {
            let (high, low, value) = (words[place], words[place + 1], words[place + 2])
            let name = ShortHash(high: high, low: low)
            if name < last.0 || name == last.0 && value < last.1 { isSorted = false }
            last = (name, value)
            mark(high, low)
            let ordinal = check.part == .ids ? value : value >> 24
            guard ordinal < check.size else { return }
            if check.part == .ids, check.withheld.contains(ordinal) { return }
            sum.add(name, value, under: check.key)
        }

        private mutating func mark(_ high: UInt64, _ low: UInt64) {
            let blocks = UInt64(made.count / 8)
            let first = Int(high.multipliedFullWidth(by: blocks).high) * 8
            var bits = low
            for _ in 0..<6 {
                made[first + Int(bits >> 6 & 7)] |= 1 << (bits & 63)
                bits >>= 9
            }
        }

        /// A filter without one of the entries hides it; one with more costs time only.
        func endsWithFilter() -> Bool { made == filter }
    }
}
