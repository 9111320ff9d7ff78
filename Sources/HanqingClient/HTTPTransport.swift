import AsyncHTTPClient
import NIOCore
import NIOHTTP1
package import NIOSSL

/// HTTP/1.1 over TCP or TLS, with connections that are kept.
package struct HTTPTransport: Transport {
    private let base: String
    private let client: HTTPClient
    private let silence: TimeAmount

    private static let connectingMax = TimeAmount.seconds(10)
    /// Shorter than the service's 60 s, so that it seldom closes one that is about to be used.
    private static let keptIdle = TimeAmount.seconds(30)

    /// `silence` is how long the service may say nothing; without `tls` the authorities of the
    /// system vouch for an `https` service.
    package init(
        base: String, silence: Duration, connectionCountMax: Int, tls: TLSConfiguration? = nil
    ) {
        self.base = base
        self.silence = .nanoseconds(Int64(silence / .nanoseconds(1)))
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: HTTPTransport.connectingMax, read: self.silence),
            connectionPool: .init(
                idleTimeout: HTTPTransport.keptIdle,
                concurrentHTTP1ConnectionsPerHostSoftLimit: connectionCountMax))
        configuration.httpVersion = .http1Only
        // Whether to try again is decided in one place.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    package func send(_ request: ServiceRequest) async throws -> ServiceAnswer {
        var outgoing = HTTPClientRequest(url: base + request.target)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for (name, value) in request.headers { outgoing.headers.add(name: name, value: value) }
        if let body = request.body { outgoing.body = .bytes(ByteBuffer(bytes: body)) }
        // Until the answer's head; what comes after it is bounded by the silence between parts.
        let answer = try await client.execute(outgoing, deadline: .now() + silence)
        var headers: [String: String] = [:]
        for (name, value) in answer.headers { headers[name.lowercased()] = value }
        return ServiceAnswer(
            status: Int(answer.status.code), headers: headers,
            body: answer.body.map { Array($0.readableBytesView) })
    }

    package func shutdown() async {
        // What fails here is the closing of a connection that nobody uses any more.
        try? await client.shutdown()
    }
}
