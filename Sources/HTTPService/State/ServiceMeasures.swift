import HTTPTypes
import Metrics
import Records
import Sequencing

/// What the service counts of itself; names and labels never hold what was sent.
struct ServiceMeasures: Sendable {
    let registry: PrometheusRegistry

    func answered(
        _ method: HTTPRequest.Method, _ route: String, _ status: Int, _ elapsed: Duration
    ) {
        // A method is the client's text: only those that we have are labels.
        let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put]
        let name = known.contains(method) ? method.rawValue : "other"
        Counter(
            label: "hanqing_http_requests_total",
            dimensions: [("method", name), ("route", route), ("status", "\(status)")],
            factory: registry
        ).increment()
        Timer(
            label: "hanqing_http_request_seconds", dimensions: [("route", route)],
            factory: registry
        ).recordNanoseconds(Int64(elapsed / .nanoseconds(1)))
    }

    func recorded(_ places: [Acceptance.Place]) {
        let repeats = places.count { $0.isRepeat }
        count("hanqing_events_recorded_total", places.count - repeats)
        count("hanqing_events_repeated_total", repeats)
    }

    func refused(_ events: [RefusedEvent]) {
        for refusal in events.flatMap(\.refusals) {
            Counter(
                label: "hanqing_events_refused_total",
                dimensions: [("code", refusal.code.rawValue)], factory: registry
            ).increment()
        }
    }

    func set(_ gauge: String, _ value: UInt64) {
        Gauge(label: gauge, dimensions: [], factory: registry).record(Double(value))
    }

    private func count(_ counter: String, _ amount: Int) {
        guard amount > 0 else { return }
        Counter(label: counter, dimensions: [], factory: registry).increment(by: amount)
    }
}
