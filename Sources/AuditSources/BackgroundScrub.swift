package import Auditing
import Dispatch
package import Phrases
import Records
import Synchronization

/// A scrub that runs behind a program that has a ledger open for long: Specs/scrub.md section 4.
///
/// It passes over the ledger, rests, and passes again until it is stopped.
package final class BackgroundScrub: Sendable {
    private let ledger: String
    private let options: Options
    private let tell: @Sendable (Event) -> Void
    private let pace: Pace
    private let ended = DispatchSemaphore(value: 0)
    private let found = Atomic(0)

    package struct Options: Sendable {
        /// Nil for as fast as it goes.
        package var bytesPerSecond: Int? = 4 << 20
        /// Before anything is read, so that short work does not pay.
        package var delay = Duration.seconds(10)
        /// From the end of one pass to the beginning of the next, over all programs.
        package var rest = Duration.seconds(86_400)
        package var scrubber = Scrubber.Options()

        package init() {}
    }

    package enum Event: Sendable {
        case scrub(Scrubber.Event)
        case finished(ScrubReport)
        /// It cannot run, or not go on; it tries again after a rest.
        case failed(Phrase)
    }

    /// `tell` is called in the scrub's own thread.
    package init(
        ledger: String, _ options: Options = Options(), clock: Pace.Clock = .system,
        _ tell: @escaping @Sendable (Event) -> Void
    ) {
        (self.ledger, self.options, self.tell) = (ledger, options, tell)
        pace = Pace(bytesPerSecond: options.bytesPerSecond, clock: clock)
    }

    /// How much damage was found so far.
    package var foundCount: Int { found.load(ordering: .acquiring) }

    package func start() {
        LowPriority.start {
            self.work()
            self.ended.signal()
        }
    }

    /// Keeps the place and ends; waits for that a little, as the thread gives way to all others.
    package func stop() {
        pace.stop()
        _ = ended.wait(timeout: .now() + .seconds(2))
    }

    private func work() {
        guard pace.pause(options.delay) else { return }
        while !pace.isStopped {
            let rest = passOrRest()
            guard pace.pause(rest) else { return }
        }
    }

    /// Runs a pass if one is due; gives how long to rest then.
    private func passOrRest() -> Duration {
        guard let lock = ScrubFolder(ledger: ledger).lock() else { return retryAfter }
        defer { withExtendedLifetime(lock) {} }
        do throws(SourceError) {
            let scrubber = try Scrubber(ledger: ledger, pace.manner, options.scrubber)
            let rest = restLeft(try scrubber.state())
            guard rest <= .zero else { return rest }
            let report = try scrubber.run(pace.surroundings) { event in
                if case .found = event { self.found.add(1, ordering: .relaxed) }
                self.tell(.scrub(event))
            }
            if report.finished != nil { tell(.finished(report)) }
            return options.rest
        } catch {
            tell(.failed(error.phrase))
            return retryAfter
        }
    }

    private var retryAfter: Duration { max(.seconds(1), min(options.rest, .seconds(3600))) }

    /// What is left of the rest after the last pass; nothing if one waits to go on.
    private func restLeft(_ state: ScrubState?) -> Duration {
        guard let state, state.pass == nil, let last = state.last else { return .zero }
        let since = Pace.now().microseconds - last.finished.microseconds
        // A clock that was set back must not put the next pass off for ever.
        guard since >= 0 else { return .zero }
        return options.rest - .microseconds(since)
    }
}
