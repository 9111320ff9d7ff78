import CanonicalJSON
import Foundation
import HanqingClient
import Synchronization
import TestKit

/// A service that answers what it was told to, one answer after the other.
final class ScriptedTransport: Transport {
    enum Step: Sendable {
        case answer(Int, [String: String] = [:], [UInt8] = [])
        /// The head and these pieces, then the connection breaks, or ends as it should.
        case pieces([[UInt8]], breaks: Bool)
        case lost
    }

    struct Broken: Error {}

    private let steps: Mutex<[Step]>
    private let sent = Mutex<[ServiceRequest]>([])

    init(_ steps: [Step]) {
        self.steps = Mutex(steps.reversed())
    }

    var requests: [ServiceRequest] { sent.withLock { $0 } }

    func send(_ request: ServiceRequest) async throws -> ServiceAnswer {
        sent.withLock { $0.append(request) }
        switch steps.withLock({ $0.popLast() }) {
        case .answer(let status, let headers, let body):
            return ScriptedTransport.answer(status, headers, [body], breaks: false)
        case .pieces(let pieces, let breaks):
            return ScriptedTransport.answer(200, [:], pieces, breaks: breaks)
        case .lost, nil:
            throw Broken()
        }
    }

    func shutdown() async {}

    private static func answer(
        _ status: Int, _ headers: [String: String], _ pieces: [[UInt8]], breaks: Bool
    ) -> ServiceAnswer {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [UInt8].self)
        for piece in pieces { continuation.yield(piece) }
        continuation.finish(throwing: breaks ? Broken() : nil)
        return ServiceAnswer(status: status, headers: headers, body: stream)
    }
}

extension ScriptedTransport.Step {
    static func problem(
        _ status: Int, _ code: String, retryAfter: Int? = nil, refusals: JSONValue = []
    ) -> ScriptedTransport.Step {
        var headers = ["content-type": "application/problem+json"]
        headers["retry-after"] = retryAfter.map { "\($0)" }
        let body: JSONValue = [
            "type": .string("urn:hanqing:problem:\(code)"), "title": "T",
            "status": .integer(Int64(status)), "detail": "D", "refusals": refusals,
        ]
        return .answer(status, headers, body.canonicalBytes)
    }

    /// A brief receipt for an event of ``Made``.
    static func receipt(_ id: String, status: Int = 201) -> ScriptedTransport.Step {
        .answer(status, [:], Made.receipt(id).canonicalBytes)
    }
}

/// A clock that passes only by waiting.
final class WaitedClock: ClientClock {
    private let state = Mutex<[Duration]>([])

    var waits: [Duration] { state.withLock { $0 } }

    func now() -> Duration { state.withLock { $0.reduce(.zero, +) } }

    func wait(for duration: Duration) async throws {
        try Task.checkCancellation()
        state.withLock { $0.append(duration) }
    }
}

/// Events and receipts for these tests; nothing of them is real.
enum Made {
    static func event(_ id: String, case name: String = "RP-2025-9") throws -> Event {
        try Event(json: json(id, case: name).canonicalBytes)
    }

    static func json(_ id: String, case name: String = "RP-2025-9") -> JSONValue {
        EventMaker.json(
            id: id, stream: "report/\(name)", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true,
            ])
    }

    static func receipt(_ id: String) -> JSONValue {
        [
            "seq": 2, "leafHash": .string(String(repeating: "0a", count: 32)),
            "stream": "report/RP-2025-9", "revision": 0, "source": "urn:test",
            "id": .string(id),
        ]
    }
}

func makeClient(
    _ transport: ScriptedTransport, _ clock: WaitedClock = WaitedClock(),
    patience: Duration = .seconds(300), chance: Double = 0.5
) -> LedgerClient {
    var options = LedgerClient.Options()
    options.patience = patience
    return LedgerClient(transport, options, clock: clock) { chance }
}
