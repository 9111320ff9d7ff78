package import Auditing
import Dispatch
import Glibc
package import Records
import Synchronization

/// Holds a reader back to a rate, and lets another thread stop it at once.
package final class Pace: Sendable {
    private let limiter: Mutex<RateLimiter>
    private let stopped = Atomic(false)
    private let clock: Clock

    /// The waits shorter than this are put off until they are worth it.
    private static let waitMin = Duration.milliseconds(5)

    /// Time as it passes, or as a test lets it pass.
    package struct Clock: Sendable {
        /// Time since any beginning; it never goes back.
        package var now: @Sendable () -> Duration
        /// Returns when the time has passed, or when it was woken.
        package var wait: @Sendable (Duration) -> Void
        package var wake: @Sendable () -> Void

        package init(
            now: @escaping @Sendable () -> Duration,
            wait: @escaping @Sendable (Duration) -> Void, wake: @escaping @Sendable () -> Void
        ) {
            (self.now, self.wait, self.wake) = (now, wait, wake)
        }

        /// The machine's; for one sleeper.
        package static var system: Clock {
            let bell = DispatchSemaphore(value: 0)
            return Clock(
                now: Pace.steady,
                wait: { duration in
                    let (seconds, attoseconds) = duration.components
                    let nanoseconds =
                        Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
                    _ = bell.wait(timeout: .now() + .nanoseconds(nanoseconds))
                }, wake: { bell.signal() })
        }
    }

    /// Nil for no limit.
    package init(bytesPerSecond: Int?, clock: Clock = .system) {
        limiter = Mutex(RateLimiter(bytesPerSecond: bytesPerSecond))
        self.clock = clock
    }

    package var isStopped: Bool { stopped.load(ordering: .acquiring) }

    /// Wakes whoever waits; nothing waits any more.
    package func stop() {
        stopped.store(true, ordering: .releasing)
        clock.wake()
    }

    /// Waits until `byteCount` bytes more are paid for; false if the reader should stop.
    package func spend(_ byteCount: Int) -> Bool {
        let now = clock.now()
        let delay = limiter.withLock { $0.delay(after: byteCount, at: now) }
        if delay >= Pace.waitMin, !isStopped { clock.wait(delay) }
        return !isStopped
    }

    /// Waits; false if it was stopped.
    package func pause(_ duration: Duration) -> Bool {
        let end = clock.now() + duration
        while !isStopped {
            let rest = end - clock.now()
            guard rest > .zero else { break }
            clock.wait(rest)
        }
        return !isStopped
    }

    /// Reading in this manner, without leaving traces in the system's memory.
    package var manner: ReadingManner {
        var manner = ReadingManner()
        manner.forgets = true
        manner.read = { self.spend($0) }
        return manner
    }

    /// What a scrub asks of the world, with the machine's clocks.
    package var surroundings: Scrubber.Surroundings {
        Scrubber.Surroundings(now: Pace.now, steady: clock.now, isStopped: { self.isStopped })
    }

    package static let now: @Sendable () -> Timestamp = {
        let time = read(CLOCK_REALTIME)
        return Timestamp(
            microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    private static let steady: @Sendable () -> Duration = {
        let time = read(CLOCK_BOOTTIME)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
