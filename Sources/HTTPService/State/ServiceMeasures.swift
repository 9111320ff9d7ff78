import HTTPTypes
import Metrics
import Records
import Sequencing
import Synchronization

/// What the service counts of itself; names and labels never hold what was sent.
struct ServiceMeasures: Sendable {
    let registry: PrometheusRegistry
    private let recordedEvents: Counter
    private let repeatedEvents: Counter
    private let answers: AnswerMeasures

    private static let knownMethods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete]

    init(registry: PrometheusRegistry) {
        self.registry = registry
        recordedEvents = Counter(
            label: "hanqing_events_recorded_total", dimensions: [], factory: registry)
        repeatedEvents = Counter(
            label: "hanqing_events_repeated_total", dimensions: [], factory: registry)
        answers = AnswerMeasures(registry)
    }

    func answered(
        _ method: HTTPRequest.Method, _ route: String, _ status: Int, _ elapsed: Duration
    ) {
        // A method is the client's text: only those that we have are labels.
        let name = ServiceMeasures.knownMethods.contains(method) ? method.rawValue : "other"
        let (counter, timer) = answers.of(
            AnswerMeasures.Kind(method: name, route: route, status: status))
        counter.increment()
        timer.recordNanoseconds(Int64(elapsed / .nanoseconds(1)))
    }

    func recorded(_ places: [Acceptance.Place]) {
        let repeats = places.count { $0.isRepeat }
        recordedEvents.increment(by: places.count - repeats)
        repeatedEvents.increment(by: repeats)
    }

    func refused(_ events: [RefusedEvent]) {
        for refusal in events.flatMap(\.refusals) {
            Counter(
                label: "hanqing_events_refused_total",
                dimensions: [("code", refusal.code.rawValue)], factory: registry
            ).increment()
        }
    }

    func set(_ gauge: String, _ value: UInt64, _ dimensions: [(String, String)] = []) {
        Gauge(label: gauge, dimensions: dimensions, factory: registry).record(Double(value))
    }
}

/// What answers are counted by, found without spelling labels each time.
private final class AnswerMeasures: Sendable {
    private let registry: PrometheusRegistry
    private let known = Mutex<[Kind: (Counter, Timer)]>([:])

    struct Kind: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    init(_ registry: PrometheusRegistry) { self.registry = registry }

    func of(_ kind: Kind) -> (Counter, Timer) {
        known.withLock { known in
            if let found = known[kind] { return found }
            let made = (
                Counter(
                    label: "hanqing_http_requests_total",
                    dimensions: [
                        ("method", kind.method), ("route", kind.route),
                        ("status", "\(kind.status)"),
                    ], factory: registry),
                Timer(
                    label: "hanqing_http_request_seconds", dimensions: [("route", kind.route)],
                    factory: registry)
            )
            known[kind] = made
            return made
        }
    }
}
