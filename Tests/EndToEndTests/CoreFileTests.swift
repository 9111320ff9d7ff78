import Foundation
import TestKit
import Testing

/// Whoever handles values leaves no core file: Specs/sealing.md section 9.
@Suite struct CoreFileTests {
    @Test func `a service that is killed in its midst leaves no memory behind`() async throws {
        let home = try UserHome()
        _ = try home.expectSuccess(["init", home.ledger, "--origin", "demo.example"])
        let own = try String(contentsOfFile: "/proc/self/limits", encoding: .utf8)
        #expect(
            try limits(own)[1] != "0", "what starts it must allow core files, or this says nothing")
        let server = try await ServingProgram(
            ["--ledger", home.ledger], home: home.folder.url, limit: .coreFile)
        let its = try String(contentsOfFile: "/proc/\(server.pid)/limits", encoding: .utf8)
        #expect(try limits(its) == ["0", "0"])
        #expect(try await server.end(SIGABRT) == SIGABRT)
        let left = try FileManager.default.contentsOfDirectory(atPath: home.path)
        #expect(left.allSatisfy { !$0.hasPrefix("core") })
    }

    /// The soft and the hard limit of proc(5).
    private func limits(_ text: String) throws -> [String] {
        let line = text.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        return try #require(line).split(separator: " ").dropFirst(4).prefix(2).map(String.init)
    }
}
