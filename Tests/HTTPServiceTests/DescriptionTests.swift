import Foundation
import LedgerData
import TestKit
import Testing

@Suite struct DescriptionTests {
    @Test func `the description has the routes of the service, and no others`() async throws {
        var described: Set<String> = []
        var path = ""
        for line in String(decoding: LedgerData.openAPI, as: UTF8.self).split(separator: "\n") {
            if line.hasPrefix("  /"), line.hasSuffix(":") {
                path = line.dropFirst(2).dropLast().trimmingCharacters(in: .whitespaces)
            }
            if ["    get:", "    post:", "    put:", "    delete:"].contains(line) {
                described.insert("\(line.dropFirst(4).dropLast().uppercased()) \(path)")
            }
        }
        try await RunningService.with { service in
            let page = try await service.get("/").text
            let shown = page.matches(of: #/<td>([A-Z]+)</td><td><code>([^<]+)</code>/#)
                .map { "\($0.1) \($0.2.replacing("+}", with: "}"))" }
            #expect(Set(shown).union(["GET /"]) == described)
        }
    }
}
