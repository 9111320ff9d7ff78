import CanonicalJSON
import Foundation
import Glibc
import TestKit
import Testing

/// `hanqing serve` as those who keep it see it: Specs/serving.md sections 3, 4 and 6.
@Suite struct OperationTests {
    private let home: ScratchFolder
    private var ledger: String { home.path + "/ledger" }

    init() async throws {
        home = try ScratchFolder()
        try await make(home.path + "/ledger", "one.example")
    }

    private func make(_ folder: String, _ origin: String) async throws {
        let made = try await runProgram(["init", folder, "--origin", origin], home: home)
        #expect(made.exitCode == 0, "\(made.errors)")
    }

    private func write(_ text: String) throws -> String {
        let path = home.path + "/serve.yaml"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    // MARK: - Settings

    @Test func `settings are checked without serving`() async throws {
        let sound = try write("format: 1\nwithoutTokens: true\nledgers: [{ledger: ledger}]\n")
        let good = try await runProgram(
            ["serve", "--check-config", "--config", sound, "--json"], home: home)
        #expect(good.exitCode == 0, "\(good.output)\(good.errors)")
        #expect(try good.json["sound"] == .bool(true))
        let bad = try write(
            "format: 1\nlisten: 10.0.0.1:80\nwithoutTokens: true\nledgers: [{ledger: none}]\n")
        let said = try await runProgram(
            ["serve", "--check-config", "--config", bad, "--json"], home: home)
        #expect(said.exitCode == 1)
        let places = try said.json["faults"]?.array?.compactMap { $0["place"]?.string }
        #expect(places == ["\(bad):3:16", "\(bad):4:20"])
        let started = try await runProgram(["serve", "--config", bad], home: home)
        #expect(started.exitCode == 64 && started.output.isEmpty)
        #expect(started.errors.contains("\(bad):3:16: "), "\(started.errors)")
        let flag = try await runProgram(
            ["serve", "--check-config", "--config", bad, "--listen", "x", "--ledger", ledger],
            home: home)
        #expect(flag.exitCode == 1 && flag.errors.contains("--listen: "), "\(flag.errors)")
    }

    @Test func `a file alone starts it, and the environment goes before the file`() async throws {
        let other = home.path + "/other"
        try await make(other, "other.example")
        let file = try write("format: 1\nscrub: false\nledgers: [{ledger: ledger}]\n")
        let server = try await ServingProgram(home, ["--config", file])
        let note = try await server.ask("GET", "/checkpoint").text
        #expect(note.hasPrefix("one.example\n"))
        #expect(try await server.end(SIGTERM) == 0)
        let second = try await ServingProgram(
            home, [],
            environment: ["HANQING_SERVE_CONFIG": file, "HANQING_SERVE_LEDGER": other])
        #expect(try await second.ask("GET", "/checkpoint").text.hasPrefix("other.example\n"))
        #expect(try await second.end(SIGTERM) == 0)
    }

    // MARK: - Signals

    @Test func `SIGHUP is told to systemd and ends nothing`() async throws {
        let socket = try NotifySocket(home.path + "/notify")
        let server = try await ServingProgram(
            home, ["--ledger", ledger], environment: ["NOTIFY_SOCKET": socket.name])
        #expect(try await socket.next() == ["READY=1"])
        kill(server.pid, SIGHUP)
        let told = try await socket.next()
        #expect(told.first == "RELOADING=1")
        let now = told.last?.split(separator: "=").last.flatMap { Int64($0) } ?? 0
        #expect(told.last?.hasPrefix("MONOTONIC_USEC=") == true && now > 0)
        #expect(try await socket.next() == ["READY=1"])
        #expect(try await server.ask("GET", "/healthz").status == 200)
        #expect(try await server.end(SIGTERM) == 0)
        #expect(try await socket.next() == ["STOPPING=1"])
    }

    @Test func `a certificate is renewed by SIGHUP`() async throws {
        let maker = try CertificateMaker(home)
        let (first, second) = (
            try maker.make("first", subject: "/CN=first"),
            try maker.make("second", subject: "/CN=second")
        )
        let socket = try NotifySocket(home.path + "/notify")
        let server = try await ServingProgram(
            home,
            [
                "--ledger", ledger, "--tls-certificate", first.certificate, "--tls-key", first.key,
            ], environment: ["NOTIFY_SOCKET": socket.name])
        #expect(try await socket.next() == ["READY=1"])
        let (home, port) = (home, server.port)
        func subject() async throws -> String {
            try await onThread {
                let text = try CertificateMaker.openssl(
                    ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", "ca.pem"], home)
                return text.components(separatedBy: "subject=").last?
                    .components(separatedBy: "\n").first ?? ""
            }
        }
        #expect(try await subject() == "CN = first")
        for (old, new) in [
            (first.certificate, second.certificate), (first.key, second.key),
        ] {
            try FileManager.default.removeItem(atPath: old)
            try FileManager.default.copyItem(atPath: new, toPath: old)
        }
        kill(server.pid, SIGHUP)
        #expect(try await socket.next().first == "RELOADING=1")
        #expect(try await socket.next() == ["READY=1"])
        #expect(try await subject() == "CN = second")
        #expect(try await server.end(SIGTERM) == 0)
    }

    // MARK: - Several ledgers

    @Test func `several ledgers are served apart, each behind its prefix`() async throws {
        let other = home.path + "/other"
        try await make(other, "two.example")
        let file = try write(
            """
            format: 1
            ledgers:
              - {prefix: one, ledger: ledger}
              - {prefix: two, ledger: other}
            """)
        let server = try await ServingProgram(home, ["--config", file])
        let sent = ["Content-Type": "application/cloudevents+json"]
        let event = Made.report("a").canonicalBytes
        let answer = try await server.ask("POST", "/one/v1/events", sent, body: event)
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer.headers["location"] == "/one/v1/events/2")
        #expect(try await server.ask("GET", "/one/v1/events/2").status == 200)
        #expect(try await server.ask("GET", "/two/v1/events/2").problem == "not-found")
        let same = try await server.ask("POST", "/two/v1/events", sent, body: event)
        #expect(same.status == 201, "the same id in another ledger is another event")
        for (name, origin) in [("one", "one.example"), ("two", "two.example")] {
            let note = try await server.ask("GET", "/\(name)/checkpoint").text
            #expect(note.hasPrefix(origin + "\n"))
            let page = try await server.ask("GET", "/\(name)/")
            #expect(page.text.contains("/\(name)/openapi.yaml\""))
            #expect(page.text.contains("<code>/\(name)/v1/stream</code>"))
        }
        let next = try await server.ask("GET", "/one/v1/events?limit=1").json["next"]?.string
        #expect(next == "/one/v1/events?limit=1&from=1")
        #expect(try await server.ask("GET", "/two" + "/v1/cases").json["items"] != nil)
        for path in ["/v1/events", "/three/v1/events", "/onev1/events", "//one/v1/events"] {
            let missed = try await server.ask("POST", path, sent, body: event)
            #expect(
                missed.problem == "not-found" || missed.problem == "malformed-request", "\(path)")
        }
        let list = try await server.ask("GET", "/").json["ledgers"]?.array
        #expect(list?.compactMap { $0["path"]?.string } == ["/one/", "/two/"])
        #expect(try await server.ask("GET", "/healthz").text == "ok\n")
        let ready = try await server.ask("GET", "/readyz")
        #expect(ready.status == 200)
        #expect(try ready.json["ledgers"]?["two"] == .bool(true))
        #expect(try await server.ask("DELETE", "/readyz").headers["allow"] == "GET, HEAD")
        for folder in [ledger, other] {
            let appended = try await runProgram(
                ["append", "-", "--ledger", folder], home: home,
                input: Made.report("b").canonicalBytes)
            #expect(appended.exitCode == 0, "\(appended.errors)")
        }
        #expect(try await server.end(SIGTERM) == 0)
        for folder in [ledger, other] {
            let log = try await runProgram(["log", "--ledger", folder, "--json"], home: home)
            #expect(log.output.split(separator: "\n").count == 4)
            #expect(try await runProgram(["verify", folder], home: home).exitCode == 0)
        }
    }

    @Test func `if one of them cannot be opened, none is served`() async throws {
        let other = home.path + "/other"
        try await make(other, "two.example")
        let holder = try await ServingProgram(home, other)
        let file = try write(
            """
            format: 1
            withoutTokens: true
            listen: 127.0.0.1:0
            ledgers:
              - {prefix: one, ledger: ledger}
              - {prefix: two, ledger: other}
            """)
        let refused = try await runProgram(["serve", "--config", file], home: home)
        #expect(refused.exitCode == 2 && refused.output.isEmpty)
        #expect(refused.errors.contains("\(holder.pid)"))
        #expect(try await holder.end(SIGTERM) == 0)
        let appended = try await runProgram(
            ["append", "-", "--ledger", ledger], home: home,
            input: Made.report("a").canonicalBytes)
        #expect(appended.exitCode == 0, "\(appended.errors)")
    }
}
