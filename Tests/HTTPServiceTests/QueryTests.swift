import CanonicalJSON
import LedgerHome
import TestKit
import Testing

/// Queries give what the commands print with `--json`.
@Suite struct QueryTests {
    private func withSample(_ body: (RunningService) async throws -> Void) async throws {
        try await RunningService.with { service in
            #expect(try await service.post(batch: try Made.sample).status == 201)
            try await body(service)
        }
    }

    /// What a command prints about the service's ledger, a value a line.
    private func printed(
        _ service: RunningService, _ arguments: [String]
    ) async throws -> [JSONValue] {
        let result = try await runProgram(
            arguments + ["--json", "--ledger", service.ledger.folder], home: service.home)
        #expect(result.exitCode == 0, "\(arguments): \(result.errors)")
        return try result.output.split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    /// Moments that pass between two asks are not compared.
    private func timeless(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(
                members.filter { $0.name != "asOf" }
                    .map { JSONMember($0.name, timeless($0.value)) })
        case .array(let elements): .array(elements.map(timeless))
        default: value
        }
    }

    private static let lists: [(target: String, arguments: [String])] = [
        ("/v1/cases", ["cases"]),
        ("/v1/cases?procedure=penalty", ["cases", "--procedure", "penalty"]),
        ("/v1/cases?occurred=2025-03-10", ["cases", "--occurred", "2025-03-10"]),
        ("/v1/cases?stage=ended&limit=1", ["cases", "--stage", "ended", "--limit", "1"]),
        ("/v1/duties", ["duties"]), ("/v1/duties?all=true", ["duties", "--all"]),
        ("/v1/duties?overdue=true", ["duties", "--overdue"]),
        ("/v1/findings", ["findings"]),
        (
            "/v1/findings?severity=flag&state=open",
            ["findings", "--severity", "flag", "--state", "open"]
        ),
        (
            "/v1/findings?stream=penalty/PN-2025-000012",
            ["findings", "--stream", "penalty/PN-2025-000012"]
        ),
        (
            "/v1/indicators?from=2025-01-01&to=2025-12-31",
            ["indicators", "--from", "2025-01-01", "--to", "2025-12-31"]
        ),
    ]

    @Test func `lists are what the commands print`() async throws {
        try await withSample { service in
            for (target, arguments) in QueryTests.lists {
                let answer = try await service.get(target)
                #expect(answer.status == 200, "\(target): \(answer.text)")
                let items = try answer.json["items"]?.array
                let lines = try await printed(service, arguments)
                #expect(items == Array(lines.dropLast()), "\(target)")
                let heads = try #require(try answer.json["heads"]?.array, "\(target)")
                #expect(heads.map { $0["size"]?.integer } == [45], "\(target)")
                #expect(heads[0]["root"] == lines.last?["heads"]?.array?[0]["root"], "\(target)")
            }
        }
    }

    private static let answers: [(target: String, arguments: [String])] = [
        ("/v1/cases/penalty/PN-2025-000012", ["case", "penalty/PN-2025-000012"]),
        ("/v1/persons/P-1002", ["person", "P-1002"]),
        ("/v1/trace/penalty/PN-2025-000012", ["trace", "penalty/PN-2025-000012"]),
        (
            "/v1/trace/penalty/PN-2025-000012?depth=0",
            ["trace", "penalty/PN-2025-000012", "--depth", "0"]
        ),
        ("/v1/questions/1?year=2025", ["ask", "1", "--year", "2025"]),
    ]

    @Test func `answers are what the commands print`() async throws {
        try await withSample { service in
            for (target, arguments) in QueryTests.answers {
                let answer = try await service.get(target)
                #expect(answer.status == 200, "\(target): \(answer.text)")
                let own = try await printed(service, arguments)
                #expect(try [answer.json].map(timeless) == own.map(timeless), "\(target)")
            }
            let list = try await service.get("/v1/questions").json["items"]?.array
            #expect(try await list == printed(service, ["ask"]))
        }
    }

    @Test func `as of a moment before the sample there is nothing`() async throws {
        try await withSample { service async throws in
            #expect(
                try await service.get("/v1/cases?asOf=2020-01-01").json["items"]?.array == [])
            let stream = "/v1/cases/penalty/PN-2025-000012"
            #expect(try await service.get("\(stream)?asOf=2020-01-01").problem == "not-found")
            let zoned = "asOf=2020-01-01T00:00:00+08:00"
            #expect(try await service.get("/v1/duties?\(zoned)").json["items"]?.array == [])
            for path in [
                "/v1/trace/penalty/none", "/v1/cases/penalty/none", "/v1/questions/999",
                "/v1/persons/P-none",
            ] {
                #expect(try await service.get(path).problem == "not-found", "\(path)")
            }
        }
    }

    @Test func `a parameter that cannot be read is refused`() async throws {
        let targets = [
            "/v1/cases?asOf=yesterday", "/v1/cases?occurred=2025-02-30", "/v1/cases?limit=0",
            "/v1/duties?overdue=maybe", "/v1/findings?severity=x", "/v1/findings?state=x",
            "/v1/indicators?from=2025-02-30", "/v1/trace/penalty/a?depth=51",
            "/v1/questions/1?cases=x", "/v1/persons/P-1?year=2025",
        ]
        try await RunningService.with { service in
            for target in targets {
                let answer = try await service.get(target)
                #expect(answer.problem == "malformed-request", "\(target): \(answer.text)")
            }
            for target in [
                "/v1/indicators?from=2025-02-01&to=2025-01-01", "/v1/questions/1?case=x&year=2025",
                "/v1/questions/40",
            ] {
                let answer = try await service.get(target)
                #expect(answer.status == 422, "\(target): \(answer.text)")
                #expect(answer.problem == "unsuitable", "\(target)")
            }
        }
    }

    @Test func `what was just recorded is in the next answer`() async throws {
        try await RunningService.with { service in
            for number in 0..<5 {
                _ = try await service.post(Made.report("q\(number)", case: "RP-Q\(number)"))
                let cases = try await service.get("/v1/cases?procedure=report").json
                #expect(cases["items"]?.array?.count == number + 1)
            }
        }
    }
}
