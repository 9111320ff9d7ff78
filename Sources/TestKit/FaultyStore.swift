package import Digests
package import LedgerStore
package import Merkle
package import Records

/// A store whose next commit or publication fails: before it happened, or after.
///
/// A write that failed may have happened, so every fault comes in both halves.
package actor FaultyStore: EventStore {
    package enum Fault: String, Sendable, CaseIterable {
        case beforeCommit, afterCommit, beforePublish, afterPublish
    }

    private let base: any EventStore
    private var fault: Fault?

    package init(_ base: any EventStore) {
        self.base = base
    }

    /// The next call that `fault` is about fails.
    package func arm(_ fault: Fault) {
        self.fault = fault
    }

    private func strike(_ kind: Fault) throws(StoreError) {
        guard fault == kind else { return }
        fault = nil
        throw StoreError(.unknown, en: "injected: \(kind.rawValue)", zh: "注入的故障")
    }

    package func commit(_ batch: CommitBatch, at head: Head) async throws(StoreError) {
        do throws(StoreError) {
            try strike(.beforeCommit)
        } catch {
            await base.yield()
            throw error
        }
        try await base.commit(batch, at: head)
        try strike(.afterCommit)
    }

    package func publish(_ checkpoint: [UInt8], size: TreeSize) async throws(StoreError) {
        try strike(.beforePublish)
        try await base.publish(checkpoint, size: size)
        try strike(.afterPublish)
    }

    package func head() async throws(StoreError) -> Head { try await base.head() }
    package func lead() async throws(StoreError) -> Head { try await base.lead() }
    package func yield() async { await base.yield() }
    package func checkpoint() async throws(StoreError) -> [UInt8]? { try await base.checkpoint() }

    package func look(up queries: [LookUp]) async throws(StoreError) -> [Known] {
        try await base.look(up: queries)
    }

    package func lines(
        from first: SequenceNumber, limit: Int
    ) async throws(StoreError) -> [[UInt8]] {
        try await base.lines(from: first, limit: limit)
    }

    package func sequence(
        of stream: StreamName, from revision: Revision, limit: Int
    ) async throws(StoreError) -> [SequenceNumber] {
        try await base.sequence(of: stream, from: revision, limit: limit)
    }

    package func hashes(
        level: Int, _ range: Range<UInt64>
    ) async throws(StoreError) -> [Digest] {
        try await base.hashes(level: level, range)
    }
}
