import HTTPTypes
import LedgerHome
import Phrases

/// `GET /v1/stream`: records as they are recorded, as server-sent events (WHATWG HTML section 9.2).
struct EventStream: Sendable {
    let records: RecordRoutes
    let head: Watermark
    let measures: ServiceMeasures

    /// Nothing is silent for longer, so that proxies keep the connection and the dead are noticed.
    private static let heartbeat = Duration.seconds(15)

    func follow(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly(["stream", "alias", "type", "from"])
        let filter = try await records.filter(request)
        let start = try await start(request)
        let (ledger, head) = (records.ledger, head)
        let headers: HTTPFields = [
            .contentType: MediaType.events.rawValue, .cacheControl: "no-store",
        ]
        return APIResponse(
            headers: headers,
            body: .stream { write in
                // With its place at once: a connection that breaks before the first record goes on
                // from there, and not from a later head.
                try await write(Array("retry: 1000\n\n".utf8) + EventStream.mark(start))
                var position = start
                while !head.isStopped, !Task.isCancelled, request.isStillGood() {
                    let size = await head.wait(beyond: position, atMost: EventStream.heartbeat)
                    if size <= position {
                        try await write(EventStream.mark(position))
                        continue
                    }
                    var reader = try await RecordReader(
                        ledger, filter, from: position, before: size)
                    while let lines = try await reader.next() {
                        position = reader.position
                        if !lines.isEmpty { try await write(EventStream.text(lines)) }
                    }
                }
            })
    }

    private func start(_ request: APIRequest) async throws(Problem) -> UInt64 {
        let from = try request.query.number("from", in: 0...1 << 53)
        if let last = request.headers.values(named: "last-event-id").first {
            guard let number = naturalNumber(last) else {
                throw Problem(
                    .malformedRequest, en: "Last-Event-ID is a record's number",
                    zh: "Last-Event-ID 应为记录序号")
            }
            return number + 1
        }
        if let from { return from }
        return head.size
    }

    private static func text(_ lines: [[UInt8]]) -> [UInt8] {
        var text: [UInt8] = []
        for line in lines {
            let number = RecordReader.sequence(of: line)
            text += Array("id: \(number)\nevent: record\ndata: ".utf8)
            // A record holds no line break, so it is one field.
            text += line
            text += Array("\n\n".utf8)
        }
        return text
    }

    /// An event without data is not dispatched, but its id is kept.
    private static func mark(_ position: UInt64) -> [UInt8] {
        Array((position > 0 ? "id: \(position - 1)\n\n" : ": nothing yet\n\n").utf8)
    }
}
