import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Bytes that no honest client sends: refused, nothing stored, and the service goes on.
@Suite struct HostileTests {
    private static let head = "POST /v1/events HTTP/1.1\r\nHost: t\r\n"
    private static let typed = head + "Content-Type: application/cloudevents+json\r\n"

    private func expectUnharmed(_ service: RunningService, _ note: String) async throws {
        #expect(try await service.size() == 2, "\(note)")
        #expect(try await service.get("/healthz").status == 200, "\(note)")
    }

    @Test func `no malformed document of JSONTestSuite is recorded`() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/vectors/JSONTestSuite/test_parsing")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("n_") }
        #expect(names.count == 188)
        try await RunningService.with { service in
            for name in names {
                let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
                for type in ["cloudevents+json", "cloudevents-batch+json"] {
                    let answer = try await service.ask(
                        "POST", "/v1/events", ["Content-Type": "application/\(type)"], body: bytes)
                    #expect(answer.status == 400, "\(name) \(answer.text)")
                }
                let binary = try await service.ask(
                    "POST", "/v1/events",
                    [
                        "ce-specversion": "1.0", "ce-id": "a", "ce-source": "urn:test",
                        "ce-type": "report.accepted", "ce-subject": "report/RP-1",
                        "ce-time": "2025-03-04T09:30:00+08:00",
                    ], body: bytes)
                #expect(binary.status == 400, "\(name) \(binary.text)")
            }
            try await expectUnharmed(service, "JSONTestSuite")
        }
    }

    /// Whole messages that are no HTTP/1.1 requests, or could be read in two ways.
    private static let malformed: [String] = [
        "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\nHost: t\r\n\r\n",
        "G\u{7}T / HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : t\r\n\r\n", "GET / HTTP/1.1\r\nHo st: t\r\n\r\n",
        "GET /\u{1} HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: t\r\nX: a\u{0}b\r\n\r\n",
        typed + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        typed + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        typed + "Content-Length: -1\r\n\r\n", typed + "Content-Length: 1e3\r\n\r\n",
        typed + "Content-Length: 99999999999999999999\r\n\r\n",
        typed + "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        typed + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nabc\r\n",
        typed + "Transfer-Encoding: gzip\r\n\r\nabc",
        "GET / HTTP/1.1\r\nHost: t\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: t\r\n"
            + (0..<200).map { "X-\($0): 1\r\n" }.joined() + "\r\n",
        "GET /\(String(repeating: "x", count: 9_000)) HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /\(String(repeating: "x", count: 200_000)) HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /%ff/%zz HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /..%2f..%2fetc HTTP/1.1\r\nHost: t\r\n\r\n",
        "CONNECT example.org:443 HTTP/1.1\r\nHost: t\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]

    @Test func `what is no sound request gets 4xx or a closed connection`() async throws {
        try await RunningService.with { service in
            for text in HostileTests.malformed {
                let connection = try HTTPConnection(port: service.port)
                try await connection.send(text)
                connection.finishSending()
                if let answer = try? await connection.answer() {
                    #expect(400..<500 ~= answer.status, "\(text.prefix(80)): \(answer.status)")
                }
                try await expectUnharmed(service, String(text.prefix(80)))
            }
        }
    }

    @Test func `a body that ends early is not recorded`() async throws {
        try await RunningService.with { service in
            let event = Made.report("a").canonicalBytes
            for (isReset, count) in [(false, event.count), (true, event.count), (false, 10)] {
                let connection = try HTTPConnection(port: service.port)
                try await connection.send(
                    HostileTests.typed + "Content-Length: \(event.count + 1)\r\n\r\n")
                try await connection.send(Array(event[..<count]))
                if isReset { connection.reset() } else { connection.finishSending() }
                if !isReset, let answer = try? await connection.answer() {
                    #expect(400..<500 ~= answer.status)
                }
            }
            let chunked = try HTTPConnection(port: service.port)
            try await chunked.send(
                HostileTests.typed + "Transfer-Encoding: chunked\r\n\r\n")
            try await chunked.send(Array("\(String(event.count, radix: 16))\r\n".utf8) + event)
            chunked.finishSending()
            if let answer = try? await chunked.answer() { #expect(400..<500 ~= answer.status) }
            try await expectUnharmed(service, "early end")
        }
    }

    @Test func `an event may come in single bytes and in chunks`() async throws {
        try await RunningService.with { service in
            let event = Made.report("a").canonicalBytes
            let request = RunningService.request(
                "POST", "/v1/events", ["Content-Type": "application/cloudevents+json"],
                body: event)
            let slow = try HTTPConnection(port: service.port)
            try await slow.send(pieces: request.map { [$0] })
            #expect(try await slow.answer()?.status == 201)
            try await slow.send(HostileTests.typed + "Transfer-Encoding: chunked\r\n\r\n")
            try await slow.send(pieces: event.map { [0x31, 0x0D, 0x0A, $0, 0x0D, 0x0A] })
            try await slow.send("0\r\n\r\n")
            #expect(try await slow.answer()?.status == 200)
        }
    }

    @Test func `pipelined requests are answered in their order`() async throws {
        try await RunningService.with { service in
            let connection = try HTTPConnection(port: service.port)
            try await connection.send(
                RunningService.request("GET", "/v1/events/0")
                    + RunningService.request("GET", "/nowhere")
                    + RunningService.request("GET", "/v1/events/1"))
            let answers = [
                try await connection.answer()?.status, try await connection.answer()?.status,
                try await connection.answer()?.status,
            ]
            #expect(answers == [200, 404, 200])
        }
    }

    @Test func `what is too large is refused, said or not`() async throws {
        try await RunningService.with { service in
            let large = [UInt8](repeating: UInt8(ascii: " "), count: 5 << 20)
            let declared = try await service.ask(
                "POST", "/v1/events", ["Content-Type": "application/cloudevents+json"],
                body: large)
            #expect(declared.problem == "too-large")
            #expect(declared.headers["connection"] == "close")
            let chunked = try HTTPConnection(port: service.port)
            try await chunked.send(HostileTests.typed + "Transfer-Encoding: chunked\r\n\r\n")
            try await chunked.send(
                Array("\(String(large.count, radix: 16))\r\n".utf8) + large
                    + Array("\r\n0\r\n\r\n".utf8))
            #expect(try await chunked.answer()?.problem == "too-large")
            let text = String(repeating: "长", count: 30_000)
            let event = EventMaker.json(
                id: "a", stream: "report/RP-1", type: "report.accepted",
                data: [
                    "operator": ["person": "P-1", "unit": .string(text)],
                    "acceptedOn": "2025-03-04", "reporterTold": true,
                ])
            let answer = try await service.post(event)
            #expect(answer.problem == "too-large", "\(answer.text.prefix(300))")
            try await expectUnharmed(service, "large")
        }
    }

    @Test func `what is too deep is refused`() async throws {
        try await RunningService.with { service in
            for depth in [65, 100_000] {
                let text = String(repeating: "[", count: depth)
                let answer = try await service.ask(
                    "POST", "/v1/events", ["Content-Type": "application/cloudevents-batch+json"],
                    body: Array(text.utf8))
                #expect(answer.problem == "invalid-event")
            }
            try await expectUnharmed(service, "deep")
        }
    }
}
