import CanonicalJSON
import Foundation
import HanqingClient
import TestKit
import Testing

@Suite struct RetryTests {
    private func failure(
        _ steps: [ScriptedTransport.Step], patience: Duration = .seconds(300)
    ) async throws -> ClientError {
        let client = makeClient(ScriptedTransport(steps), patience: patience)
        return try await #require(throws: ClientError.self) {
            try await client.append(try Made.event("a"))
        }
    }

    @Test func `what had no answer is sent again, byte for byte`() async throws {
        let transport = ScriptedTransport([.lost, .lost, .receipt("a", status: 200)])
        let event = try Made.event("a")
        let receipt = try await makeClient(transport).append(event)
        #expect(receipt.id == "a" && receipt.sequence == 2)
        #expect(transport.requests.map(\.body) == [event.json, event.json, event.json])
        #expect(transport.requests.allSatisfy { $0.target == "/v1/events" })
    }

    @Test func `waits grow to half a minute and no further`() async throws {
        let steps = Array(repeating: ScriptedTransport.Step.lost, count: 12)
        let clock = WaitedClock()
        let transport = ScriptedTransport(steps + [.receipt("a")])
        _ = try await makeClient(transport, clock, chance: 1).append(try Made.event("a"))
        let expected = (0..<12).map { min(Duration.seconds(30), .milliseconds(100 << $0)) }
        #expect(clock.waits == expected)
    }

    @Test func `a wait is drawn from zero on`() async throws {
        let clock = WaitedClock()
        let transport = ScriptedTransport([.lost, .lost, .lost, .receipt("a")])
        _ = try await makeClient(transport, clock, chance: 0).append(try Made.event("a"))
        #expect(clock.waits == [.zero, .zero, .zero])
    }

    @Test(arguments: [(429, "too-many-requests"), (503, "busy"), (503, "unavailable")])
    func `nobody comes back before Retry-After, nor all together`(
        status: Int, code: String
    ) async throws {
        let clock = WaitedClock()
        let transport = ScriptedTransport([
            .problem(status, code, retryAfter: 7), .receipt("a"),
        ])
        _ = try await makeClient(transport, clock).append(try Made.event("a"))
        #expect(clock.waits == [.milliseconds(7_050)])
    }

    @Test(arguments: [408, 500, 502, 503, 504])
    func `a failure of the service or before it is tried again`(status: Int) async throws {
        let transport = ScriptedTransport([.answer(status), .receipt("a")])
        _ = try await makeClient(transport).append(try Made.event("a"))
        #expect(transport.requests.count == 2)
    }

    @Test(arguments: [
        (400, "invalid-event"), (401, "unauthenticated"), (403, "forbidden"), (409, "conflict"),
        (413, "too-large"), (415, "unsupported-media-type"),
    ])
    func `a refusal is not tried again`(status: Int, code: String) async throws {
        let transport = ScriptedTransport([.problem(status, code)])
        let error = try await #require(throws: ClientError.self) {
            try await makeClient(transport).append(try Made.event("a"))
        }
        #expect(transport.requests.count == 1)
        guard case .refused(let problem) = error.kind else {
            Issue.record("\(error.kind)")
            return
        }
        #expect(problem.status == status && problem.code == Problem.Code(rawValue: code))
        #expect(!error.mayBeRecorded)
    }

    @Test func `every code of the page is known, and no other`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/http.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let section = text.components(separatedBy: "\n## ").first { $0.hasPrefix("3. ") } ?? ""
        let codes = section.matches(of: #/\n\| `([a-z-]+)` \| \d+ \|/#).map { String($0.1) }
        #expect(codes.sorted() == Problem.Code.allCases.map(\.rawValue).sorted())
    }

    @Test func `a rule's refusal tells what is missing and what to do`() async throws {
        let refusal: JSONValue = [
            "event": 3, "code": "rule", "pointer": "/data", "reason": "R",
            "rule": [
                "id": "penalty.review", "basis": ["第五十八条"], "quote": "Q",
                "missing": [["name": "penalty.reviewed", "title": "法制审核"]],
                "next": "补报",
            ],
        ]
        let error = try await failure([.problem(422, "rule", refusals: [refusal])])
        let found = try #require(error.problem?.refusals.first)
        #expect(found.event == 3 && found.code == "rule" && found.pointer == "/data")
        #expect(found.rule?.id == "penalty.review" && found.rule?.basis == ["第五十八条"])
        #expect(found.rule?.missing.first?.title == "法制审核" && found.rule?.next == "补报")
    }

    @Test func `patience ends before a try that would come too late`() async throws {
        let clock = WaitedClock()
        let transport = ScriptedTransport([
            .problem(503, "busy", retryAfter: 4), .problem(503, "busy", retryAfter: 7),
            .receipt("a"),
        ])
        let error = try await #require(throws: ClientError.self) {
            try await makeClient(transport, clock, patience: .seconds(10))
                .append(try Made.event("a"))
        }
        #expect(error.kind == .unavailable(error.problem) && error.problem?.code == .busy)
        #expect(clock.waits.count == 1 && transport.requests.count == 2)
    }

    @Test func `an error says whether the events may be recorded all the same`() async throws {
        #expect(try await failure([.lost, .problem(401, "unauthenticated")]).mayBeRecorded)
        #expect(try await failure([.answer(500), .problem(403, "forbidden")]).mayBeRecorded)
        #expect(try await failure([.lost], patience: .zero).mayBeRecorded)
        #expect(try await !failure([.lost, .problem(409, "conflict")]).mayBeRecorded)
        #expect(try await !failure([.lost, .problem(422, "rule")]).mayBeRecorded)
        #expect(try await failure([.problem(503, "unavailable")], patience: .zero).mayBeRecorded)
        let busy = ScriptedTransport.Step.problem(503, "busy", retryAfter: 1)
        #expect(try await !failure([busy], patience: .zero).mayBeRecorded)
        #expect(
            try await !failure([.problem(429, "too-many-requests")], patience: .zero)
                .mayBeRecorded)
    }

    @Test func `an answer cut short is no answer`() async throws {
        let bytes = Made.receipt("a").canonicalBytes
        let transport = ScriptedTransport([
            .pieces([Array(bytes.prefix(20))], breaks: true),
            .pieces([Array(bytes.prefix(20)), Array(bytes.dropFirst(20))], breaks: false),
        ])
        #expect(try await makeClient(transport).append(try Made.event("a")).id == "a")
    }

    @Test func `a receipt for another event is not taken`() async throws {
        let error = try await failure([.receipt("b")])
        #expect(error.kind == .unreadable && error.mayBeRecorded)
        let batch = ScriptedTransport([
            .answer(201, [:], JSONValue.array([Made.receipt("a")]).canonicalBytes)
        ])
        let events = [try Made.event("a"), try Made.event("b")]
        await #expect(throws: ClientError.self) {
            try await makeClient(batch).append(batch: events)
        }
    }

    @Test func `who is cancelled is told what is open`() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await makeClient(ScriptedTransport([.lost])).append(try Made.event("a"))
        }
        let error = try await #require(throws: ClientError.self) { try await task.value }
        #expect(error.kind == .cancelled && error.mayBeRecorded)
    }

    @Test func `what cannot be sent is said before it is sent`() async throws {
        #expect(throws: ClientError.self) { try Event(json: #"{"id":"a"}"#.utf8) }
        #expect(throws: ClientError.self) { try Event(json: "[".utf8) }
        for address in ["ledger.example", "ftp://ledger.example", "http://a b", "http://a?b=c"] {
            #expect(throws: ClientError.self, "\(address)") { try LedgerClient(address) }
        }
        #expect(throws: ClientError.self) { try ReceiptVerifier(origin: "", keys: []) }
        #expect(throws: ClientError.self) { try ReceiptVerifier(origin: "a", keys: ["a+b+c"]) }
    }

    @Test func `an event of parts is the event of its JSON`() throws {
        struct Report: Encodable {
            struct Operator: Encodable {
                let person: String
                let unit: String
            }
            let acceptedOn = "2025-03-04"
            let reporterTold = true
            let `operator` = Operator(person: "P-1", unit: "虚构单位")
        }
        let event = try Event(
            id: "a", source: "urn:test", type: "report.accepted", stream: "report/RP-2025-9",
            time: "2025-03-04T09:30:00+08:00", data: Report())
        #expect(event == (try Made.event("a")))
    }
}
