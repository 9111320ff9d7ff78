import LedgerHome
import LedgerStore
import Merkle
import Synchronization

/// How many records something has reached: the newest checkpoint, or the read models.
///
/// It wakes those who wait for more. A lock and no actor: every post moves it, and is not to wait
/// for its turn on another thread.
final class Watermark: Sendable {
    private let state: Mutex<State>

    private struct State {
        var size: UInt64
        var isStopped = false
        var waiting: [Int: Waiter] = [:]
        var ticket = 0

        /// Those whom `isDue` names, who wait no more.
        mutating func take(_ isDue: (Waiter) -> Bool) -> [Waiter] {
            guard !waiting.isEmpty else { return [] }
            let due = waiting.filter { isDue($0.value) }
            for ticket in due.keys { waiting[ticket] = nil }
            return Array(due.values)
        }
    }

    private struct Waiter {
        let known: UInt64
        let continuation: CheckedContinuation<Void, Never>
    }

    init(size: UInt64) {
        state = Mutex(State(size: size))
    }

    var size: UInt64 { state.withLock(\.size) }
    /// The service ends: nobody waits any more.
    var isStopped: Bool { state.withLock(\.isStopped) }

    func advance(to size: UInt64) {
        wake { state in
            guard size > state.size else { return [] }
            state.size = size
            return state.take { $0.known < size }
        }
    }

    /// Looks how many records the newest checkpoint covers: not all come in by requests.
    func look(at ledger: Ledger) async throws(StoreError) {
        advance(to: try await TileSource(ledger.store).size().rawValue)
    }

    func stop() {
        wake { state in
            state.isStopped = true
            return state.take { _ in true }
        }
    }

    /// Returns when more than `known` records are reached, the service ends, or time is up; gives
    /// the size then.
    func wait(beyond known: UInt64, atMost duration: Duration) async -> UInt64 {
        var alarm: Task<Void, any Error>?
        await withCheckedContinuation { continuation in
            let own: Int? = state.withLock { state in
                guard state.size <= known, !state.isStopped else { return nil }
                state.ticket += 1
                state.waiting[state.ticket] = Waiter(known: known, continuation: continuation)
                return state.ticket
            }
            guard let own else { return continuation.resume() }
            alarm = Task {
                try await Task.sleep(for: duration)
                self.giveUp(own)
            }
        }
        alarm?.cancel()
        return size
    }

    private func giveUp(_ ticket: Int) {
        wake { state in state.waiting.removeValue(forKey: ticket).map { [$0] } ?? [] }
    }

    /// Wakes whom `change` gives, when the lock is free again.
    private func wake(_ change: (inout State) -> [Waiter]) {
        for waiter in state.withLock({ change(&$0) }) { waiter.continuation.resume() }
    }
}
