import Dispatch
import Synchronization

/// Hands what a task found to the thread that waits for it.
final class Answer<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let done = DispatchSemaphore(value: 0)

    func give(_ found: Value?) {
        value.withLock { $0 = found }
        done.signal()
    }

    func take() -> Value? {
        done.wait()
        return value.withLock { $0 }
    }
}
