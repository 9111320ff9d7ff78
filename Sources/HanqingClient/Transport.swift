/// What carries requests to a service and its answers back.
package protocol Transport: Sendable {
    /// Sends a request; what it throws says nothing of what the service did.
    func send(_ request: ServiceRequest) async throws -> ServiceAnswer

    /// Closes all connections; nothing may be sent afterwards.
    func shutdown() async
}

package struct ServiceRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package let method: Method
    /// Path and query, percent-encoded.
    package let target: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]?

    package init(
        _ method: Method, _ target: String, _ headers: [(name: String, value: String)],
        body: [UInt8]? = nil
    ) {
        (self.method, self.target, self.headers, self.body) = (method, target, headers, body)
    }
}

package struct ServiceAnswer: Sendable {
    package typealias Body = any AsyncSequence<[UInt8], any Error> & Sendable

    package let status: Int
    /// By name in lower case.
    package let headers: [String: String]
    /// Read once, piece by piece.
    package let body: Body

    package init(status: Int, headers: [String: String], body: Body) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// The whole body, if it is not too long.
    package func bytes(upTo limit: Int) async throws -> [UInt8] {
        try await ServiceAnswer.collect(body, upTo: limit)
    }

    private static func collect(
        _ body: some AsyncSequence<[UInt8], any Error>, upTo limit: Int
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in body {
            bytes += piece
            guard bytes.count <= limit else { throw AnswerTooLong() }
        }
        return bytes
    }
}

/// More came than any answer of the service has.
struct AnswerTooLong: Error {}

/// Time as the client needs it; tests have one that does not pass by itself.
package protocol ClientClock: Sendable {
    /// Since any fixed moment; it never goes back.
    func now() -> Duration
    /// Throws if the task is cancelled.
    func wait(for duration: Duration) async throws
}

struct SteadyClock: ClientClock {
    private let start = ContinuousClock.now

    func now() -> Duration { ContinuousClock.now - start }
    func wait(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
