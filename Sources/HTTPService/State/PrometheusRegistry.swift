package import CoreMetrics
import Synchronization

/// A backend of swift-metrics that keeps what it is told and writes it in Prometheus' text format,
/// version 0.0.4.
///
/// Timers become histograms in seconds, as Prometheus names its units.
package final class PrometheusRegistry: MetricsFactory {
    private let families = Mutex<[String: Family]>([:])

    private struct Family {
        let kind: Kind
        /// By the text of its labels.
        var series: [String: any Series] = [:]
    }

    private enum Kind: String {
        case counter, gauge, histogram
    }

    /// One line or several of a family.
    private protocol Series: AnyObject, Sendable {
        func write(_ name: String, _ labels: String, to text: inout String)
    }

    package init() {}

    /// All that was told so far, in the order of names.
    package func text() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, to: &text)
            }
        }
        return text
    }

    private func series<S: Series>(
        _ kind: Kind, _ label: String, _ dimensions: [(String, String)], _ make: () -> S
    ) -> S {
        let name = PrometheusRegistry.name(label)
        let labels = PrometheusRegistry.labels(dimensions)
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind)
            if let known = family.series[labels] as? S { return known }
            let new = make()
            // A name of two kinds would be no exposition: the later one is kept by itself.
            if family.kind == kind {
                family.series[labels] = new
                families[name] = family
            }
            return new
        }
    }

    // MARK: - Spelling

    private static func name(_ label: String) -> String {
        String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == ":" ? $0 : "_" })
    }

    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\n", with: "\\n")
            return "\(self.name(name))=\"\(escaped)\""
        }.joined(separator: ",")
    }

    private static func line(
        _ name: String, _ labels: [String], _ value: some CustomStringConvertible
    ) -> String {
        let all = labels.filter { !$0.isEmpty }.joined(separator: ",")
        return name + (all.isEmpty ? "" : "{\(all)}") + " \(value)\n"
    }

    // MARK: - Handlers

    private final class Sum: Series, CounterHandler, FloatingPointCounterHandler {
        private let value = Mutex(0.0)

        func increment(by amount: Int64) { increment(by: Double(amount)) }
        func increment(by amount: Double) { value.withLock { $0 += amount } }
        func reset() { value.withLock { $0 = 0 } }

        func write(_ name: String, _ labels: String, to text: inout String) {
            text += line(name, [labels], value.withLock { $0 })
        }
    }

    private final class Level: Series, MeterHandler, RecorderHandler {
        private let value = Mutex(0.0)

        func set(_ new: Int64) { set(Double(new)) }
        func set(_ new: Double) { value.withLock { $0 = new } }
        func increment(by amount: Double) { value.withLock { $0 += amount } }
        func decrement(by amount: Double) { value.withLock { $0 -= amount } }
        func record(_ new: Int64) { set(Double(new)) }
        func record(_ new: Double) { set(new) }

        func write(_ name: String, _ labels: String, to text: inout String) {
            text += line(name, [labels], value.withLock { $0 })
        }
    }

    private final class Histogram: Series, TimerHandler, RecorderHandler {
        private static let bounds = [
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ]

        private struct Counts {
            var buckets = [Int](repeating: 0, count: bounds.count)
            var count = 0
            var sum = 0.0
        }

        private let counts = Mutex(Counts())

        func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
        func record(_ value: Int64) { record(Double(value)) }

        func record(_ value: Double) {
            counts.withLock { counts in
                counts.count += 1
                counts.sum += value
                let place = Histogram.bounds.firstIndex { value <= $0 }
                if let place { counts.buckets[place] += 1 }
            }
        }

        func write(_ name: String, _ labels: String, to text: inout String) {
            let counts = counts.withLock { $0 }
            var sum = 0
            for (bound, count) in zip(Histogram.bounds, counts.buckets) {
                sum += count
                text += line(name + "_bucket", [labels, "le=\"\(bound)\""], sum)
            }
            text += line(name + "_bucket", [labels, "le=\"+Inf\""], counts.count)
            text += line(name + "_sum", [labels], counts.sum)
            text += line(name + "_count", [labels], counts.count)
        }
    }
}

extension PrometheusRegistry {
    package func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        series(.counter, label, dimensions) { Sum() }
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(.counter, label, dimensions) { Sum() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, label, dimensions) { Level() }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        aggregate
            ? series(.histogram, label, dimensions) { Histogram() }
            : series(.gauge, label, dimensions) { Level() } as any RecorderHandler
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(.histogram, label, dimensions) { Histogram() }
    }

    // Series live as long as the process: their labels are routes and codes, which are few.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
