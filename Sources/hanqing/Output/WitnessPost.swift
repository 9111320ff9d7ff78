import HanqingClient
import Publishing

/// Asks witnesses over HTTP.
struct WitnessPost: WitnessLine {
    private static let silence = Duration.seconds(10)

    func post(_ body: [UInt8], to url: String) async throws -> WitnessAnswer {
        let transport = HTTPTransport(
            base: url, silence: WitnessPost.silence, connectionCountMax: 1)
        do {
            let answer = try await transport.send(
                ServiceRequest(.post, "", [("Content-Type", "text/plain")], body: body))
            let bytes = try await answer.bytes(upTo: WitnessAnswer.byteCountMax)
            await transport.shutdown()
            return WitnessAnswer(status: answer.status, body: bytes)
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
