/// Finds facts of one key in any number of them, with bounded memory.
///
/// Facts are dealt into partitions by their keys' first bits; when too many wait in memory, all
/// partitions are written out. In the end each partition is sorted by itself.
final class FactSorter {
    private var partitions: [Partition]
    private let scratch: () throws(SourceError) -> any ScratchSpace
    private var space: (any ScratchSpace)?
    private let inMemoryMax: Int
    private var inMemory = 0

    private struct Partition {
        var facts: [Fact] = []
        var written: [(offset: Int, count: Int)] = []
    }

    private static let partitionBits: UInt64 = 8

    /// `inMemoryMax` facts of 24 bytes wait in memory.
    init(
        inMemoryMax: Int, scratch: @escaping () throws(SourceError) -> any ScratchSpace
    ) {
        (self.inMemoryMax, self.scratch) = (inMemoryMax, scratch)
        partitions = Array(repeating: Partition(), count: 1 << FactSorter.partitionBits)
    }

    /// Adds facts in the order of the log.
    func add(_ facts: [Fact]) throws(SourceError) {
        for fact in facts {
            partitions[Int(fact.key >> (64 - FactSorter.partitionBits))].facts.append(fact)
        }
        inMemory += facts.count
        if inMemory > inMemoryMax { try spill() }
    }

    private func spill() throws(SourceError) {
        let space: any ScratchSpace
        if let open = self.space { space = open } else { space = try scratch() }
        self.space = space
        for place in partitions.indices where !partitions[place].facts.isEmpty {
            let count = partitions[place].facts.count
            let offset = try write(partitions[place].facts, space)
            partitions[place].written.append((offset, count))
            partitions[place].facts.removeAll(keepingCapacity: true)
        }
        inMemory = 0
    }

    private func write(_ facts: [Fact], _ space: any ScratchSpace) throws(SourceError) -> Int {
        try facts.span.bytes.withUnsafeBytes { (raw) throws(SourceError) in
            try space.append(raw)
        }
    }

    /// Gives `body` the facts of each key that `isSuspect` says should be looked at, by key, each
    /// group in the order of the log; partitions are forgotten as they are done.
    func groups(
        suspect isSuspect: (ArraySlice<Fact>) -> Bool
    ) throws(SourceError) -> [[Fact]] {
        var found: [[Fact]] = []
        for place in partitions.indices {
            var facts = try load(&partitions[place])
            facts.sort(by: Fact.precedes)
            var start = 0
            while start < facts.count {
                var end = start + 1
                while end < facts.count, facts[end].key == facts[start].key { end += 1 }
                if isSuspect(facts[start..<end]) { found.append(Array(facts[start..<end])) }
                start = end
            }
        }
        space = nil
        return found
    }

    private func load(_ partition: inout Partition) throws(SourceError) -> [Fact] {
        defer { partition = Partition() }
        guard let space, !partition.written.isEmpty else { return partition.facts }
        let count = partition.written.reduce(partition.facts.count) { $0 + $1.count }
        var facts = [Fact](repeating: Fact(key: 0, ordinal: 0, revision: 0), count: count)
        var failure: SourceError?
        facts.withUnsafeMutableBytes { raw in
            do throws(SourceError) {
                try FactSorter.read(partition, space, into: raw)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return facts
    }

    private static func read(
        _ partition: Partition, _ space: any ScratchSpace, into raw: UnsafeMutableRawBufferPointer
    ) throws(SourceError) {
        var place = 0
        for (offset, count) in partition.written {
            let byteCount = count * MemoryLayout<Fact>.stride
            try space.read(
                at: offset,
                into: UnsafeMutableRawBufferPointer(rebasing: raw[place..<place + byteCount]))
            place += byteCount
        }
        partition.facts.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: raw[place...]).copyMemory(from: $0)
        }
    }
}
