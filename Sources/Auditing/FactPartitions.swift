/// Finds what names say together, in any number of facts, with bounded memory.
///
/// Facts are dealt into partitions by their keys' first bits; when one is full, all are written
/// out. In the end each partition is looked through by itself, several at once.
final class FactPartitions {
    /// `partitionCount` partitions of `capacity` facts each, one after another.
    ///
    /// This object's alone: allocated with it, freed with it, and no pointer to it leaves. Of each
    /// partition as many facts are initialized as `counts` says.
    private let memory: UnsafeMutablePointer<PackedFact>
    private let capacity: Int
    private var counts = [Int](repeating: 0, count: FactPartitions.partitionCount)
    private let scratch: () throws(SourceError) -> any ScratchSpace
    private var space: (any ScratchSpace)?
    /// Where the whole memory was written to, and how many facts each partition had then.
    private var written: [(offset: Int, counts: [Int])] = []

    private static let partitionCount = 1 << PackedFact.partitionBits
    private static let capacityMin = 4

    /// Some `inMemoryMax` facts of 16 bytes wait in memory.
    init(
        inMemoryMax: Int, scratch: @escaping () throws(SourceError) -> any ScratchSpace
    ) {
        self.scratch = scratch
        capacity = max(inMemoryMax / FactPartitions.partitionCount, FactPartitions.capacityMin)
        memory = .allocate(capacity: capacity * FactPartitions.partitionCount)
    }

    deinit {
        memory.deallocate()
    }

    /// Adds facts in the order of the log.
    func add(_ facts: [Fact]) throws(SourceError) {
        var rest = facts[...]
        while !rest.isEmpty {
            rest = rest.dropFirst(fill(rest))
            if !rest.isEmpty { try spill() }
        }
    }

    /// Takes facts up to the first one whose partition is full, and says how many.
    private func fill(_ facts: ArraySlice<Fact>) -> Int {
        let (memory, capacity) = (memory, capacity)
        var taken = 0
        counts.withUnsafeMutableBufferPointer { counts in
            for fact in facts {
                let partition = PackedFact.partition(of: fact)
                guard counts[partition] < capacity else { return }
                (memory + partition * capacity + counts[partition]).initialize(to: .init(fact))
                counts[partition] += 1
                taken += 1
            }
        }
        return taken
    }

    /// Writes all memory out in one piece, also the little that is not filled: keys are uniform,
    /// so when one partition is full, nearly all are.
    private func spill() throws(SourceError) {
        let space: any ScratchSpace
        if let open = self.space { space = open } else { space = try scratch() }
        self.space = space
        for partition in counts.indices {
            (memory + partition * capacity + counts[partition])
                .initialize(repeating: PackedFact(), count: capacity - counts[partition])
        }
        let whole = UnsafeRawBufferPointer(
            UnsafeBufferPointer(start: memory, count: capacity * counts.count))
        written.append((try space.append(whole), counts))
        for partition in counts.indices { counts[partition] = 0 }
    }

    /// The facts of each key that `rule` finds suspect, each group in the order of the log.
    func suspects(_ rule: KeyRule, workers: Int) async throws -> [[Fact]] {
        try await withThrowingTaskGroup(of: [[Fact]].self) { group in
            var found: [[Fact]] = []
            for partition in 0..<FactPartitions.partitionCount {
                if partition >= workers, let done = try await group.next() { found += done }
                let facts = try load(partition)
                group.addTask { rule.suspects(facts, in: partition) }
            }
            for try await done in group { found += done }
            return found
        }
    }

