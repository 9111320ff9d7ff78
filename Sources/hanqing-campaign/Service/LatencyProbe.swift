import Foundation
import HanqingClient
import Synchronization
import TestKit

/// Posts an event every 50 ms, as one careful producer among others, and sees how long it takes.
///
/// The time counts from when the event was due, so that one that waits for another counts as late.
final class LatencyProbe: Sendable {
    private let transport: HTTPTransport
    private let nextNumber = Mutex(0)

    private static let interval = Duration.milliseconds(50)

    /// What was measured.
    struct Latencies: Sendable {
        fileprivate(set) var sorted: [Duration] = []
        fileprivate(set) var refusedCount = 0

        /// A quantile, from 0 to 1.
        func microseconds(_ quantile: Double) -> Int {
            guard !sorted.isEmpty else { return 0 }
            let place = min(sorted.count - 1, Int(Double(sorted.count) * quantile))
            return Int(sorted[place] / .microseconds(1))
        }
    }

    init(url: String) {
        transport = HTTPTransport(base: url, silence: .seconds(60), connectionCountMax: 1_024)
    }

    func measure(for duration: Duration) async throws -> Latencies {
        let start = ContinuousClock.now
        return try await withThrowingTaskGroup(of: Duration?.self) { group in
            var due = start
            while due - start < duration {
                try await Task.sleep(until: due, clock: .continuous)
                group.addTask { [due] in
                    try await self.post() ? ContinuousClock.now - due : nil
                }
                due += LatencyProbe.interval
            }
            var latencies = Latencies()
            for try await latency in group {
                if let latency {
                    latencies.sorted.append(latency)
                } else {
                    latencies.refusedCount += 1
                }
            }
            latencies.sorted.sort()
            return latencies
        }
    }

    /// Whether the event was recorded; a refusal is an answer too.
    private func post() async throws -> Bool {
        let number = nextNumber.withLock { number in
            number += 1
            return number
        }
        let event = try ServedLedger.event("probe-\(number)", case: number % 100)
        let request = ServiceRequest(
            .post, "/v1/events",
            [(name: "Content-Type", value: "application/cloudevents+json")], body: event.json)
        guard let answer = try? await transport.send(request) else { return false }
        _ = try? await answer.bytes(upTo: 1 << 20)
        return answer.status == 201
    }
}
