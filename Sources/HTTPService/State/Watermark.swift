import LedgerHome
import LedgerStore
import Merkle

/// How many records something has reached: the newest checkpoint, or the read models.
///
/// It wakes those who wait for more.
actor Watermark {
    private(set) var size: UInt64
    /// The service ends: nobody waits any more.
    private(set) var isStopped = false
    private var waiting: [Int: Waiter] = [:]
    private var ticket = 0

    private struct Waiter {
        let known: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    init(size: UInt64) {
        self.size = size
    }

    func advance(to size: UInt64) {
        guard size > self.size else { return }
        self.size = size
        wake { $0.known < size }
    }

    /// Looks how many records the newest checkpoint covers: not all come in by requests.
    func look(at ledger: Ledger) async throws(StoreError) {
        advance(to: try await TileSource(ledger.store).size().rawValue)
    }

    func stop() {
        isStopped = true
        wake { _ in true }
    }

    /// Returns when more than `known` records are reached, the service ends, or time is up; gives
    /// the size then.
    func wait(beyond known: UInt64, atMost duration: Duration) async -> UInt64 {
        guard size <= known, !isStopped else { return size }
        ticket += 1
        let own = ticket
        let alarm = Task {
            try await Task.sleep(for: duration)
            self.waiting.removeValue(forKey: own)?.continuation.resume()
        }
        await withCheckedContinuation { waiting[own] = Waiter(known: known, continuation: $0) }
        alarm.cancel()
        return size
    }

    private func wake(_ isDue: (Waiter) -> Bool) {
        for (ticket, waiter) in waiting where isDue(waiter) {
            waiting.removeValue(forKey: ticket)
            waiter.continuation.resume()
        }
    }
}
