import CanonicalJSON
import Foundation
import TestKit
import Testing

extension ServingProgram {
    convenience init(_ home: ScratchFolder, _ ledger: String) async throws {
        try await self.init(ledger, home: home.url)
    }

    convenience init(
        _ home: ScratchFolder, _ arguments: [String], environment: [String: String] = [:]
    ) async throws {
        try await self.init(arguments, home: home.url, environment: environment)
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
