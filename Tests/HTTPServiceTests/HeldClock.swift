import HTTPService
import Records
import Synchronization

/// A clock that stands still until a test moves it on.
final class HeldClock: Sendable {
    private struct Waiter {
        let number: Int
        let moment: Timestamp
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var now: Timestamp
        var number = 0
        var waiting: [Waiter] = []
        /// Who is told when somebody waits.
        var watching: [CheckedContinuation<Timestamp, Never>] = []
    }

    private let state: Mutex<State>

    init(at moment: Timestamp) { state = Mutex(State(now: moment)) }

    var clock: PublicationClock {
        PublicationClock(now: { self.state.withLock(\.now) }, wait: { await self.wait($0) })
    }

    /// The moment that somebody waits for, as soon as somebody does.
    func awaited() async -> Timestamp {
        await withCheckedContinuation { continuation in
            let known: Timestamp? = state.withLock { state in
                if let first = state.waiting.first { return first.moment }
                state.watching.append(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// Whoever waits for this moment or an earlier one goes on.
    func advance(to moment: Timestamp) {
        let due: [Waiter] = state.withLock { state in
            state.now = moment
            let due = state.waiting.filter { $0.moment <= moment }
            state.waiting.removeAll { $0.moment <= moment }
            return due
        }
        for waiter in due { waiter.continuation.resume(returning: true) }
    }

    private func wait(_ moment: Timestamp) async -> Bool {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.now >= moment { return true }
                    state.waiting.append(
                        Waiter(number: number, moment: moment, continuation: continuation))
                    return nil
                }
                guard answer == nil else { return continuation.resume(returning: answer == true) }
                let watching = state.withLock { state in
                    let watching = state.watching
                    state.watching.removeAll()
                    return watching
                }
                for one in watching { one.resume(returning: moment) }
            }
        } onCancel: {
            let cancelled = state.withLock { state in
                let cancelled = state.waiting.filter { $0.number == number }
                state.waiting.removeAll { $0.number == number }
                return cancelled
            }
            for waiter in cancelled { waiter.continuation.resume(returning: false) }
        }
    }
}
