import CanonicalJSON
import Foundation
import HanqingClient
import Synchronization
import TestKit

/// Batches that come when they are due, whatever has become of those before.
final class OverloadLoad: Sendable {
    private let transport: HTTPTransport
    private let state: Mutex<State>
    private let template: BatchTemplate

    private struct State {
        var random: Seeded
        var nextBatch = 0
        var underWay = 0
        var outcome = OverloadOutcome()
    }

    /// As many clients there are; the service takes more connections than that.
    private static let connectionCountMax = 1_024
    private static let eventsMax = 4_000

    init(url: String, _ random: Seeded) {
        transport = HTTPTransport(
            base: url, silence: .seconds(60),
            connectionCountMax: OverloadLoad.connectionCountMax)
        state = Mutex(State(random: random))
        template = BatchTemplate()
    }

    var outcome: OverloadOutcome { state.withLock(\.outcome) }

    /// Events a second of 16 clients that wait for their answers, in batches of 100.
    func sustained(for duration: Duration) async throws -> Double {
        let start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    while ContinuousClock.now - start < duration { await self.post(100) }
                }
            }
        }
        let count = outcome.acknowledged.values.reduce(0, +)
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    /// Offers so many events a second.
    func offer(_ rate: Double, for duration: Duration) async throws {
        let start = ContinuousClock.now
        var due = Duration.zero
        while due < duration {
            try await Task.sleep(until: start + due, clock: .continuous)
            let size = drawSize()
            due += .seconds(Double(size) / rate)
            guard begin() else { continue }
            Task {
                await post(size)
                state.withLock { $0.underWay -= 1 }
            }
        }
    }

    /// Small batches as often as large ones.
    private func drawSize() -> Int {
        state.withLock { state in
            let most = log(Double(OverloadLoad.eventsMax))
            return Int(exp(Double.random(in: 0...most, using: &state.random)))
        }
    }

    private func begin() -> Bool {
        state.withLock { state in
            state.outcome.offeredBatches += 1
            guard state.underWay < OverloadLoad.connectionCountMax else {
                state.outcome.turnedAwayBatches += 1
                return false
            }
            state.underWay += 1
            return true
        }
    }

    /// Waits for what was begun.
    func finish() async {
        while state.withLock({ $0.underWay > 0 }) {
            try? await Task.sleep(for: .milliseconds(10))
        }
        await transport.shutdown()
    }

    private func post(_ size: Int) async {
        let batch = state.withLock { state in
            state.nextBatch += 1
            return state.nextBatch
        }
        let request = ServiceRequest(
            .post, "/v1/events",
            [
                (name: "Content-Type", value: "application/cloudevents-batch+json"),
                (name: "Prefer", value: "receipts=brief"),
            ], body: template.bytes(batch, size))
        let answer = try? await transport.send(request)
        let body = try? await answer?.bytes(upTo: 64 << 20)
        state.withLock { state in
            guard let answer, body != nil else {
                state.outcome.broken[batch] = size
                return
            }
            state.outcome.take(answer, batch, size)
        }
    }
}

/// What became of the batches.
struct OverloadOutcome {
    var offeredBatches = 0
    var turnedAwayBatches = 0
    fileprivate(set) var refusedBatches = 0
    /// How many events each batch had.
    fileprivate(set) var acknowledged: [Int: Int] = [:]
    fileprivate(set) var broken: [Int: Int] = [:]
    private var refused: [Int: Int] = [:]
    private var oddAnswers: [String] = []

    fileprivate mutating func take(_ answer: ServiceAnswer, _ batch: Int, _ size: Int) {
        switch answer.status {
        case 200, 201: acknowledged[batch] = size
        case 429, 503:
            refusedBatches += 1
            refused[batch] = size
            if answer.headers["retry-after"].flatMap({ Int($0) }) == nil {
                oddAnswers.append("\(answer.status) without Retry-After")
            }
        default: oddAnswers.append("status \(answer.status)")
        }
    }

    /// What does not hold in a ledger with these events.
    func complaints(about recorded: [String: [RecordedEvent]]) -> [String] {
        var complaints = Set(oddAnswers).sorted()
        var counts: [Int: Int] = [:]
        for (id, places) in recorded {
            let parts = id.split(separator: "-")
            guard parts.first == "over", parts.count == 3, let batch = Int(parts[1]) else {
                continue
            }
            counts[batch, default: 0] += 1
            if places.count > 1 { complaints.append("\(id) is recorded twice") }
        }
        for (batch, size) in acknowledged where counts[batch] != size {
            complaints.append(
                "batch \(batch) of \(size) was acknowledged; \(counts[batch] ?? 0) are recorded")
        }
        for (batch, _) in refused where counts[batch] != nil {
            complaints.append("batch \(batch) was refused and is recorded")
        }
        for (batch, size) in broken where (counts[batch] ?? size) != size {
            complaints.append("of batch \(batch) a part is recorded")
        }
        return complaints
    }
}

/// Batches that are made fast: an event's text, each time with another id and now and then with
/// another case.
private struct BatchTemplate: Sendable {
    private let beforeID: [UInt8]
    private let beforeCase: [UInt8]
    private let afterCase: [UInt8]

    private static let eventsOfCase = 20

    init() {
        let (id, number) = ("over-id", 987_654_321)
        let text = ServedLedger.json(id, case: number).canonicalText
        let parts = text.components(separatedBy: id)
        let rest = parts[1].components(separatedBy: "\(number)")
        beforeID = Array(parts[0].utf8)
        (beforeCase, afterCase) = (Array(rest[0].utf8), Array(rest[1].utf8))
    }

    func bytes(_ batch: Int, _ size: Int) -> [UInt8] {
        var bytes = [UInt8(ascii: "[")]
        bytes.reserveCapacity(
            size * (beforeID.count + beforeCase.count + afterCase.count + 48))
        for place in 0..<size {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += beforeID
            bytes += "over-\(batch)-\(place)".utf8
            bytes += beforeCase
            bytes += "\(batch)-\(place / BatchTemplate.eventsOfCase)".utf8
            bytes += afterCase
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}
