import Dispatch
import Synchronization

/// Passes values from one thread, which waits while the queue is full, to one task.
final class BatchQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var waiting: CheckedContinuation<Element?, Never>?
        var isFinished = false
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let room: DispatchSemaphore

    init(capacity: Int) {
        // A semaphore must not be freed below the value that it began with.
        room = DispatchSemaphore(value: 0)
        for _ in 0..<capacity { room.signal() }
    }

    /// Waits for room; false once nobody takes any more.
    func push(_ element: Element) -> Bool {
        room.wait()
        let taken = state.withLock { state -> Taken in
            if state.isCancelled { return .no }
            guard let waiting = state.waiting else {
                state.elements.append(element)
                return .kept
            }
            state.waiting = nil
            return .handed(waiting)
        }
        if case .handed(let waiting) = taken { waiting.resume(returning: element) }
        guard case .no = taken else { return true }
        // Nor is there anything to wait for next time.
        room.signal()
        return false
    }

    private enum Taken {
        case no, kept
        case handed(CheckedContinuation<Element?, Never>)
    }

    /// Nothing more comes.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: nil)
    }

    /// Nothing more is taken: the thread that pushes goes on and is told so.
    func cancel() {
        state.withLock { $0.isCancelled = true }
        room.signal()
    }

    /// The next value, nil after the last.
    func next() async -> Element? {
        let element: Element? = await withCheckedContinuation { continuation in
            let ready: Element?? = state.withLock { state in
                if !state.elements.isEmpty { return state.elements.removeFirst() }
                if state.isFinished { return .some(nil) }
                state.waiting = continuation
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
        if element != nil { room.signal() }
        return element
    }
}
