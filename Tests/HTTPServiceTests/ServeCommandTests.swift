import CanonicalJSON
import Foundation
import TestKit
import Testing

/// `hanqing serve` as a process.
@Suite struct ServeCommandTests {
    private let home: ScratchFolder
    private var ledger: String { home.path + "/ledger" }

    init() async throws {
        home = try ScratchFolder()
        let made = try await runProgram(
            ["init", ledger, "--origin", "serve.example"], home: home)
        #expect(made.exitCode == 0, "\(made.errors)")
    }

    @Test func `while it serves, other writers are told who has the ledger, and readers read`()
        async throws
    {
        let server = try await ServingProgram(ledger, home: home.url)
        #expect(try await server.post(Made.report("a")).answer()?.status == 201)
        let other = try await runProgram(
            [
                "key", "rotate", "--ledger", ledger, "--person", "P-1", "--approver", "P-2",
                "--reason", "更换",
            ], home: home)
        #expect(other.exitCode == 2)
        #expect(other.errors.contains("\(server.pid)"), "\(other.errors)")
        let shown = try await runProgram(["show", "2", "--ledger", ledger], home: home)
        #expect(shown.exitCode == 0, "\(shown.errors)")
        #expect(try await server.end(SIGTERM) == 0)
        #expect(try await runProgram(["verify", ledger], home: home).exitCode == 0)
    }

    @Test func `where it publishes is told by settings, and when by the catalogue`() async throws {
        let server = try await ServingProgram(
            ["--ledger", ledger, "--publish", home.path + "/tiles"], home: home.url)
        let told = try await server.ask("GET", "/readyz").json["publication"]
        #expect(told?["at"] == ["00:00"] && told?["folders"]?.array?.count == 1, "\(told ?? .null)")
        #expect(try await server.end(SIGTERM) == 0, "waiting for midnight keeps nobody")
        let wrong = try await runProgram(
            [
                "serve", "--ledger", ledger, "--publish", home.path + "/tiles",
                "--publish-policy", home.path + "/none", "--check-config",
            ], home: home)
        #expect(wrong.exitCode == 1 && wrong.errors.contains("--publish-policy"), "\(wrong)")
    }

    @Test func `it takes as many connections and files as the system lets it`() async throws {
        let server = try await ServingProgram(
            ["--ledger", ledger], home: home.url, limit: .openFiles(64))
        let limits = try String(contentsOfFile: "/proc/\(server.pid)/limits", encoding: .utf8)
        let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        let numbers = line?.split(separator: " ").compactMap { Int($0) } ?? []
        #expect(numbers.count == 2 && numbers.first == numbers.last, "\(limits)")
        var connections: [HTTPConnection] = []
        for _ in 0..<100 {
            // Asked at once: a connection on which nothing is asked is closed after a while.
            let connection = try HTTPConnection(port: server.port)
            try await connection.send(RunningService.request("GET", "/healthz"))
            #expect(try await connection.answer()?.status == 200)
            connections.append(connection)
        }
        #expect(try await server.end(SIGTERM) == 0)
    }

    @Test func `an append that has begun is answered when the service is told to stop`()
        async throws
    {
        let server = try await ServingProgram(ledger, home: home.url)
        let event = Made.report("a").canonicalBytes
        let connection = try HTTPConnection(port: server.port)
        try await connection.send(
            "POST /v1/events HTTP/1.1\r\nHost: t\r\n"
                + "Content-Type: application/cloudevents+json\r\nContent-Length: "
                + "\(event.count)\r\n\r\n")
        try await connection.send(Array(event[..<20]))
        // The head has arrived when another connection, opened later, is answered.
        let later = try HTTPConnection(port: server.port)
        try await later.send(RunningService.request("GET", "/healthz"))
        #expect(try await later.answer()?.status == 200)
        async let code = server.end(SIGINT)
        // The idle connection is closed: the service is stopping.
        #expect(try await later.answer() == nil)
        try await connection.send(Array(event[20...]))
        #expect(try await connection.answer()?.status == 201)
        #expect(try await code == 0)
        let log = try await runProgram(["log", "--ledger", ledger, "--json"], home: home)
        #expect(log.output.split(separator: "\n").count == 3)
    }

    @Test(arguments: [
        ["--listen", "0.0.0.0:0", "--without-tokens"],
        ["--listen", "10.0.0.1:80", "--without-tokens"], ["--listen", "1:2:3", "--without-tokens"],
        ["--listen", "127.0.0.1", "--without-tokens"],
        ["--listen", "127.0.0.1.example.org:0", "--without-tokens"],
    ])
    func `it does not start open to others without tokens`(arguments: [String]) async throws {
        let result = try await runProgram(
            ["serve", "--ledger", ledger] + arguments, home: home)
        #expect(result.exitCode == 64 && result.output.isEmpty, "\(result.output)")
    }

