import LedgerStore
import Records
import Synchronization

/// Submissions that wait to be recorded.
///
/// Whoever submits enters by a lock that is held for a moment, and not by the sequencer's actor:
/// that may be deciding over thousands of events, on a thread that is not to be the submitter's.
final class SubmissionQueue: Sendable {
    private let options: Sequencer.Options
    private let state = Mutex(State())

    typealias Result = Swift.Result<Answer, StoreError>

    struct Waiting: Sendable {
        let submission: Submission
        let answer: @Sendable (Result) -> Void
    }

    private struct State {
        var waiting: [Waiting] = []
        var eventCount = 0
        /// Somebody records what waits.
        var isServed = false
    }

    /// What became of one that came.
    enum Entry {
        /// Too much waits: it is not in.
        case full
        case entered
        /// It is in, and its submitter must see to it that what waits is recorded.
        case enteredFirst
    }

    init(_ options: Sequencer.Options) {
        self.options = options
    }

    /// Whether more than half of what may wait does.
    var isHalfFull: Bool { state.withLock { $0.eventCount > options.waitingEventsMax / 2 } }

    /// Lets submissions in together and in this order; they are refused only where `isBounded`.
    func enter(_ submissions: [Waiting], isBounded: Bool) -> Entry {
        let count = submissions.reduce(0) { $0 + $1.submission.events.count }
        return state.withLock { state in
            let isFull = state.eventCount + count > options.waitingEventsMax
            if isBounded, isFull, !state.waiting.isEmpty { return .full }
            state.waiting += submissions
            state.eventCount += count
            guard !state.isServed, !state.waiting.isEmpty else { return .entered }
            state.isServed = true
            return .enteredFirst
        }
    }

    /// As many as one commit takes, in the order in which they came; with none the queue is not
    /// served any more.
    func takeGroup() -> [Waiting] {
        state.withLock { state in
            let count = groupSize(state.waiting)
            state.isServed = count > 0
            // All of it is handed over: nothing is shared that is read without the lock.
            guard count < state.waiting.count else {
                let group = state.waiting
                (state.waiting, state.eventCount) = ([], 0)
                return group
            }
            let group = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.eventCount -= group.reduce(0) { $0 + $1.submission.events.count }
            return group
        }
    }

    private func groupSize(_ waiting: [Waiting]) -> Int {
        var (count, eventCount, byteCount) = (0, 0, 0)
        for next in waiting {
            let events = next.submission.events
            eventCount += events.count
            byteCount += events.reduce(0) { $0 + $1.event.bytes.count }
            let isFull = eventCount > options.eventsPerCommit || byteCount > options.bytesPerCommit
            if count > 0, isFull { break }
            count += 1
        }
        return count
    }
}

/// The answers to one or several submissions, handed from the sequencer's task to the submitter's
/// by a lock, which a race detector sees; what a continuation carries it does not always see.
final class AnswerGathering: Sendable {
    private let state: Mutex<State>

    private struct State {
        var answers: [Answer?]
        var missing: Int
        var failure: StoreError?
    }

    init(count: Int) {
        state = Mutex(State(answers: Array(repeating: nil, count: count), missing: count))
    }

    /// Gives whether this was the last.
    func take(_ answer: SubmissionQueue.Result, at place: Int) -> Bool {
        state.withLock { state in
            switch answer {
            case .success(let answer): state.answers[place] = answer
            case .failure(let error): state.failure = state.failure ?? error
            }
            state.missing -= 1
            return state.missing == 0
        }
    }

    /// All of them, in order, once the last was taken; or why one could not be given.
    func all() throws(StoreError) -> [Answer] {
        try state.withLock { state throws(StoreError) in
            if let failure = state.failure { throw failure }
            return state.answers.compactMap { $0 }
        }
    }
}
