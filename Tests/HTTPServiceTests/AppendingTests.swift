import Auditing
import CanonicalJSON
import Checkpoints
import Foundation
import HTTPService
import LedgerHome
import TestKit
import Testing

@Suite struct AppendingTests {
    @Test func `a posted event is recorded, and its receipt proves it`() async throws {
        try await RunningService.with { service in
            let answer = try await service.post(Made.report("a"))
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer.headers["location"] == "/v1/events/2")
            let check = try ReceiptCheck(
                vkey: service.ledger.verifierKey.description, origin: RunningService.origin)
            try check.check(
                try answer.json, against: try ReceiptCheck.lines(of: service.ledger.folder))
            guard
                case .present = try await service.ledger.judge(
                    receipt: KeptReceipt(try answer.json))
            else {
                Issue.record("the ledger does not know its own receipt")
                return
            }
            #expect(try await service.size() == 3)
        }
    }

    @Test func `a repeat gets a receipt for the old record`() async throws {
        try await RunningService.with { service in
            let first = try await service.post(Made.report("a"))
            let again = try await service.post(Made.report("a"))
            #expect(again.status == 200)
            #expect(try again.json["repeat"] == true)
            #expect(try again.json["leafHash"] == first.json["leafHash"])
            #expect(try await service.size() == 3)
        }
    }

    @Test func `brief receipts are asked for and said to be given`() async throws {
        try await RunningService.with { service in
            let answer = try await service.post(
                Made.report("a"), ["Prefer": "respond-async, receipts=brief"])
            #expect(answer.status == 201)
            #expect(answer.headers["preference-applied"] == "receipts=brief")
            #expect(try answer.json["proof"] == nil && answer.json["checkpoint"] == nil)
            #expect(try answer.json["seq"]?.integer == 2)
        }
    }

    @Test func `a batch is recorded whole, and its receipts come in order`() async throws {
        try await RunningService.with { service in
            let events = (0..<5).map { Made.report("b\($0)") }
            let answer = try await service.post(batch: events)
            #expect(answer.status == 201, "\(answer.text)")
            let receipts = try #require(try answer.json.array)
            #expect(receipts.compactMap { $0["seq"]?.integer } == [2, 3, 4, 5, 6])
            #expect(receipts.compactMap { $0["id"]?.string } == ["b0", "b1", "b2", "b3", "b4"])
            let again = try await service.post(batch: events)
            #expect(again.status == 200)
            #expect(try again.json.array?.allSatisfy { $0["repeat"] == true } == true)
        }
    }

    @Test func `nothing of a batch with one unsound event is recorded`() async throws {
        try await RunningService.with { service in
            let bad = EventMaker.json(id: "x", stream: "report/RP-1", type: "report.acceptd")
            let answer = try await service.post(batch: [Made.report("a"), bad])
            #expect(answer.status == 400 && answer.problem == "invalid-event")
            let refusal = try #require(try answer.json["refusals"]?.array?.first)
            #expect(refusal["event"]?.integer == 1 && refusal["pointer"]?.string == "/type")
            #expect(refusal["code"]?.string == "unknown-type")
            #expect(try await service.size() == 2)
        }
    }

    @Test func `an empty batch records nothing`() async throws {
        try await RunningService.with { service in
            let answer = try await service.post(batch: [])
            #expect(answer.status == 200 && answer.text == "[]")
        }
    }

    @Test func `the same id with other content is a conflict`() async throws {
        try await RunningService.with { service in
            _ = try await service.post(Made.report("a"))
            let answer = try await service.post(Made.report("a", case: "RP-2025-10"))
            #expect(answer.status == 409 && answer.problem == "conflict")
            #expect(try answer.json["refusals"]?.array?[0]["code"]?.string == "conflict")
        }
    }

    @Test func `another revision than expected is a conflict`() async throws {
        try await RunningService.with { service in
            let expecting = { (revision: Int64) in
                [JSONMember("expectedrevision", .integer(revision))]
            }
            #expect(try await service.post(Made.report("a", more: expecting(-1))).status == 201)
            let late = try await service.post(Made.report("b", more: expecting(-1)))
            #expect(late.status == 409)
            #expect(try late.json["refusals"]?.array?[0]["code"]?.string == "wrong-revision")
            #expect(try await service.post(Made.report("b", more: expecting(0))).status == 201)
        }
    }

    @Test func `a rule's refusal names rule, basis, what is missing and what to do`()
        async throws
    {
        try await RunningService.with { service in
            let decided = try #require(
                Made.sample.first { $0["type"]?.string == "penalty.decided" })
            let before = try await service.size()
            let checked = try await service.ask(
                "POST", "/v1/events/check", ["Content-Type": "application/cloudevents+json"],
                body: decided.canonicalBytes)
            #expect(checked.status == 422 && checked.problem == "rule", "\(checked.text)")
            #expect(try await service.size() == before, "a check records no attempt")

            let answer = try await service.post(decided, ["Accept-Language": "zh-CN,en;q=0.5"])
            #expect(answer.status == 422 && answer.problem == "rule")
            #expect(answer.headers["content-language"] == "zh")
            let rule = try #require(try answer.json["refusals"]?.array?[0]["rule"])
            #expect(rule["id"]?.string?.isEmpty == false)
            #expect(rule["basis"]?.array?.isEmpty == false)
            #expect(rule["missing"]?.array?.isEmpty == false)
            #expect(rule["next"]?.string?.contains("补报") == true)
            #expect(try await service.size() > before, "the attempt is recorded")
        }
    }

    @Test func `checking tells what appending would do and records nothing`() async throws {
        try await RunningService.with { service in
            let check = { (event: JSONValue) in
                try await service.ask(
                    "POST", "/v1/events/check", ["Content-Type": "application/cloudevents+json"],
                    body: event.canonicalBytes)
            }
            let new = try await check(Made.report("a"))
            #expect(new.status == 200)
            #expect(try new.json["verdict"] == "accepted")
            #expect(try new.json["events"]?.array?[0]["revision"]?.integer == 0)
            #expect(try await service.size() == 2)
            _ = try await service.post(Made.report("a"))
            #expect(try await check(Made.report("a")).json["verdict"] == "repeat")
            #expect(try await check(Made.report("a", case: "RP-1")).status == 409)
        }
    }

    @Test func `the whole sample goes in as it goes in by the command`() async throws {
        try await RunningService.with { service in
            for event in try Made.sample {
                let answer = try await service.post(event, ["Prefer": "receipts=brief"])
                #expect(answer.status == 201, "\(answer.text)")
            }
            let other = service.home.path + "/other"
            _ = try await runProgram(["init", other, "--origin", "other"], home: service.home)
            let appended = try await runProgram(
                ["append", "-", "--ledger", other], home: service.home,
                input: try Made.sample.flatMap { $0.canonicalBytes + [0x0A] })
            #expect(appended.exitCode == 0)
            let events = try [service.ledger.folder, other].map { folder in
                try ReceiptCheck.lines(of: folder).dropFirst(2)
                    .map { try JSONValue(parsing: $0)["event"] }
            }
            #expect(events[0] == events[1])
            #expect(try events[0].count == Made.sample.count)
        }
    }

    @Test func `many connections at once get one record each`() async throws {
        try await RunningService.with { service in
            let seqs = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for client in 0..<8 {
                    group.addTask {
                        let connection = try HTTPConnection(port: service.port)
                        var seqs: [Int64] = []
                        for number in 0..<20 {
                            let event = Made.report("c\(client)-\(number)", case: "C-\(client)")
                            try await connection.send(
                                RunningService.request(
                                    "POST", "/v1/events",
                                    ["Content-Type": "application/cloudevents+json"],
                                    body: event.canonicalBytes))
                            let answer = try #require(try await connection.answer())
                            #expect(answer.status == 201)
                            seqs.append(try answer.json["seq"]?.integer ?? -1)
                        }
                        return seqs
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(Set(seqs) == Set(2..<162))
        }
    }
}
