import Access
import CanonicalJSON
import Foundation
import TestKit
import Testing

@Suite struct RightsTests {
    @Test func `one request too fast is told when to come again`() async throws {
        try await RunningService.with(tokens: true) { service in
            let eager = try await service.token(
                "read:public", rate: Rate(perSecond: 1, burst: 1)
            ).header
            #expect(try await service.get("/v1/questions", eager).status == 200)
            let answer = try await service.get("/v1/questions", eager)
            #expect(answer.problem == "too-many-requests")
            #expect(answer.headers["retry-after"] == "1")
            // Who is refused so has used up nothing of what another may.
            let other = try await service.token("read:public", owner: .system("other")).header
            #expect(try await service.get("/v1/questions", other).status == 200)
        }
    }

    @Test func `who bears no token is told how, and why not`() async throws {
        try await RunningService.with(tokens: true) { service in
            let none = try await service.get("/v1/events")
            #expect(none.problem == "unauthenticated")
            #expect(none.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
            let wrong = try await service.get("/v1/events", ["Authorization": "Basic good"])
            #expect(wrong.problem == "unauthenticated")
            let torn = try await service.get(
                "/v1/events", ["Authorization": "Bearer hanqing_" + "A".repeated(48)])
            #expect(try torn.json["detail"]?.string?.contains("mistyped") == true)
        }
    }

    @Test func `the recorder is the owner, and he speaks for whom he may`() async throws {
        try await RunningService.with(tokens: true) { service in
            let token = try await service.token("append:report", speaksFor: ["P-2"]).header
            let answer = try await service.post(Made.report("a"), token)
            #expect(answer.status == 201, "\(answer.text)")
            let auditor = try await service.token("audit", owner: .person("P-7")).header
            let number = try #require(answer.headers["location"])
            let record = try await service.get(number, auditor).json
            #expect(record["intake"]?["recorder"]?.string == "svc:P-1")
            for (person, status) in [("P-2", 201), ("P-3", 403)] {
                let other = EventMaker.json(
                    id: person, stream: "report/RP-\(person)", type: "report.accepted",
                    data: [
                        "operator": ["person": .string(person), "unit": "虚构单位"],
                        "acceptedOn": "2025-03-04", "reporterTold": true,
                    ])
                #expect(try await service.post(other, token).status == status)
            }
        }
    }

