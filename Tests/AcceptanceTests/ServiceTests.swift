import CanonicalJSON
import Foundation
import Glibc
import TestKit
import Testing

/// The HTTP service, asked by the tools of others: `./dev accept --shared DIR`.
@Suite(.serialized) struct ServiceAcceptanceTests {
    private let program = Program()
    private let home: ScratchFolder
    private let specs = Outside.tests.deletingLastPathComponent().appending(path: "Specs")

    init() throws {
        home = try ScratchFolder()
    }

    @Test func `everything that the description allows is answered as it says`() async throws {
        let ledger = try Outside.year(home, events: 2000)
        _ = try run(
            [
                "append", Outside.tests.path + "/../Ledger/samples/sample.ndjson", "--ledger",
                ledger,
            ])
        let events = try examples()
        let tokens = [
            "SERVICE_TOKEN": try token(
                "service", ledger,
                [
                    "--system", "case-system", "--right", "append:*", "--right", "assert:*",
                    "--right", "audit:*", "--speaks-for", "*",
                ]),
            "SECURITY_TOKEN": try token(
                "security", ledger, ["--owner", "P-0021", "--right", "administer:security"]),
            "SYSTEM_TOKEN": try token(
                "system", ledger, ["--owner", "P-0022", "--right", "administer:system"]),
        ]
        let server = try await ServingProgram(
            ["--ledger", ledger], home: home.url, withTokens: true)
        let counts = try await answers(of: server) {
            try Outside.python(
                "ask_everything.py",
                [server.url, specs.appending(path: "openapi.yaml").path, events],
                interpreter: "HANQING_CLIENTS", environment: tokens)
        }
        print("answers by status: \(counts.canonicalText)")
        var (total, faults) = (Int64(0), Int64(0))
        guard case .object(let members) = counts else { throw CocoaError(.formatting) }
        for member in members {
            let count = member.value.integer ?? 0
            total += count
            if member.name.hasPrefix("5") { faults += count }
        }
        #expect(total >= 20_000)
        #expect(faults == 0)
        for status in ["200", "201", "404", "409", "422"] {
            #expect(counts[status]?.integer ?? 0 > 0, "\(status)")
        }
        #expect(try await server.end(SIGTERM) == 0)
        #expect(try run(["verify", ledger, "--json"]).json["sound"] == .bool(true))
    }

    /// What others' tools find; where one fails, the server does not go on running.
    private func answers(
        of server: ServingProgram, _ ask: () throws -> JSONValue
    ) async throws -> JSONValue {
        do {
            return try ask()
        } catch {
            _ = try? await server.end(SIGKILL)
            throw error
        }
    }

    @Test func `the SDK of CloudEvents sends in every mode, and one event is one`() async throws {
        let ledger = home.path + "/ledger"
        let vkey = try run(["init", ledger, "--origin", "events.example", "--json"])
            .json["vkey"]?.string
        let server = try await ServingProgram(ledger, home: home.url)
        let receipts = home.path + "/receipts.ndjson"
        let counts = try await answers(of: server) {
            try Outside.python(
                "send_cloudevents.py", [server.url, receipts], interpreter: "HANQING_CLIENTS")
        }
        #expect(counts["events"] == .integer(12))
        #expect(try await server.end(SIGTERM) == 0)
        _ = try run(["receipt", "check", receipts, "--ledger", ledger])
        let records = try run(["log", "--ledger", ledger, "--json"])
        let file = home.url.appending(path: "records.ndjson")
        try Data(records.output.utf8).write(to: file)
        let judged = try Program(tool: "python3").run(
            [
                specs.appending(path: "verify.py").path, "receipt", receipts, "--record",
                file.path, "--vkey", try #require(vkey),
            ], home: home.url)
        #expect(judged.exitCode == 0, "\(judged.output)")
        #expect(
            judged.output.split(separator: "\n").count
                == counts["receipts"]?.integer.map { Int($0) })
        #expect(try run(["verify", ledger]).exitCode == 0)
    }

    @Test(
        arguments: [ProducerExample.java, .javaScript],
        [("README.md", "## Other services"), ("README.zh.md", "## 业务系统对接")])
    func `the READMEs' examples append with a token, and their receipts prove`(
        example: ProducerExample, readme: (file: String, heading: String)
    ) async throws {
        let outcome = try await example.run(readme.file, under: readme.heading)
        #expect(outcome.refused != 0)
        #expect(outcome.appended == 0)
        #expect(outcome.checked.exitCode == 0, "\(outcome.checked.output)")
        #expect(outcome.judged.exitCode == 0, "\(outcome.judged.output)")
    }

    /// A file of one event of each procedure, none of which needs another before it.
    private func examples() throws -> String {
        let list = try run(["catalogue", "list", "--json"]).json["procedures"]?.array ?? []
        let types = list.compactMap { $0["events"]?.array?.first?.string }
        #expect(types.count > 50)
        let lines = try types.map { type in
            try run(["catalogue", "show", type, "--example"]).json.canonicalText + "\n"
        }
        let file = home.url.appending(path: "events.ndjson")
        try Data(lines.joined().utf8).write(to: file)
        return file.path
    }

    private func token(
        _ name: String, _ ledger: String, _ arguments: [String]
    ) throws -> String {
        let made = try run(
            [
                "token", "create", "--ledger", ledger, "--name", name, "--by", "P-0020",
                "--reason", "acceptance", "--rate", "100000", "--burst", "100000", "--json",
            ] + arguments)
        return try #require(try made.json["token"]?.string)
    }

    private func run(_ arguments: [String]) throws -> Program.Result {
        let result = try program.run(arguments, home: home.url)
        #expect(result.exitCode == 0, "\(arguments): \(result.output)\(result.errors)")
        return result
    }
}