    /// All facts of a partition in the order of the log.
    private func load(_ partition: Int) throws(SourceError) -> [PackedFact] {
        let count = written.reduce(counts[partition]) { $0 + $1.counts[partition] }
        // Not only faster: an array made with no room writes its count into the one empty array
        // that all threads share.
        guard count > 0 else { return [] }
        var failure: SourceError?
        let facts = [PackedFact](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(SourceError) {
                try read(partition, into: UnsafeMutableRawBufferPointer(buffer))
                filled = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return facts
    }

    private func read(
        _ partition: Int, into raw: UnsafeMutableRawBufferPointer
    ) throws(SourceError) {
        let width = MemoryLayout<PackedFact>.stride
        var place = 0
        for part in written {
            let end = place + part.counts[partition] * width
            try space?.read(
                at: part.offset + partition * capacity * width,
                into: UnsafeMutableRawBufferPointer(rebasing: raw[place..<end]))
            place = end
        }
        UnsafeMutableRawBufferPointer(rebasing: raw[place...]).copyMemory(
            from: UnsafeRawBufferPointer(
                UnsafeBufferPointer(start: memory + partition * capacity, count: counts[partition]))
        )
    }
}

/// A fact in 16 bytes, within a partition.
///
/// The partition stands for the key's first 8 bits. A log has fewer than 2^40 records, because
/// segments are named by 12 digits. A revision that 32 bits cannot hold is kept as their greatest
/// value, which no rule believes.
struct PackedFact: Sendable, BitwiseCopyable {
    /// The other 56 bits of the key, then the revision's low 8.
    private var name: UInt64 = 0
    /// The ordinal, then the revision's high 24 bits.
    private var place: UInt64 = 0

    static let partitionBits: UInt64 = 8
    static let revisionMax = UInt64(UInt32.max)

    init() {}

    @inline(__always)
    init(_ fact: Fact) {
        let revision = min(fact.revision, PackedFact.revisionMax)
        name = fact.key << PackedFact.partitionBits | revision & 0xFF
        place = fact.ordinal << 24 | revision >> 8
    }

    @inline(__always)
    static func partition(of fact: Fact) -> Int {
        Int(truncatingIfNeeded: fact.key >> (64 - partitionBits))
    }

    /// The key without its first bits.
    @inline(__always)
    var rest: UInt64 { name >> PackedFact.partitionBits }

    @inline(__always)
    var revision: UInt64 { (place & 0xFF_FFFF) << 8 | name & 0xFF }

    func unpacked(in partition: Int) -> Fact {
        Fact(
            key: UInt64(partition) << (64 - PackedFact.partitionBits) | rest,
            ordinal: place >> 24, revision: revision)
    }
}

/// What the facts of one key must be together.
enum KeyRule: Sendable {
    /// There is only one.
    case once
    /// Their revisions are 0, 1, 2 and so on.
    case inSequence

    /// The facts of each key that breaks the rule, by key, in the order in which they are given.
    func suspects(_ facts: [PackedFact], in partition: Int) -> [[Fact]] {
        let broken = brokenKeys(facts)
        guard !broken.isEmpty else { return [] }
        var groups: [UInt64: [Fact]] = [:]
        for fact in facts where broken.contains(fact.rest) {
            groups[fact.rest, default: []].append(fact.unpacked(in: partition))
        }
        return groups.sorted { $0.key < $1.key }.map(\.value)
    }

    /// One pass over a table with room for every key: a slot holds a key, one more than it so that
    /// 0 is an empty slot, and how many facts of it there were.
    private func brokenKeys(_ facts: [PackedFact]) -> Set<UInt64> {
        var broken: Set<UInt64> = []
        let bits = UInt64.bitWidth - (facts.count * 2).leadingZeroBitCount
        let mask = (1 << bits) - 1
        var slots = [(key: UInt64, count: UInt64)](repeating: (0, 0), count: mask + 1)
        for fact in facts {
            let key = fact.rest + 1
            var slot = Int(truncatingIfNeeded: fact.rest) & mask
            while slots[slot].key != key, slots[slot].key != 0 { slot = (slot + 1) & mask }
            if breaks(fact, after: slots[slot].count) { broken.insert(fact.rest) }
            slots[slot] = (key, slots[slot].count + 1)
        }
        return broken
    }

    @inline(__always)
    private func breaks(_ fact: PackedFact, after count: UInt64) -> Bool {
        switch self {
        case .once: count > 0
        case .inSequence: fact.revision != count || fact.revision == PackedFact.revisionMax
        }
    }
}
