import CanonicalJSON
import Foundation
import TestKit
import Testing

/// A started `hanqing serve` and its port.
final class Server: Sendable {
    let process: Process
    let port: Int

    convenience init(_ home: ScratchFolder, _ ledger: String) async throws {
        try await self.init(home, ["--ledger", ledger])
    }

    init(
        _ home: ScratchFolder, _ arguments: [String], environment: [String: String] = [:]
    ) async throws {
        process = Program().process(
            ["serve", "--listen", "127.0.0.1:0", "--without-tokens", "--json"] + arguments,
            home: home.url)
        process.environment?.merge(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let reading = output.fileHandleForReading
        let line = try await onThread {
            var text: [UInt8] = []
            while text.last != 0x0A, let byte = try reading.read(upToCount: 1)?.first {
                text.append(byte)
            }
            return text
        }
        let url = try #require(try JSONValue(parsing: line)["url"]?.string)
        port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
    }

    /// Sends a signal and waits for the end; gives the exit code or signal.
    func end(_ signal: Int32) async throws -> Int32 {
        kill(process.processIdentifier, signal)
        let process = process
        return try await onThread {
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    func post(_ event: JSONValue) async throws -> HTTPConnection {
        let connection = try HTTPConnection(port: port)
        try await connection.send(
            RunningService.request(
                "POST", "/v1/events", ["Content-Type": "application/cloudevents+json"],
                body: event.canonicalBytes))
        return connection
    }

    /// One request on a connection of its own.
    func ask(
        _ method: String, _ target: String, _ headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        let connection = try HTTPConnection(port: port)
        try await connection.send(RunningService.request(method, target, headers, body: body))
        return try #require(
            try await connection.answer(toHead: method == "HEAD"), "\(method) \(target)")
    }
}
