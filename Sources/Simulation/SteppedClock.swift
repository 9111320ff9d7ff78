import Records
package import Sequencing
import Synchronization

/// Clocks that stand still until they are told.
package final class SteppedClock: Sendable {
    private struct State {
        var wall: Int64
        var steady: Int64
    }

    private let state: Mutex<State>

    package init(wall: Int64, steady: Int64) {
        state = Mutex(State(wall: wall, steady: steady))
    }

    /// Microseconds since 1970.
    var wall: Int64 { state.withLock(\.wall) }
    var steady: Int64 { state.withLock(\.steady) }

    /// Moves the wall clock by microseconds and the steady one by seconds.
    func move(wall: Int64, steady: Int64 = 0) {
        state.withLock { state in
            state.wall += wall
            state.steady += steady
        }
    }

    package var ledgerClock: LedgerClock {
        LedgerClock(
            wall: { Timestamp(microseconds: self.wall) }, steadySeconds: { self.steady })
    }
}

/// What the model knows of one node's guard against jumps of the clock: Specs/store.md section 3.
struct ModelClockGuard {
    private var agreedWall: Int64?
    private var agreedSteady: Int64 = 0

    /// How far the wall clock has run ahead of the steady one since they were found to agree.
    func secondsAhead(_ clock: SteppedClock) -> Int64 {
        guard let agreedWall else { return 0 }
        return (clock.wall - agreedWall) / 1_000_000 - (clock.steady - agreedSteady)
    }

    /// Whether something may be recorded now; the clocks agree from then on.
    mutating func passes(_ clock: SteppedClock) -> Bool {
        guard secondsAhead(clock) <= 300 else { return false }
        (agreedWall, agreedSteady) = (clock.wall, clock.steady)
        return true
    }
}
