import Phrases
import Records

/// Keeps `recorded` from going back, and one jump of the clock from poisoning the ledger.
///
/// A recorded time far in the future could never be left again, because time does not go back. So a
/// clock that has gone on much further than the machine's steady clock stops appending until an
/// administrator has looked: he corrects the clock, or records `ledger.clock-noted`.
struct ClockGuard {
    /// Seconds by which the wall clock may run ahead of the steady one.
    static let toleranceSeconds: Int64 = 300

    /// The wall and the steady clock when they were last found to agree.
    private var agreed: (wall: Timestamp, steadySeconds: Int64)?

    enum Verdict: Equatable {
        case recorded(Timestamp)
        case jumped(secondsAhead: Int64)
    }

    /// The time to record now, after `last`.
    mutating func judge(wall: Timestamp, steadySeconds: Int64, last: Timestamp) -> Verdict {
        if let agreed {
            let expected = agreed.wall.advanced(bySeconds: steadySeconds - agreed.steadySeconds)
            let ahead = (wall.microseconds - expected.microseconds) / 1_000_000
            guard ahead <= ClockGuard.toleranceSeconds else { return .jumped(secondsAhead: ahead) }
        }
        // A clock that was set back is believed from then on, but no record is older than the last.
        agreed = (wall, steadySeconds)
        return .recorded(max(wall, last))
    }

    /// An administrator has confirmed the clock as it is now.
    mutating func accept(wall: Timestamp, steadySeconds: Int64) {
        agreed = (wall, steadySeconds)
    }
}
