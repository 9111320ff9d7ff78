import Digests
import HanqingClient
import Publishing

/// Asks timestamping authorities over HTTP: RFC 3161 section 3.4.
struct TimestampPost: TimestampLine {
    private static let silence = Duration.seconds(30)

    func post(_ query: [UInt8], to url: String) async throws -> TimestampAnswer {
        let transport = HTTPTransport(
            base: url, silence: TimestampPost.silence, connectionCountMax: 1)
        do {
            let answer = try await transport.send(
                ServiceRequest(
                    .post, "",
                    [
                        ("Content-Type", "application/timestamp-query"),
                        ("Accept", "application/timestamp-reply"),
                    ], body: query))
            let bytes = try await answer.bytes(upTo: TimestampToken.replyByteCountMax)
            await transport.shutdown()
            return TimestampAnswer(
                status: answer.status, mediaType: answer.headers["content-type"] ?? "",
                body: bytes)
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
