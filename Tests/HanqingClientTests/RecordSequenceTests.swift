import HanqingClient
import LedgerStore
import TestKit
import Testing

@Suite struct RecordSequenceTests {
    /// Lines of a ledger that links them.
    private static func lines(_ count: Int, _ name: String = "a") throws -> [[UInt8]] {
        let events = try (0..<count).map { try EventMaker.event(Made.json("\(name)\($0)")) }
        let batch = EventMaker.batch(
            events, at: .empty, revisions: (0..<count).map { UInt64($0) })
        return batch.entries.map { Array(batch.bytes[$0.line]) }
    }

    private static func event(_ number: Int, _ line: [UInt8]) -> [UInt8] {
        Array("id: \(number)\nevent: record\ndata: ".utf8) + line + Array("\n\n".utf8)
    }

    private func take(_ count: Int, of sequence: RecordSequence) async throws -> [UInt64] {
        var numbers: [UInt64] = []
        for try await record in sequence {
            numbers.append(record.sequence)
            if numbers.count == count { break }
        }
        return numbers
    }

    @Test func `it goes on where the connection broke off`() async throws {
        let lines = try RecordSequenceTests.lines(4)
        let events = lines.enumerated().map { RecordSequenceTests.event($0, $1) }
        let transport = ScriptedTransport([
            .lost, .pieces([events[0], Array(events[1].dropLast())], breaks: true),
            .pieces([events[1] + events[2]], breaks: false), .answer(503),
            .pieces([events[3]], breaks: true),
        ])
        let clock = WaitedClock()
        let client = makeClient(transport, clock)
        #expect(try await take(4, of: client.follow(from: .record(0))) == [0, 1, 2, 3])
        let asked = transport.requests.map { request in
            request.headers.first { $0.name == "Last-Event-ID" }?.value
        }
        #expect(asked == [nil, nil, "0", "2", "2"])
        #expect(transport.requests[0].target == "/v1/stream?from=0")
        // Each step forward makes the next wait a short one again.
        #expect(clock.waits == [50, 50, 50, 100].map { .milliseconds($0) })
    }

    @Test func `what was looked at is not asked for again`() async throws {
        let line = try RecordSequenceTests.lines(10)[9]
        let transport = ScriptedTransport([
            .pieces([Array("id: 5\n\n".utf8)], breaks: true),
            .pieces([RecordSequenceTests.event(9, line)], breaks: true),
        ])
        let selection = Selection(stream: "report/A-1", type: "report.accepted")
        let records = makeClient(transport).follow(selection, from: .record(3))
        #expect(try await take(1, of: records) == [9])
        let request = transport.requests[1]
        #expect(
            request.target
                == "/v1/stream?from=6&stream=report%2FA-1&type=report.accepted")
        #expect(request.headers.contains { $0 == ("Last-Event-ID", "5") })
    }

    @Test func `from the head nothing is missed before the first record`() async throws {
        let lines = try RecordSequenceTests.lines(3)
        let note = "served.example\n2\n" + String(repeating: "A", count: 43) + "=\n"
        let transport = ScriptedTransport([
            .answer(200, [:], Array("\(note)\n— served.example AAAAAAAA\n".utf8)),
            .lost, .pieces([RecordSequenceTests.event(2, lines[2])], breaks: true),
        ])
        #expect(try await take(1, of: makeClient(transport).follow()) == [2])
        #expect(
            transport.requests.map(\.target) == [
                "/checkpoint", "/v1/stream?from=2", "/v1/stream?from=2",
            ])
    }

    @Test func `a record that came before ends it`() async throws {
        let lines = try RecordSequenceTests.lines(2)
        let events = lines.enumerated().map { RecordSequenceTests.event($0, $1) }
        let transport = ScriptedTransport([
            .pieces([events[0], events[1], events[1]], breaks: false)
        ])
        let error = try await #require(throws: ClientError.self) {
            try await take(3, of: makeClient(transport).follow(from: .record(0)))
        }
        #expect(error.kind == .unverified)
    }

    @Test func `a record that does not follow from the one before it ends it`() async throws {
        let one = try RecordSequenceTests.lines(2)
        let other = try RecordSequenceTests.lines(2, "b")
        let transport = ScriptedTransport([
            .pieces([RecordSequenceTests.event(0, one[0])], breaks: true),
            .pieces([RecordSequenceTests.event(1, other[1])], breaks: true),
        ])
        let error = try await #require(throws: ClientError.self) {
            try await take(2, of: makeClient(transport).follow(from: .record(0)))
        }
        #expect(error.kind == .unverified)
    }

    @Test func `what is no record ends it`() async throws {
        let transport = ScriptedTransport([
            .pieces([RecordSequenceTests.event(0, Array("{}".utf8))], breaks: false)
        ])
        let error = try await #require(throws: ClientError.self) {
            try await take(1, of: makeClient(transport).follow(from: .record(0)))
        }
        #expect(error.kind == .unreadable)
    }

    @Test func `a refusal ends it, and nothing comes after the end`() async throws {
        let transport = ScriptedTransport([
            .problem(403, "forbidden"), .problem(403, "forbidden"),
        ])
        var iterator = makeClient(transport).follow(from: .record(0)).makeAsyncIterator()
        let error = await #expect(throws: ClientError.self) { try await iterator.next() }
        #expect(error?.problem?.code == .forbidden)
        #expect(try await iterator.next() == nil)
        #expect(transport.requests.count == 1)
    }

    @Test func `cancelling ends it`() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await take(1, of: makeClient(ScriptedTransport([.lost])).follow())
        }
        let error = try await #require(throws: ClientError.self) { try await task.value }
        #expect(error.kind == .cancelled)
    }

    @Test func `a list ends at its end and not where it is cut`() async throws {
        let lines = try RecordSequenceTests.lines(3).map { $0 + [0x0A] }
        let transport = ScriptedTransport([
            .pieces([lines[0] + lines[1].prefix(9)], breaks: true),
            .pieces([lines[1], Array(lines[2].prefix(50))], breaks: false),
            .pieces([lines[2]], breaks: false),
        ])
        let records = makeClient(transport).records()
        #expect(try await take(9, of: records) == [0, 1, 2])
        #expect(transport.requests.map(\.target).last == "/v1/events?from=2")
    }

    @Test func `a list's patience begins anew with each step forward`() async throws {
        let lines = try RecordSequenceTests.lines(2).map { $0 + [0x0A] }
        let busy = ScriptedTransport.Step.problem(503, "busy", retryAfter: 6)
        let transport = ScriptedTransport([
            busy, .pieces([lines[0]], breaks: true), busy, .pieces([lines[1]], breaks: false),
            busy, busy,
        ])
        let client = makeClient(transport, patience: .seconds(10))
        #expect(try await take(9, of: client.records()) == [0, 1])
        let error = try await #require(throws: ClientError.self) {
            try await take(9, of: client.records())
        }
        #expect(error.problem?.code == .busy)
    }
}
