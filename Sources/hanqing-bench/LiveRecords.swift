import LedgerStore
import Merkle
import Sequencing
import Synchronization

/// What is appended while somebody follows, and how long records waited to be followed.
final class LiveRecords: Sendable {
    private struct Mark {
        /// So many records there were then.
        let size: UInt64
        let moment: ContinuousClock.Instant
    }

    private struct State {
        var waiting: [Mark] = []
        var first: Mark?
        var last: Mark?
        var isOver = false
        var longest = Duration.zero
    }

    private let state = Mutex(State())

    /// Appends some groups a second, each when it is due.
    func append(
        _ groups: [[Submission]], _ groupsASecond: Int, to sequencer: Sequencer,
        in store: any EventStore
    ) async throws {
        defer { state.withLock { $0.isOver = true } }
        let clock = ContinuousClock()
        let start = clock.now
        for (number, group) in groups.enumerated() {
            let due = Duration.milliseconds(1_000 * number / groupsASecond)
            try await clock.sleep(until: start.advanced(by: due))
            _ = try await sequencer.submit(all: group)
            let mark = Mark(size: try await store.head().size.rawValue, moment: clock.now)
            state.withLock { state in
                state.waiting.append(mark)
                if state.first == nil { state.first = mark }
                state.last = mark
            }
        }
    }

    /// Whether all are followed and no more will come.
    var isOver: Bool { state.withLock { $0.isOver && $0.waiting.isEmpty } }

    /// Takes note that all records before `position` are applied now.
    func take(applied position: UInt64) {
        let now = ContinuousClock().now
        state.withLock { state in
            for mark in state.waiting where mark.size <= position {
                state.longest = max(state.longest, now - mark.moment)
            }
            state.waiting.removeAll { $0.size <= position }
        }
    }

    /// The longest that a record waited after it was acknowledged, in seconds.
    var longest: Double { state.withLock { $0.longest.inSeconds } }

    /// Records a second, from the first group to the last.
    var rate: Double {
        state.withLock { state in
            guard let first = state.first, let last = state.last, last.moment > first.moment
            else { return 0 }
            return Double(last.size - first.size) / (last.moment - first.moment).inSeconds
        }
    }
}
