import LedgerHome
import Records
import Sequencing

extension PublicationClock {
    /// The machine's: it is looked at again and again, since it may be set, or sleep.
    package static let system = PublicationClock(now: LedgerClock.system.wall) { moment in
        while true {
            let left = moment.microseconds - LedgerClock.system.wall().microseconds
            guard left > 0 else { return true }
            let pause = min(Duration.microseconds(left), PublicationClock.looksEvery)
            guard (try? await Task.sleep(for: pause)) != nil else { return false }
        }
    }

    private static let looksEvery = Duration.seconds(10)
}
