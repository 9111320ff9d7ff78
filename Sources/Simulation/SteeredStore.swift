package import Digests
package import LedgerStore
package import Merkle
package import Records

/// A store whose calls fail when told, and whose lead can be held back.
///
/// After a commit of which nobody knows the outcome it takes no more, as the port demands.
package actor SteeredStore: EventStore {
    /// What fails next.
    ///
    /// A write that failed may have happened, so faults of writing come in both halves.
    package enum Fault: String, Sendable, CaseIterable {
        case lead, look, checkpoint
        case beforeCommit, afterCommit, beforePublish, afterPublish
    }

    private var base: (any EventStore)?
    /// Whether the lead keeps others out; without, only `conflict` does.
    private let isExclusive: Bool
    private var fault: Fault?
    private var stopReason: StoreError?
    private var holdsNextLead = false
    private var held: CheckedContinuation<Void, Never>?
    private var watcher: CheckedContinuation<Void, Never>?

    package init(_ base: any EventStore, isExclusive: Bool = true) {
        (self.base, self.isExclusive) = (base, isExclusive)
    }

    // MARK: Steering

    func arm(_ fault: Fault) {
        self.fault = fault
    }

    /// Takes the fault back; true if it has struck.
    func disarm() -> Bool {
        defer { fault = nil }
        return fault == nil
    }

    /// The next lead waits for ``release()``.
    func holdNextLead() {
        holdsNextLead = true
    }

    /// Returns when a lead is held.
    func waitUntilHeld() async {
        if held == nil { await withCheckedContinuation { watcher = $0 } }
    }

    func release() {
        held?.resume()
        held = nil
    }

    /// Gives the store below back to its owner.
    package func letGo() {
        base = nil
    }

    private func hold() async {
        holdsNextLead = false
        await withCheckedContinuation { continuation in
            held = continuation
            watcher?.resume()
            watcher = nil
        }
    }

    private func strike(_ kind: Fault, _ code: StoreError.Code) throws(StoreError) {
        guard fault == kind else { return }
        fault = nil
        let error = StoreError(code, en: "injected: \(kind.rawValue)", zh: "注入的故障")
        if code == .unknown { stopReason = error }
        throw error
    }

    private func store() throws(StoreError) -> any EventStore {
        guard let base else { throw StoreError(.unavailable, en: "closed", zh: "已关闭") }
        return base
    }

    // MARK: The store

    package func lead() async throws(StoreError) -> Head {
        if let stopReason { throw stopReason }
        try strike(.lead, .unavailable)
        let base = try store()
        if isExclusive {
            if holdsNextLead { await hold() }
            return try await base.lead()
        }
        let head = try await base.head()
        if holdsNextLead { await hold() }
        return head
    }

    package func yield() async {
        if isExclusive { await base?.yield() }
    }

    package func commit(_ batch: CommitBatch, at head: Head) async throws(StoreError) {
        let base = try store()
        if !isExclusive { _ = try await base.lead() }
        do throws(StoreError) {
            try strike(.beforeCommit, .unknown)
        } catch {
            await base.yield()
            throw error
        }
        try await base.commit(batch, at: head)
        try strike(.afterCommit, .unknown)
    }

    package func publish(_ checkpoint: [UInt8], size: TreeSize) async throws(StoreError) {
        try strike(.beforePublish, .unavailable)
        try await store().publish(checkpoint, size: size)
        try strike(.afterPublish, .unavailable)
    }

    package func look(up queries: [LookUp]) async throws(StoreError) -> [Known] {
        try strike(.look, .unavailable)
        return try await store().look(up: queries)
    }

    package func checkpoint() async throws(StoreError) -> [UInt8]? {
        try strike(.checkpoint, .unavailable)
        return try await store().checkpoint()
    }

    package func head() async throws(StoreError) -> Head { try await store().head() }

    package func lines(
        from first: SequenceNumber, limit: Int
    ) async throws(StoreError) -> [[UInt8]] {
        try await store().lines(from: first, limit: limit)
    }

    package func sequence(
        of stream: StreamName, from revision: Revision, limit: Int
    ) async throws(StoreError) -> [SequenceNumber] {
        try await store().sequence(of: stream, from: revision, limit: limit)
    }

    package func hashes(
        level: Int, _ range: Range<UInt64>
    ) async throws(StoreError) -> [Digest] {
        try await store().hashes(level: level, range)
    }
}
