import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Values that must be sealed, as producers send them over HTTP: Specs/sealing.md section 11.
@Suite struct SealedServiceTests {
    private let home: ScratchFolder
    private let canaries = ["赵某某金丝雀", "13912345678"]
    private var ledger: String { home.path + "/ledger" }

    init() throws { home = try ScratchFolder() }

    private func run(_ arguments: [String]) throws {
        let result = try Program().run(arguments, home: home.url)
        try #require(result.exitCode == 0, "\(arguments): \(result.errors)")
    }

    private func makeLedger() throws {
        try run(["init", ledger, "--origin", "demo.example"])
        let passphrase = home.path + "/passphrase"
        try Data("口令\n".utf8).write(to: URL(filePath: passphrase))
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: passphrase)
        try run(["vault", "init", "--ledger", ledger])
        try run(["vault", "key", home.path + "/one", "--passphrase-file", passphrase])
        try run([
            "vault", "holder", "add", "--ledger", ledger, "--name", "one", "--public-key",
            home.path + "/one.pub", "--group", "sensitive", "--person", "P-1", "--approver", "P-2",
            "--reason", "设立",
        ])
    }

    private func event(_ id: String, _ more: [JSONMember]) -> JSONValue {
        EventMaker.json(
            id: id, stream: "foi/FOI-1", type: "foi.received",
            data: .object(
                [
                    JSONMember("operator", ["person": "P-1", "unit": "虚构单位"]),
                    JSONMember("channel", "网上"), JSONMember("receivedOn", "2025-03-04"),
                    JSONMember("applicantKind", "公民"), JSONMember("content", "虚构"),
                ] + more))
    }

    @Test func `what is sent is sealed, checked without a key, and never answered back`()
        async throws
    {
        try makeLedger()
        let server = try await ServingProgram(home, ledger)
        let name = JSONMember("applicantName", .string(canaries[0]))
        let phone = JSONMember("applicantPhone", .string(canaries[1]))
        let sound = event("1", [name, phone])
        let one = ["Content-Type": "application/cloudevents+json"]
        let many = ["Content-Type": "application/cloudevents-batch+json"]
        let batch = JSONValue.array([event("2", [name]), event("3", [phone])])
        let wrong = event("4", [JSONMember("applicantName", .string(" " + canaries[0]))])
        let asked: [(String, String, [String: String], JSONValue?, Int)] = [
            ("POST", "/v1/events/check", one, sound, 200), ("POST", "/v1/events", one, sound, 201),
            ("POST", "/v1/events", one, sound, 200), ("POST", "/v1/events/check", one, sound, 200),
            ("POST", "/v1/events", one, event("1", [phone]), 409),
            ("POST", "/v1/events", many, batch, 201), ("POST", "/v1/events", one, wrong, 400),
            ("POST", "/v1/events/check", one, wrong, 400),
            ("GET", "/v1/cases/foi/FOI-1", [:], nil, 200), ("GET", "/v1/events/2", [:], nil, 200),
            ("GET", "/metrics", [:], nil, 200),
            // Orders to the vault are taken from the owner's socket alone.
            ("POST", "/v1/vault", ["Content-Type": "application/json"], ["ask": "status"], 404),
        ]
        var answers: [UInt8] = []
        for (method, path, headers, body, status) in asked {
            let answer = try await server.ask(method, path, headers, body: body?.canonicalBytes)
            #expect(answer.status == status, "\(method) \(path)")
            answers += answer.body
        }
        #expect(try await server.end(SIGTERM) == 0)
        try run(["verify", ledger, "--no-memory"])
        let folder = home.url.appending(path: "answers")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(answers).write(to: folder.appending(path: "all"))
        let hunt = try CanaryHunt(canaries, home: home.url)
        #expect(try hunt.hits(in: URL(filePath: ledger)).isEmpty)
        #expect(try hunt.hits(in: folder).isEmpty)
        let status = try Program().run(
            ["vault", "status", "--ledger", ledger, "--json"], home: home.url)
        // Three records were sealed; what was only checked used no key, and the stock is gone.
        #expect(try status.json["assigned"] == 3 && status.json["cleared"] == 0)
    }

    @Test func `a reporter's code tells how it stands, and guessing is slowed`() async throws {
        try makeLedger()
        let made = try Program().run(["code", "new", "--ledger", ledger, "--json"], home: home.url)
        let code = try #require(try made.json["code"]?.string)
        let tag = try #require(try made.json["tag"]?.string)
        let server = try await ServingProgram(home, ["--ledger", ledger, "--verbose"])
        let events = JSONValue.array([
            EventMaker.json(
                id: "r", stream: "report/RP-1", type: "report.received",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"], "registerNo": "J-1",
                    "channel": "12350电话", "receivedAt": "2025-03-04T09:30:00+08:00",
                    "reporterKind": "实名社会公众", "reportKind": "其他", "objectName": "虚构厂",
                    "region": "330105", "industry": "危险化学品", "urgent": false,
                    "deathsInvolved": false, "codeTag": .string(tag),
                ]),
            EventMaker.json(
                id: "a", stream: "report/RP-1", type: "report.accepted",
                time: "2025-03-05T09:30:00+08:00",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-05",
                    "reporterTold": true,
                ]),
        ])
        let many = ["Content-Type": "application/cloudevents-batch+json"]
        let batch = try await server.ask(
            "POST", "/v1/events", many, body: events.canonicalBytes)
        #expect(batch.status == 201)
        @Sendable func ask(_ code: String) async throws -> (status: Int, json: JSONValue) {
            let answer = try await server.ask(
                "POST", "/v1/reporter-status", ["Content-Type": "application/json"],
                body: JSONValue.object([JSONMember("code", .string(code))]).canonicalBytes)
            return (answer.status, try JSONValue(parsing: answer.body))
        }
        let told = try await ask(code.replacing(" ", with: "-"))
        #expect(told.status == 200)
        #expect(told.json["told"]?.array?.count == 2)
        #expect(told.json["due"]?.array?.isEmpty == false)
        // The command, which asks no read models, says the same.
        let said = try Program().run(
            ["code", "status", "--ledger", ledger, "--json"], home: home.url,
            input: Array((code + "\n").utf8))
        #expect(try said.json == told.json)
        #expect(!told.json.canonicalText.contains("虚构厂"))
        // A wrong digit is noticed before anything is looked up, and costs nobody a guess.
        let last = code.last == "0" ? "1" : "0"
        for _ in 0..<30 { #expect(try await ask(code.dropLast() + last).status == 422) }
        let unknown = "12345 67890 12345 67890 12345 67839"
        #expect(try await ask(unknown).status == 404)
        // Many at once: some are told that another asks, and more that it is too often.
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<80 { group.addTask { try await ask(unknown).status } }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(answers.contains(429) && answers.isSubset(of: [404, 429, 503]), "\(answers)")
        #expect(try await server.end(SIGTERM) == 0)
        let log = try String(contentsOfFile: home.path + "/serve.err", encoding: .utf8)
        #expect(log.contains("reporter-status") && !log.contains(code) && !log.contains(unknown))
    }

    /// Neither where he is nor who he says to be.
    @Test func `whoever asks with a code is in no line of the log`() async throws {
        try makeLedger()
        let server = try await ServingProgram(home, ["--ledger", ledger, "--verbose"])
        let code = "12345 67890 12345 67890 12345 67839"
        let asked = try Program(tool: "curl").run(
            [
                "-sS", "--interface", "127.0.0.77", "-H", "X-Forwarded-For: 203.0.113.9",
                "-H", "User-Agent: canary-agent", "--json", #"{"code":"\#(code)"}"#,
                "\(server.url)/v1/reporter-status",
            ], home: home.url)
        #expect(asked.output.contains(#""status":404"#), "\(asked.output)\(asked.errors)")
        #expect(try await server.end(SIGTERM) == 0)
        let log = try String(contentsOfFile: home.path + "/serve.err", encoding: .utf8)
        #expect(log.contains("reporter-status"))
        for trace in [code, "127.0.0.77", "203.0.113.9", "canary-agent"] {
            #expect(!log.contains(trace), "\(trace)")
        }
    }
}
