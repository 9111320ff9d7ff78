import Foundation
import Glibc

/// Work that must not take anything from anybody: it runs when nothing else wants the core.
package enum LowPriority {
    /// Runs `body` in a thread of its own.
    package static func start(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            stepBack()
            body()
        }
        thread.name = "scrub"
        thread.start()
    }

    /// Runs `body` in a thread of its own and waits for it without holding a thread.
    package static func run<Value: Sendable>(
        _ body: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            start { continuation.resume(returning: body()) }
        }
    }

    /// The calling thread alone, by Linux's reading of "process".
    ///
    /// A system that forbids it runs the thread as any other; the pace still holds it back.
    private static func stepBack() {
        // SCHED_IDLE also puts its reading into the disk's idle class.
        var parameters = sched_param()
        let idle: Int32 = 5
        sched_setscheduler(0, idle, &parameters)
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
    }
}
