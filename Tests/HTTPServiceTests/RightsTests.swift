import CanonicalJSON
import HTTPService
import Phrases
import TestKit
import Testing

@Suite struct RightsTests {
    /// Knows two tokens: one that may do what it is made for, and one that has used up its rate.
    private struct Door: Authenticator {
        let holder: Holder

        func caller(bearing token: String?) async throws(AccessRefused) -> any Caller {
            switch token {
            case "good": return holder
            case "eager": throw .tooManyRequests(retryAfterSeconds: 7)
            default: throw .unauthenticated(Phrase(en: "send a token", zh: "请提供令牌"))
            }
        }
    }

    private struct Holder: Caller {
        var recorder = "svc:holder"
        var appends: Set<String> = []
        var reads: Set<String> = []
        var speaksFor: Set<String>?
        var mayAssert = false
        var mayAudit = false
        var mayApprove = false
        var mayAdminister = false
        var maySpeakForAnyone: Bool { speaksFor == nil }

        func may(append procedure: String) -> Bool { appends.contains(procedure) }
        func may(read procedure: String) -> Bool { reads.contains(procedure) }
        func may(speakFor person: String) -> Bool { speaksFor?.contains(person) ?? true }
    }

    private static let token = ["Authorization": "Bearer good"]

    @Test func `what says nothing of a record is for anyone, the rest is not`() async throws {
        try await RunningService.with(Door(holder: Holder())) { service in
            for path in ["/", "/openapi.yaml", "/healthz", "/readyz", "/checkpoint"] {
                #expect(try await service.get(path).status == 200, "\(path)")
            }
            #expect(try await service.get("/tile/0/000.p/2").status == 200)
            for path in ["/v1/events", "/v1/events/0", "/v1/stream", "/metrics"] {
                let answer = try await service.get(path)
                #expect(answer.problem == "unauthenticated", "\(path)")
                #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
            }
            let wrong = try await service.get("/v1/events", ["Authorization": "Basic good"])
            #expect(wrong.problem == "unauthenticated")
            let eager = try await service.get("/v1/events", ["Authorization": "bearer eager"])
            #expect(eager.problem == "too-many-requests" && eager.headers["retry-after"] == "7")
        }
    }

    @Test func `who may not append to a procedure is refused, and nothing is recorded`()
        async throws
    {
        try await RunningService.with(Door(holder: Holder(appends: ["penalty"]))) { service in
            let answer = try await service.post(Made.report("a"), RightsTests.token)
            #expect(answer.problem == "forbidden")
            let batch = try await service.post(batch: [Made.report("a")], RightsTests.token)
            #expect(batch.problem == "forbidden")
            #expect(try await service.size() == 2)
        }
    }

    @Test func `the recorder is the caller, and speaks for whom he may`() async throws {
        let holder = Holder(appends: ["report"], reads: ["report"], speaksFor: ["P-1"])
        try await RunningService.with(Door(holder: holder)) { service in
            #expect(try await service.post(Made.report("a"), RightsTests.token).status == 201)
            let record = try await service.get("/v1/events/2", RightsTests.token).json
            #expect(record["intake"]?["recorder"]?.string == "svc:holder")
            let other = EventMaker.json(
                id: "b", stream: "report/RP-1", type: "report.accepted",
                data: [
                    "operator": ["person": "P-2", "unit": "虚构单位"],
                    "acceptedOn": "2025-03-04", "reporterTold": true,
                ])
            #expect(try await service.post(other, RightsTests.token).problem == "forbidden")
        }
    }

    @Test func `asserting facts needs its right`() async throws {
        let holder = Holder(appends: ["report"])
        let asserted = EventMaker.json(
            id: "a", stream: "report/RP-1", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true, "assertion": ["person": "P-9", "reason": "补报"],
            ], more: [JSONMember("asserted", true)])
        try await RunningService.with(Door(holder: holder)) { service in
            let answer = try await service.post(asserted, RightsTests.token)
            #expect(answer.status == 403, "\(answer.text)")
            #expect(try answer.json["refusals"]?.array?[0]["code"]?.string == "may-not-assert")
        }
        var trusted = holder
        trusted.mayAssert = true
        try await RunningService.with(Door(holder: trusted)) { service in
            let answer = try await service.post(asserted, RightsTests.token)
            #expect(answer.status == 201, "\(answer.text)")
        }
    }

    @Test func `records of other procedures are left out and refused`() async throws {
        let holder = Holder(appends: ["report"], reads: ["report"])
        try await RunningService.with(Door(holder: holder)) { service in
            _ = try await service.post(Made.report("a"), RightsTests.token)
            let page = try await service.get("/v1/events", RightsTests.token).json
            #expect(page["events"]?.array?.count == 1)
            for path in ["/v1/events/0", "/v1/events/0/proof"] {
                #expect(try await service.get(path, RightsTests.token).problem == "forbidden")
            }
            #expect(try await service.get("/v1/events/2/proof", RightsTests.token).status == 200)
            #expect(try await service.get("/metrics", RightsTests.token).problem == "forbidden")
        }
        try await RunningService.with(Door(holder: Holder(mayAudit: true))) {
            service async throws in
            #expect(try await service.get("/metrics", RightsTests.token).status == 200)
        }
    }
}
