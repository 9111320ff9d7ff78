import Digests

/// One of the index's two parts that lead from names to records.
package enum IndexPart: String, Sendable, CaseIterable {
    case ids, streams
}

/// The runs of one such part as its manifest lists them: Specs/decisions/0001-index-of-ids.md.
///
/// It is read anew here, by the page and not by the writer's code.
struct NameRuns: Sendable {
    let part: IndexPart
    /// Under which names were hashed.
    private(set) var key = ShortHash(high: 0, low: 0)
    private(set) var runs: [Run] = []
    /// Why the part cannot be judged as it is: what was expected and what was found.
    private(set) var fault: (file: String, expected: String, found: String)?

    struct Run: Sendable {
        let covered: Range<UInt64>
        let path: String
        /// Held open from the beginning of the audit, for a writer may merge it away meanwhile.
        let file: any HeldFile
    }

    private static let manifestBytesMax = 1 << 20

    /// Opens all runs; nil if there is no manifest, and so nothing that anybody would believe.
    init?(_ part: IndexPart, _ index: any IndexReader) throws(SourceError) {
        self.part = part
        var text: String?
        // A run that was merged away is not in the next manifest.
        for _ in 0..<8 {
            guard let newer = try NameRuns.manifest(part, index) else { return nil }
            guard newer != text else { return }
            text = newer
            (runs, fault) = ([], nil)
            guard take(newer.split(separator: "\n", omittingEmptySubsequences: false)[...])
            else {
                fail("a manifest as decision 0001 has it", "something else")
                return
            }
            if try open(newer, index) { return }
        }
    }

    private mutating func fail(_ expected: String, _ found: String) {
        fault = (IndexFile.manifest(part).path, expected, found)
    }

    private static func manifest(
        _ part: IndexPart, _ index: any IndexReader
    ) throws(SourceError) -> String? {
        guard let file = try index.open(.manifest(part)) else { return nil }
        let count = min(try file.byteCount(), manifestBytesMax)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 8)
        defer { memory.deallocate() }
        let read = try file.read(at: 0, into: memory)
        return String(decoding: memory.prefix(read), as: UTF8.self)
    }

    /// Name and key; false if these lines are no manifest's.
    private mutating func take(_ lines: ArraySlice<Substring>) -> Bool {
        guard lines.count >= 5, lines[0] == "hanqing index 2", lines[1] == "name \(part)",
            lines[2].hasPrefix("key "), let bytes = Hex.decode(lines[2].dropFirst(4)),
            bytes.count == 16
        else { return false }
        let text = lines[2].dropFirst(4)
        guard let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.dropFirst(16), radix: 16)
        else { return false }
        key = ShortHash(high: high, low: low)
        return true
    }

    /// Opens the runs of a manifest; false if one is gone.
    private mutating func open(
        _ manifest: String, _ index: any IndexReader
    ) throws(SourceError) -> Bool {
        var next: UInt64 = 0
        for line in manifest.split(separator: "\n") where line.hasPrefix("run ") {
            let words = line.split(separator: " ")
            guard words.count == 5, let from = UInt64(words[1]), let to = UInt64(words[2]),
                from == next, from < to
            else {
                fail("runs that follow each other", String(line))
                return true
            }
            next = to
            let place = IndexFile.run(part, from..<to)
            guard let file = try index.open(place) else {
                fault = (place.path, "a run of records \(from) to \(to - 1)", "no file")
                return false
            }
            runs.append(Run(covered: from..<to, path: place.path, file: file))
        }
        return true
    }

    /// The run that covers a record.
    func run(of ordinal: UInt64) -> Int? {
        var (low, high) = (0, runs.count)
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].covered.upperBound <= ordinal {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < runs.count ? low : nil
    }
}

/// How many entries there are, and a sum over them that does not depend on their order.
///
/// Each entry counts with a hash under a key that the auditor drew and nobody knows, so two sets of
/// entries have one sum by an accident of 2^-128.
struct EntrySum: Hashable, Sendable {
    private(set) var count: UInt64 = 0
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    @inline(__always)
    mutating func add(_ name: ShortHash, _ value: UInt64, under key: ShortHash) {
        var hash = SipHash(key: key)
        withUnsafeBytes(of: (name.high, name.low, value)) { hash.update($0) }
        let term = hash.finish()
        count += 1
        high &+= term.high
        low &+= term.low
    }

    mutating func add(_ other: EntrySum) {
        count += other.count
        high &+= other.high
        low &+= other.low
    }
}

/// What the log says of the two parts: a sum for each of their runs.
struct NameSums: Sendable {
    private(set) var sums: [[EntrySum]] = [[], []]

    /// Adds the name of a record, whose parts are hashed with a zero byte between.
    @inline(__always)
    mutating func add(
        _ index: NameRuns?, _ ordinal: UInt64, _ value: UInt64, under key: ShortHash,
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer? = nil
    ) {
        guard let index, let run = index.run(of: ordinal) else { return }
        var hash = SipHash(key: index.key)
        hash.update(first)
        if let second {
            hash.update(0)
            hash.update(second)
        }
        let part = index.part == .ids ? 0 : 1
        if sums[part].isEmpty {
            sums[part] = Array(repeating: EntrySum(), count: index.runs.count)
        }
        sums[part][run].add(hash.finish(), value, under: key)
    }

    mutating func add(_ other: NameSums) {
        for part in sums.indices where !other.sums[part].isEmpty {
            if sums[part].isEmpty {
                sums[part] = other.sums[part]
                continue
            }
            for run in sums[part].indices { sums[part][run].add(other.sums[part][run]) }
        }
    }

    func sum(_ part: IndexPart, _ run: Int) -> EntrySum {
        let all = sums[part == .ids ? 0 : 1]
        return run < all.count ? all[run] : EntrySum()
    }
}
