import HanqingClient
import Synchronization
import TestKit

/// A way to the service on which every third answer is lost: half of them when it is there, half by
/// breaking off while the service works.
final class LossyTransport: Transport {
    private let inner: any Transport
    private let state: Mutex<State>

    private struct State {
        var random: Seeded
        var sendingCount = 0
        var lossCount = 0
    }

    private enum Fate {
        case delivered
        case lost
        case brokenOff(after: Duration)
    }

    struct LostAnswer: Error {}

    init(_ inner: any Transport, _ random: Seeded) {
        self.inner = inner
        state = Mutex(State(random: random))
    }

    var lossCount: Int { state.withLock(\.lossCount) }

    func send(_ request: ServiceRequest) async throws -> ServiceAnswer {
        switch nextFate() {
        case .delivered:
            return try await inner.send(request)
        case .lost:
            let answer = try await inner.send(request)
            _ = try await answer.bytes(upTo: .max)
            throw LostAnswer()
        case .brokenOff(let moment):
            let inner = inner
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await inner.send(request) }
                group.addTask { try await Task.sleep(for: moment) }
                defer { group.cancelAll() }
                try await group.next()
            }
            throw LostAnswer()
        }
    }

    func shutdown() async { await inner.shutdown() }

    private func nextFate() -> Fate {
        state.withLock { state in
            state.sendingCount += 1
            guard state.sendingCount.isMultiple(of: 3) else { return .delivered }
            state.lossCount += 1
            guard Bool.random(using: &state.random) else { return .lost }
            // From before the request is out to after the answer is there.
            return .brokenOff(
                after: .microseconds(Int.random(in: 0...20_000, using: &state.random)))
        }
    }
}
