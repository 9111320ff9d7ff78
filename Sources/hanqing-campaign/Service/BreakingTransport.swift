import HanqingClient
import Synchronization
import TestKit

/// A way to the service on which connections break at random: before an answer, or anywhere in its
/// body.
final class BreakingTransport: Transport {
    private let inner: any Transport
    private let state: Mutex<State>
    /// A body breaks after at most so many bytes.
    private let byteCountMax: Int

    private struct State {
        var random: Seeded
        var breakCount = 0
    }

    struct Broken: Error {}

    init(_ inner: any Transport, byteCountMax: Int, _ random: Seeded) {
        (self.inner, self.byteCountMax) = (inner, byteCountMax)
        state = Mutex(State(random: random))
    }

    var breakCount: Int { state.withLock(\.breakCount) }

    func send(_ request: ServiceRequest) async throws -> ServiceAnswer {
        let allowed = state.withLock { state in
            Int.random(in: -(byteCountMax / 16)...byteCountMax, using: &state.random)
        }
        let answer = try await inner.send(request)
        guard answer.status == 200 else { return answer }
        guard allowed > 0 else { throw broken() }
        return ServiceAnswer(
            status: answer.status, headers: answer.headers,
            body: BreakingBody(body: answer.body, byteCount: allowed, broken: broken))
    }

    func shutdown() async { await inner.shutdown() }

    private func broken() -> Broken {
        state.withLock { $0.breakCount += 1 }
        return Broken()
    }
}

/// A body of which only the first bytes come; whoever drops it closes its connection.
private struct BreakingBody: AsyncSequence, Sendable {
    let body: ServiceAnswer.Body
    let byteCount: Int
    let broken: @Sendable () -> BreakingTransport.Broken

    func makeAsyncIterator() -> Iterator {
        Iterator(inner: body.makeAsyncIterator(), left: byteCount, broken: broken)
    }

    struct Iterator: AsyncIteratorProtocol {
        var inner: any AsyncIteratorProtocol<[UInt8], any Error>
        var left: Int
        let broken: @Sendable () -> BreakingTransport.Broken

        mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws -> [UInt8]? {
            guard left > 0 else { throw broken() }
            guard let piece = try await inner.next(isolation: actor) else { return nil }
            defer { left -= piece.count }
            return piece.count <= left ? piece : Array(piece[..<left])
        }
    }
}