    @Test func `asserting facts needs its right`() async throws {
        let asserted = EventMaker.json(
            id: "a", stream: "report/RP-1", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true, "assertion": ["person": "P-9", "reason": "补报"],
            ], more: [JSONMember("asserted", true)])
        try await RunningService.with(tokens: true) { service in
            let plain = try await service.token("append:report").header
            let answer = try await service.post(asserted, plain)
            #expect(answer.problem == "forbidden")
            #expect(try answer.json["detail"]?.string?.contains("assert:report") == true)
            let trusted = try await service.token(
                "append:report", "assert:report", owner: .system("trusted"), speaksFor: ["*"]
            ).header
            let second = try await service.post(asserted, trusted)
            #expect(second.status == 201, "\(second.text)")
        }
    }

    @Test func `records and cases of other procedures are left out`() async throws {
        try await RunningService.with(tokens: true) { service in
            let clerk = try await service.token(
                "append", owner: .system("all"), speaksFor: ["*"]
            ).header
            #expect(try await service.post(batch: try Made.sample, clerk).status == 201)
            let auditor = try await service.token("audit:penalty").header
            let page = try await service.get("/v1/events?limit=1000", auditor).json
            let streams = page["events"]?.array?.compactMap { $0["event"]?["subject"]?.string }
            #expect(streams?.isEmpty == false)
            #expect(streams?.allSatisfy { $0.hasPrefix("penalty/") } == true)
            let cases = try await service.get("/v1/cases", auditor).json
            #expect(cases["items"]?.array?.isEmpty == false)
            #expect(
                cases["items"]?.array?.allSatisfy { $0["procedure"]?.string == "penalty" } == true)
        }
    }

    @Test(arguments: ["", "procedure=penalty&", "procedure=penalty&stage=ended&"])
    func `pages of cases follow one another without a gap`(_ wanted: String) async throws {
        try await RunningService.with { service in
            _ = try await service.post(batch: try Made.sample)
            let whole = try await service.get("/v1/cases?\(wanted)limit=1000").json
            let cases = whole["items"]?.array ?? []
            #expect(cases.count > (wanted.contains("stage") ? 0 : 1), "\(whole)")
            #expect(whole["next"] == .null)
            var (found, next): ([JSONValue], String?) = ([], "/v1/cases?\(wanted)limit=1")
            while let page = next {
                let json = try await service.get(page).json
                found += json["items"]?.array ?? []
                next = json["next"]?.string
            }
            #expect(found == cases)
            let lost = try await service.get("/v1/cases?\(wanted)after=penalty/none")
            #expect(lost.problem == "not-found", "\(lost.text)")
        }
    }

    @Test func `a case is shown at the caller's level`() async throws {
        try await RunningService.with(tokens: true) { service in
            let clerk = try await service.token(
                "append", owner: .system("all"), speaksFor: ["*"]
            ).header
            #expect(try await service.post(batch: try Made.sample, clerk).status == 201)
            let path = try Made.path(toCaseOf: "penalty")
            let supervisor = try await service.token("read:supervisory").header
            let full = try await service.get(path, supervisor).json
            #expect(full["timeline"]?.array?.first?["operator"]?.string != nil)
            let internalCaller = try await service.token(
                "read:internal", owner: .system("party")
            ).header
            let part = try await service.get(path, internalCaller).json
            let entry = try #require(part["timeline"]?.array?.first)
            #expect(entry["operator"]?["leftOut"]?.string == "personal")
            #expect(part["people"]?.array?.first?["person"]?["leftOut"]?.string == "personal")
            #expect(part["people"]?.array?.first?["unit"]?.string != nil)
            let open = try await service.token("read:public", owner: .system("site")).header
            let little = try await service.get(path, open).json
            #expect(little["people"]?.array?.first?["unit"]?["leftOut"]?.string == "internal")
            // The title names the party, which is personal.
            #expect(full["title"]?.string?.isEmpty == false)
            #expect(part["title"]?["leftOut"]?.string == "personal")
        }
    }

    /// Two ways in which a reporter may stand in a record: he entered it, or he took part.
    @Test(arguments: ["read:supervisory", "read:internal", "read:public", "audit"])
    func `a case shows its reporter to nobody`(_ right: String) async throws {
        try await RunningService.with(tokens: true) { service in
            let clerk = try await service.token(
                "append", owner: .system("all"), speaksFor: ["*"]
            ).header
            let events = [
                EventMaker.json(
                    id: "a", stream: "report/RP-1", type: "report.retaliation-reported",
                    data: [
                        "operator": ["person": "P-7777", "unit": "虚构班组甲"],
                        "allegedKind": "威胁",
                    ]),
                EventMaker.json(
                    id: "b", stream: "report/RP-1", type: "report.accepted",
                    data: [
                        "operator": ["person": "P-1", "unit": "虚构单位"],
                        "acceptedOn": "2025-03-04", "reporterTold": true,
                        "participants": [
                            [
                                "person": "P-8888", "role": "reporter", "unit": "虚构班组乙",
                                "evidence": "asserted",
                            ]
                        ],
                    ]),
            ]
            for event in events {
                let answer = try await service.post(event, clerk)
                #expect(answer.status == 201, "\(answer.text)")
            }
            let caller = try await service.token(right, owner: .person("P-5")).header
            let answer = try await service.get("/v1/cases/report/RP-1", caller)
            #expect(answer.status == 200)
            for secret in ["P-7777", "P-8888", "虚构班组甲", "虚构班组乙"] {
                #expect(!answer.text.contains(secret), "\(answer.text)")
            }
            #expect(answer.text.contains("sealed"))
        }
    }

    @Test func `a token is granted and taken back while the service runs`() async throws {
        try await RunningService.with(tokens: true) { service in
            let officer = try await service.token(
                "administer:security", owner: .person("P-8")
            ).header
            let wanted: JSONValue = [
                "name": "penalty system", "owner": ["system": "penalty-system"],
                "rights": ["append:report"], "speaksFor": ["*"], "expires": "30d",
            ]
            let made = try await service.ask(
                "POST", "/v1/tokens", officer, body: wanted.canonicalBytes)
            #expect(made.status == 201, "\(made.text)")
            #expect(made.headers["cache-control"] == "no-store")
            #expect(try made.json["grant"]?["by"]?.string == "P-8")
            let token = ["Authorization": "Bearer " + (try made.json["token"]?.string ?? "")]
            #expect(try await service.post(Made.report("a"), token).status == 201)
            let id = try #require(try made.json["id"]?.string)
            let listed = try await service.get("/v1/tokens", officer)
            #expect(listed.text.contains(id))
            #expect(!listed.text.contains("hanqing_"))
            let reason: JSONValue = ["reason": "不再使用"]
            for isRepeat in [false, true] {
                let revoked = try await service.ask(
                    "POST", "/v1/tokens/\(id)/revoke", officer, body: reason.canonicalBytes)
                #expect(try revoked.json["already"]?.bool == isRepeat, "\(revoked.text)")
            }
            let bad: JSONValue = ["reason": "不再使用", "unit": .string("u".repeated(256))]
            let refused = try await service.ask(
                "POST", "/v1/tokens/\(id)/revoke", officer, body: bad.canonicalBytes)
            #expect(refused.problem == "not-granted", "\(refused.text)")
            let after = try await service.post(Made.report("b"), token)
            #expect(after.problem == "unauthenticated")
            #expect(try after.json["detail"]?.string?.contains("revoked") == true)
        }
    }

    @Test func `a grant that the rules forbid is refused, and so is what is no request`()
        async throws
    {
        try await RunningService.with(tokens: true) { service in
            let officer = try await service.token(
                "administer:security", owner: .person("P-8")
            ).header
            let size = try await service.size()
            let bodies: [(JSONValue, String)] = [
                // Nobody grants himself such rights.
                (
                    [
                        "name": "mine", "owner": ["person": "P-8"], "rights": ["audit"],
                        "reason": "test",
                    ], "not-granted"
                ),
                (
                    [
                        "name": "x", "owner": ["person": "P-1"], "rights": ["append"],
                        "unit": .string("u".repeated(256)),
                    ], "not-granted"
                ),
                (
                    ["name": "x", "owner": ["person": "P-1"], "rights": ["fly"]],
                    "malformed-request"
                ),
                (["name": "x", "owner": "P-1", "rights": ["append"]], "malformed-request"),
                (
                    ["name": "x", "owner": ["person": "P-1"], "rights": ["append"], "by": "P-7"],
                    "malformed-request"
                ),
                ([1], "malformed-request"),
            ]
            for (body, problem) in bodies {
                let answer = try await service.ask(
                    "POST", "/v1/tokens", officer, body: body.canonicalBytes)
                #expect(answer.problem == problem, "\(answer.text)")
            }
            #expect(try await service.size() == size)
        }
    }

    @Test func `a stream ends when its token is taken back`() async throws {
        try await RunningService.with(tokens: true) { service in
            let (header, id) = try await service.token("audit")
            let connection = try HTTPConnection(port: service.port)
            try await connection.send(RunningService.request("GET", "/v1/stream", header))
            #expect(try await connection.head()?.status == 200)
            _ = try await connection.chunk()
            try await service.revoke(id)
            // The revocation is a record: it wakes the stream, which then looks at the token.
            while try await connection.chunk() != nil {}
        }
    }
}

extension Made {
    static func path(toCaseOf procedure: String) throws -> String {
        let stream = try sample.compactMap { $0["subject"]?.string }
            .first { $0.hasPrefix(procedure + "/") }
        return "/v1/cases/" + (try #require(stream))
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
