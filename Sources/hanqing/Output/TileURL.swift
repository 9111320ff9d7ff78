import Auditing
import HanqingClient
import Phrases

/// A log behind `http://` or `https://`.
struct TileURL: TileReader {
    private let base: String
    private let transport: HTTPTransport

    private static let silence = Duration.seconds(30)
    private static let connectionCountMax = 16

    /// Nil unless `text` is such an address.
    init?(_ text: String) {
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else { return nil }
        base = String(text.reversed().drop { $0 == "/" }.reversed())
        transport = HTTPTransport(
            base: base, silence: TileURL.silence, connectionCountMax: TileURL.connectionCountMax)
    }

    func file(_ path: String, limit: Int) async throws(SourceError) -> [UInt8]? {
        let answer: ServiceAnswer
        let bytes: [UInt8]
        do {
            answer = try await transport.send(
                ServiceRequest(.get, "/\(path)", [("Accept-Encoding", "identity")]))
            // The rest is more than the file may have, so its beginning will be refused too.
            bytes = try await answer.bytes(upTo: limit)
        } catch {
            throw failed(path, "\(error)", "\(error)")
        }
        switch answer.status {
        case 200:
            guard answer.headers["content-encoding"] ?? "identity" == "identity" else {
                throw failed(
                    path, "the server sends it compressed, unasked", "服务器未经请求即发送压缩内容")
            }
            return bytes
        case 404, 410: return nil
        default:
            throw failed(path, "status \(answer.status)", "状态码 \(answer.status)")
        }
    }

    func shutdown() async { await transport.shutdown() }

    private func failed(_ path: String, _ en: String, _ zh: String) -> SourceError {
        SourceError(
            path,
            Phrase(
                en: "cannot get \(base)/\(path): \(en); nothing can be said without it",
                zh: "无法获取 \(base)/\(path)：\(zh)；缺少该文件便无法作出结论"))
    }
}
