import CanonicalJSON
import TestKit
import Testing

@Suite struct FollowingTests {
    /// A reader of server-sent events, as WHATWG HTML section 9.2.6 interprets them.
    private final class Follower {
        private let connection: HTTPConnection
        private var text = ""
        private(set) var lastID: String?

        init(
            _ service: RunningService, _ target: String, _ headers: [String: String] = [:]
        ) async throws {
            connection = try HTTPConnection(port: service.port)
            try await connection.send(RunningService.request("GET", target, headers))
            let head = try #require(try await connection.head())
            #expect(head.status == 200 && head.headers["content-type"] == "text/event-stream")
        }

        /// The data of the next event that is dispatched; nil at the stream's end.
        func next() async throws -> JSONValue? {
            var data: String?
            while true {
                guard let line = try await line() else { return nil }
                if line.isEmpty {
                    if let data { return try JSONValue(parsing: data.utf8) }
                    continue
                }
                if line.hasPrefix("id: ") { lastID = String(line.dropFirst(4)) }
                if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
            }
        }

        /// Reads on to an id that comes before any record.
        func place() async throws -> String? {
            while lastID == nil, let line = try await line() {
                guard !line.hasPrefix("data: ") else { return nil }
                if line.hasPrefix("id: ") { lastID = String(line.dropFirst(4)) }
            }
            return lastID
        }

        private func line() async throws -> String? {
            while true {
                if let end = text.firstIndex(of: "\n") {
                    defer { text.removeSubrange(...end) }
                    return String(text[..<end])
                }
                guard let chunk = try await connection.chunk() else { return nil }
                text += String(decoding: chunk, as: UTF8.self)
            }
        }
    }

    @Test func `records come as they are recorded`() async throws {
        try await RunningService.with { service in
            let follower = try await Follower(service, "/v1/stream")
            for number in 0..<3 { _ = try await service.post(Made.report("f\(number)")) }
            for number in 0..<3 {
                let record = try #require(try await follower.next())
                #expect(record["event"]?["id"]?.string == "f\(number)")
                #expect(follower.lastID == "\(number + 2)")
            }
        }
    }

    @Test func `who is cut off before the first record goes on from where he began`() async throws {
        try await RunningService.with { service in
            let place = try #require(try await Follower(service, "/v1/stream").place())
            #expect(place == "1")
            _ = try await service.post(Made.report("f0"))
            let again = try await Follower(service, "/v1/stream", ["Last-Event-ID": place])
            #expect(try await again.next()?["event"]?["id"]?.string == "f0")
        }
    }

    @Test func `who comes back misses nothing and sees nothing twice`() async throws {
        try await RunningService.with { service in
            for number in 0..<300 {
                if number % 100 == 0 {
                    let events = (number..<number + 100).map { Made.report("f\($0)") }
                    _ = try await service.post(batch: events)
                }
            }
            var seqs: [Int64] = []
            var last: String?
            while seqs.count < 300 {
                let follower = try await Follower(
                    service, "/v1/stream?from=2", last.map { ["Last-Event-ID": $0] } ?? [:])
                for _ in 0..<min(37, 300 - seqs.count) {
                    let record = try #require(try await follower.next())
                    seqs.append(record["chain"]?["seq"]?.integer ?? -1)
                }
                last = follower.lastID
            }
            #expect(seqs == Array(2..<302))
        }
    }

    @Test func `filters leave out what is not asked for`() async throws {
        try await RunningService.with { service in
            let follower = try await Follower(service, "/v1/stream?stream=report/RP-A&from=0")
            for number in 0..<4 {
                _ = try await service.post(
                    Made.report("f\(number)", case: number % 2 == 0 ? "RP-A" : "RP-B"))
            }
            #expect(try await follower.next()?["event"]?["id"]?.string == "f0")
            #expect(try await follower.next()?["event"]?["id"]?.string == "f2")
        }
    }

    @Test func `a reader who does not read holds up nobody`() async throws {
        try await RunningService.with { service in
            let slow = try HTTPConnection(port: service.port)
            try await slow.send(
                RunningService.request("GET", "/v1/stream?from=0"))
            // More than the sockets' buffers hold.
            for start in stride(from: 0, to: 20_000, by: 2_000) {
                let events = (start..<start + 2_000).map {
                    Made.report("s\($0)", case: "RP-\($0)")
                }
                let answer = try await service.post(batch: events, ["Prefer": "receipts=brief"])
                #expect(answer.status == 201, "\(answer.text.prefix(300))")
            }
            #expect(try await service.size() == 20_002)
        }
    }

    @Test func `streams end when the service stops`() async throws {
        var follower: Follower?
        try await RunningService.with { service in
            let opened = try await Follower(service, "/v1/stream")
            _ = try await service.post(Made.report("a"))
            #expect(try await opened.next() != nil)
            follower = opened
        }
        #expect(try await follower?.next() == nil)
    }

    @Test func `an id that no record has is refused`() async throws {
        try await RunningService.with { service in
            for last in ["x", "-1", "1.5", ""] {
                let answer = try await service.get("/v1/stream", ["Last-Event-ID": last])
                #expect(answer.problem == "malformed-request", "\(last)")
            }
            let both = try await service.get("/v1/stream?from=x", ["Last-Event-ID": "1"])
            #expect(both.problem == "malformed-request")
        }
    }
}
