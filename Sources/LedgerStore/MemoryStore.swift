package import Digests
package import Merkle
package import Records

/// The reference store: plain dictionaries, obvious rather than fast.
///
/// Several writers may share one; the lead is handed on in the order of asking.
package actor MemoryStore: EventStore {
    private var lines: [[UInt8]] = []
    private var current = Head.empty
    private var events: [EventKey: SequenceNumber] = [:]
    private var streams: [[UInt8]: [SequenceNumber]] = [:]
    /// Level by level, the hashes that ``hashes(level:_:)`` gives.
    private var levels: [[Digest]] = [[]]
    private var newest: (bytes: [UInt8], size: TreeSize)?
    private var isLed = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let hasher = MerkleHasher()

    private struct EventKey: Hashable {
        let source: [UInt8]
        let id: [UInt8]
    }

    package init() {}

    package func head() -> Head { current }

    package func lead() async -> Head {
        if isLed { await withCheckedContinuation { waiting.append($0) } }
        isLed = true
        return current
    }

    package func yield() {
        isLed = false
        if !waiting.isEmpty {
            // The lead goes straight to the next in line, who finds it taken for him.
            isLed = true
            waiting.removeFirst().resume()
        }
    }

    package func look(up queries: [LookUp]) -> [Known] {
        queries.map { query in
            let stream = streams[Array(query.stream)]
            return Known(
                event: events[EventKey(source: Array(query.source), id: Array(query.id))],
                tail: stream.flatMap { numbers in
                    numbers.last.map {
                        StreamTail(
                            sequence: $0, revision: Revision(UInt64(numbers.count - 1)))
                    }
                })
        }
    }

    package func commit(_ batch: CommitBatch, at head: Head) throws(StoreError) {
        defer { yield() }
        guard head.size == current.size, head.lastLeaf == current.lastLeaf else {
            throw StoreError(.conflict, en: "the ledger has grown", zh: "账本已有新记录")
        }
        for entry in batch.entries { add(entry, of: batch) }
        current = batch.newHead
    }

    private func add(_ entry: CommitBatch.Entry, of batch: CommitBatch) {
        let sequence = SequenceNumber(UInt64(lines.count))
        lines.append(Array(batch.bytes[entry.line]))
        let key = EventKey(
            source: Array(batch.bytes[entry.source]), id: Array(batch.bytes[entry.id]))
        events[key] = sequence
        streams[Array(batch.bytes[entry.stream]), default: []].append(sequence)
        current.tree.append(entry.leafHash, hasher) { node, hash in
            guard StoredLevels.contains(node) else { return }
            let place = node.level / StoredLevels.step
            if levels.count == place { levels.append([]) }
            levels[place].append(hash)
        }
        levels[0].append(entry.leafHash.digest)
    }

    package func publish(_ checkpoint: [UInt8], size: TreeSize) throws(StoreError) {
        guard size <= current.size else {
            throw StoreError(
                .damaged, en: "a checkpoint over more than is stored", zh: "检查点超出已存记录")
        }
        if size >= newest?.size ?? .zero { newest = (checkpoint, size) }
    }

    package func checkpoint() -> [UInt8]? { newest?.bytes }

    package func lines(from first: SequenceNumber, limit: Int) -> [[UInt8]] {
        guard first.rawValue < UInt64(lines.count) else { return [] }
        return Array(lines[Int(first.rawValue)...].prefix(limit))
    }

    package func sequence(
        of stream: StreamName, from revision: Revision, limit: Int
    ) -> [SequenceNumber] {
        let numbers = streams[Array(stream.text.utf8)] ?? []
        guard revision.rawValue < UInt64(numbers.count) else { return [] }
        return Array(numbers[Int(revision.rawValue)...].prefix(limit))
    }

    package func hashes(level: Int, _ range: Range<UInt64>) throws(StoreError) -> [Digest] {
        let place = level / StoredLevels.step
        guard place < levels.count, range.upperBound <= UInt64(levels[place].count) else {
            throw StoreError(.notFound, en: "no such hashes", zh: "没有这些哈希")
        }
        return Array(levels[place][Int(range.lowerBound)..<Int(range.upperBound)])
    }
}
