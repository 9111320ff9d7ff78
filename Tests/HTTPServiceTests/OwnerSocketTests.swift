import CanonicalJSON
import Foundation
import Glibc
import TestKit
import Testing

/// `hanqing append` while a service has the ledger open: Specs/serving.md section 5.
@Suite struct OwnerSocketTests {
    private let home: ScratchFolder
    private var ledger: String { home.path + "/ledger" }
    private var socket: String { ledger + "/serving" }

    init() async throws {
        home = try ScratchFolder()
        let made = try await runProgram(
            ["init", home.path + "/ledger", "--origin", "socket.example"], home: home)
        #expect(made.exitCode == 0, "\(made.errors)")
    }

    private func append(
        _ arguments: [String], _ events: [JSONValue], batch: Bool = false
    ) async throws -> Program.Result {
        let input =
            batch
            ? JSONValue.array(events).canonicalBytes
            : Array(events.map { $0.canonicalBytes + [0x0A] }.joined())
        return try await runProgram(
            ["append", "-", "--ledger", ledger, "--lang", "en"] + arguments, home: home,
            input: input)
    }

    private func records() async throws -> [JSONValue] {
        try await runProgram(["log", "--ledger", ledger, "--json"], home: home).output
            .split(separator: "\n").map { try JSONValue(parsing: $0.utf8) }
    }

    /// The same commands on two ledgers: one that is served, one that is not.
    @Test(arguments: [false, true])
    func `receipts, refusals and exit codes are the same with a service and without`(
        isServed: Bool
    ) async throws {
        let server = isServed ? try await ServingProgram(home, ledger) : nil
        let good = [Made.report("a"), Made.report("b", case: "RP-2")]
        let full = try await append([], good)
        #expect(full.exitCode == 0, "\(full.errors)")
        let receipts = try full.output.split(separator: "\n").map {
            try JSONValue(parsing: $0.utf8)
        }
        #expect(receipts.map { $0["seq"]?.integer } == [2, 3])
        #expect(receipts.allSatisfy { $0["checkpoint"] != nil && $0["repeat"] == nil })
        let checked = try await runProgram(
            ["receipt", "check", "-", "--ledger", ledger], home: home,
            input: Array(full.output.utf8))
        #expect(checked.exitCode == 0, "\(checked.output)\(checked.errors)")

        let again = try await append(["--receipts", "brief"], good)
        #expect(again.exitCode == 0)
        #expect(!again.output.contains("checkpoint") && again.output.contains(#""repeat":true"#))

        let bad = Made.report("c", case: "")
        let stopped = try await append(["--json"], [bad, Made.report("d")])
        #expect(stopped.exitCode == 1)
        let refused = try JSONValue(parsing: stopped.output.split(separator: "\n")[0].utf8)
        #expect(refused["line"]?.integer == 1)
        #expect(refused["refused"]?.array?[0]["pointer"]?.string == "/subject")
        let kept = try await append(["--keep-going"], [bad, Made.report("d")])
        #expect(kept.exitCode == 1 && kept.errors.hasPrefix("-:1: /subject: "), "\(kept.errors)")
        #expect(kept.output.split(separator: "\n").count == 1)

        let batch = try await append([], [Made.report("e"), bad], batch: true)
        #expect(batch.exitCode == 1 && batch.output.isEmpty)
        #expect(batch.errors.contains("-[1]: /subject: "), "\(batch.errors)")
        #expect(batch.errors.contains("nothing of the batch was recorded"))
        let whole = try await append(
            ["--recorder", "值班 a"], [Made.report("f"), Made.report("g")], batch: true)
        #expect(whole.exitCode == 0 && whole.output.split(separator: "\n").count == 2)

        let all = try await records()
        #expect(all.count == 7)
        #expect(all.last?["intake"]?["recorder"]?.string == "cli:-------a")
        if let server { #expect(try await server.end(SIGTERM) == 0) }
        #expect(try await runProgram(["verify", ledger], home: home).exitCode == 0)
    }

    @Test func `facts are stated past the rules only when asked for`() async throws {
        let server = try await ServingProgram(home, ledger)
        let asserted = EventMaker.json(
            id: "a", stream: "report/RP-1", type: "report.accepted",
            data: [
                "operator": ["person": "P-1", "unit": "虚构单位"], "acceptedOn": "2025-03-04",
                "reporterTold": true, "assertion": ["person": "P-9", "reason": "补报"],
            ], more: [JSONMember("asserted", true)])
        #expect(try await append([], [asserted]).exitCode == 1)
        #expect(try await append(["--may-assert"], [asserted]).exitCode == 0)
        #expect(try await server.end(SIGTERM) == 0)
    }

    @Test func `an attachment is held first, with a service too`() async throws {
        let server = try await ServingProgram(home, ledger)
        let file = home.path + "/scene.txt"
        try Data("scene".utf8).write(to: URL(filePath: file))
        let done = try await append(["--attach", file], [Made.report("a")])
        #expect(done.exitCode == 0 && done.errors.contains("5 bytes"), "\(done.errors)")
        #expect(try await server.end(SIGTERM) == 0)
    }

    @Test func `the socket is the owner's alone, and goes with the service`() async throws {
        let server = try await ServingProgram(home, ledger)
        var status = stat()
        #expect(stat(socket, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let reading = try await runProgram(["verify", ledger], home: home)
        #expect(reading.exitCode == 0, "\(reading.output)")
        #expect(try await server.end(SIGTERM) == 0)
        #expect(!FileManager.default.fileExists(atPath: socket))
        #expect(try await append([], [Made.report("a")]).exitCode == 0)
    }

    @Test func `a socket of a service that died is in nobody's way`() async throws {
        let server = try await ServingProgram(home, ledger)
        #expect(try await server.end(SIGKILL) == SIGKILL)
        #expect(FileManager.default.fileExists(atPath: socket))
        #expect(try await append([], [Made.report("a")]).exitCode == 0)
        let second = try await ServingProgram(home, ledger)
        #expect(try await append([], [Made.report("b")]).exitCode == 0)
        #expect(try await records().count == 4)
        #expect(try await second.end(SIGTERM) == 0)
    }

    @Test func `headers of the socket mean nothing over TCP`() async throws {
        let server = try await ServingProgram(home, ledger)
        let answer = try await server.ask(
            "POST", "/v1/events",
            ["Content-Type": "application/cloudevents+json", "Hanqing-Recorder": "other"],
            body: Made.report("a").canonicalBytes)
        #expect(answer.status == 201)
        #expect(try await records().last?["intake"]?["recorder"]?.string == "svc:local")
        #expect(try await server.end(SIGTERM) == 0)
    }

    /// Root may become another user; who is not root has none to become.
    @Test(.enabled(if: geteuid() == 0))
    func `another user is turned away, whatever the mode of the file`() async throws {
        let server = try await ServingProgram(home, ledger)
        for (path, mode) in [(home.path, 0o755), (ledger, 0o755), (socket, 0o666)] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        func asked(as user: [String]) async throws -> Int32 {
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments =
                user + [
                    "curl", "--silent", "--max-time", "30", "--unix-socket", socket,
                    "http://ledger/healthz",
                ]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            return try await onThread {
                process.waitUntilExit()
                return process.terminationStatus
            }
        }
        #expect(try await asked(as: []) == 0)
        let other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        let code = try await asked(as: other)
        #expect([7, 52, 55, 56].contains(code), "curl's exit code \(code)")
        #expect(try await asked(as: []) == 0)
        #expect(try await server.end(SIGTERM) == 0)
    }
}
