import Digests
import LedgerStore
import Merkle
import Records
import TestKit

/// A memory store with one lie in it.
actor WrongStore: EventStore {
    enum Lie: String, Sendable, CaseIterable {
        /// A commit is acknowledged and not done.
        case losesCommit
        /// Of a commit only the first half is done.
        case losesSecondHalf
        /// An event that is known is taken for a new one.
        case forgetsID
        /// A stream is said to be one revision behind.
        case revisionBehind
        /// A commit that was refused was done all the same.
        case takesStaleCommit
        /// An old line reads otherwise than it did.
        case changesLine
        case skipsLine, skipsInStream
        case wrongLeafHash, wrongSubtreeHash
        /// A checkpoint is acknowledged and not kept.
        case losesCheckpoint
        /// The checkpoint that is read is an older one.
        case oldCheckpoint
    }

    private let base = MemoryStore()
    private let lie: Lie
    private var calls = 0
    private var checkpoints: [[UInt8]] = []

    init(_ lie: Lie) {
        self.lie = lie
    }

    /// The lie is told now and then, not at once.
    private func lies(_ kind: Lie, every count: Int) -> Bool {
        guard lie == kind else { return false }
        calls += 1
        return calls % count == 0
    }

    func head() async throws(StoreError) -> Head { await base.head() }
    func lead() async throws(StoreError) -> Head { await base.lead() }
    func yield() async { await base.yield() }

    func look(up queries: [LookUp]) async throws(StoreError) -> [Known] {
        var known = await base.look(up: queries)
        if lies(.forgetsID, every: 60) { known[0].event = nil }
        if let tail = known[0].tail, tail.revision.rawValue > 0,
            lies(.revisionBehind, every: 60)
        {
            known[0].tail?.revision = Revision(tail.revision.rawValue - 1)
        }
        return known
    }

    func commit(_ batch: CommitBatch, at head: Head) async throws(StoreError) {
        if lies(.losesCommit, every: 60) { return await base.yield() }
        if batch.count > 1, lies(.losesSecondHalf, every: 20) {
            return try await base.commit(firstHalf(batch, at: head), at: head)
        }
        if lie == .takesStaleCommit, await base.head().size > head.size {
            return await base.yield()
        }
        try await base.commit(batch, at: head)
    }

    private func firstHalf(_ batch: CommitBatch, at head: Head) -> CommitBatch {
        let event = try? EventMaker.event(EventMaker.json(id: "half", stream: "test/A"))
        return EventMaker.batch([event].compactMap { $0 }, at: head, revisions: [0])
    }

    func publish(_ checkpoint: [UInt8], size: TreeSize) async throws(StoreError) {
        checkpoints.append(checkpoint)
        if lies(.losesCheckpoint, every: 60) { return }
        if lie == .losesCommit || lie == .losesSecondHalf || lie == .takesStaleCommit,
            await base.head().size < size
        {
            return
        }
        try await base.publish(checkpoint, size: size)
    }

    func checkpoint() async throws(StoreError) -> [UInt8]? {
        if checkpoints.count > 1, lies(.oldCheckpoint, every: 20) {
            return checkpoints[checkpoints.count - 2]
        }
        return await base.checkpoint()
    }

    func lines(from first: SequenceNumber, limit: Int) async throws(StoreError) -> [[UInt8]] {
        var lines = await base.lines(from: first, limit: limit)
        if lines.count > 1, first.rawValue > 100, lies(.skipsLine, every: 5) { lines.remove(at: 0) }
        if !lines.isEmpty, first.rawValue < 20, lies(.changesLine, every: 5) {
            lines[0][140] ^= 1
        }
        return lines
    }

    func sequence(
        of stream: StreamName, from revision: Revision, limit: Int
    ) async throws(StoreError) -> [SequenceNumber] {
        var found = await base.sequence(of: stream, from: revision, limit: limit)
        if found.count > 3, lies(.skipsInStream, every: 5) { found.remove(at: 2) }
        return found
    }

    func hashes(level: Int, _ range: Range<UInt64>) async throws(StoreError) -> [Digest] {
        var hashes = try await base.hashes(level: level, range)
        if level == 0, lies(.wrongLeafHash, every: 9) { hashes[0] = .zero }
        if level == 8, lies(.wrongSubtreeHash, every: 3) { hashes.reverse(); hashes[0] = .zero }
        return hashes
    }
}
