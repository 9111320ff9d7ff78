import Glibc
import Records
package import Sequencing

extension LedgerClock {
    /// The machine's clocks.
    package static let system = LedgerClock(
        wall: {
            let now = read(CLOCK_REALTIME)
            return Timestamp(
                microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
        },
        // It counts suspended time too, so that a sleeping machine looks like no jump.
        steadySeconds: { Int64(read(CLOCK_BOOTTIME).tv_sec) })

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        clock_gettime(clock, &time)
        return time
    }
}