    @Test(arguments: [("README.md", "## Other services"), ("README.zh.md", "## 业务系统对接")])
    func `the example for other services works as it is written`(
        file: String, heading: String
    ) async throws {
        let example = try #require(
            try Readme(file).examples(of: "sh", under: heading).first { $0.contains("curl") })
        let server = try await ServingProgram(ledger, home: home.url)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-euc", example]
        shell.currentDirectoryURL = home.url
        shell.environment = [
            "PATH": "/usr/bin:/bin", "HANQING_URL": "http://127.0.0.1:\(server.port)",
        ]
        try shell.run()
        try await onThread { shell.waitUntilExit() }
        #expect(shell.terminationStatus == 0)
        let checked = try await runProgram(
            ["receipt", "check", home.path + "/receipt.json", "--ledger", ledger], home: home)
        #expect(checked.exitCode == 0, "\(checked.output)\(checked.errors)")
        #expect(try await server.end(SIGTERM) == 0)
        try await judgeBySecondOpinion(["receipt.json", "2.tlog-proof"], of: 2)
    }

    /// Files of receipts or proofs, and the record, under `home`.
    private func judgeBySecondOpinion(
        _ files: [String], of record: Int
    ) async throws {
        let line = try await runProgram(["show", "\(record)", "--ledger", ledger], home: home)
        let path = home.path + "/record"
        try Data(line.output.utf8).write(to: URL(filePath: path))
        let vkey = try await runProgram(["checkpoint", "--vkey", "--ledger", ledger], home: home)
            .output.trimmingCharacters(in: .newlines)
        let script = Readme.project.appending(path: "Specs/verify.py").path
        for file in files {
            let judged = try Program(tool: "python3").run(
                [
                    script, "receipt", "\(home.path)/\(file)", "--record", path, "--vkey", vkey,
                ], home: home.url)
            #expect(judged.exitCode == 0, "\(file): \(judged.output)\(judged.errors)")
            #expect(judged.output.contains("and is the one given"), "\(judged.output)")
        }
    }

    @Test func `an address that is taken is told`() async throws {
        let server = try await ServingProgram(home, ledger)
        let other = home.path + "/other"
        _ = try await runProgram(["init", other, "--origin", "other.example"], home: home)
        let result = try await runProgram(
            [
                "serve", "--ledger", other, "--listen", "127.0.0.1:\(server.port)",
                "--without-tokens",
            ], home: home)
        #expect(result.exitCode == 2 && result.output.isEmpty, "\(result.output)")
        #expect(result.errors.contains("cannot serve at 127.0.0.1:\(server.port)"))
        #expect(try await server.end(SIGTERM) == 0)
    }

    /// Every third answer is lost, and the server dies in between: each event is recorded once.
    @Test func `events sent again after lost answers and kills are recorded once`() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var seeded = Seeded(seed: seed)
        var server = try await ServingProgram(ledger, home: home.url)
        var sendingCount = 0
        var receipts: [JSONValue] = []
        for number in 0..<150 {
            let event = Made.report("lost-\(number)", case: "L-\(number % 7)")
            while true {
                sendingCount += 1
                let connection = try await server.post(event)
                if number % 50 == 25, Bool.random(using: &seeded) {
                    _ = try await server.end(SIGKILL)
                    server = try await ServingProgram(ledger, home: home.url)
                    continue
                }
                if sendingCount.isMultiple(of: 3) {
                    connection.reset()
                    continue
                }
                let answer = try #require(try await connection.answer())
                #expect(answer.status == 200 || answer.status == 201, "\(answer.text)")
                receipts.append(try answer.json)
                break
            }
        }
        #expect(try await server.end(SIGTERM) == 0)
        let lines = try ReceiptCheck.lines(of: ledger)
        let ids = try lines.map { try JSONValue(parsing: $0)["event"]?["id"]?.string ?? "" }
            .filter { $0.hasPrefix("lost-") }
        #expect(ids.count == 150 && Set(ids).count == 150, "seed \(seed)")
        let vkey = try await runProgram(["checkpoint", "--vkey", "--ledger", ledger], home: home)
            .output.trimmingCharacters(in: .newlines)
        let check = try ReceiptCheck(vkey: vkey, origin: "serve.example")
        for receipt in receipts { try check.check(receipt, against: lines) }
        #expect(try await runProgram(["verify", ledger], home: home).exitCode == 0)
        let file = home.path + "/receipts.ndjson"
        try Data(receipts.flatMap { $0.bytesAsGiven + [0x0A] }).write(to: URL(filePath: file))
        let checked = try await runProgram(
            ["receipt", "check", file, "--ledger", ledger], home: home)
        #expect(checked.exitCode == 0, "\(checked.output.suffix(500))")
    }
}
