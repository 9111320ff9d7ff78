import Foundation
import Testing

extension ReportLifeTests {
    /// Of each query that the description tells of, what is asked of it.
    static let queries = [
        "/v1/cases": "?limit=1000", "/v1/cases/{procedure}/{id}": "vault/VA-2",
        "/v1/duties": "?all=true", "/v1/findings": "", "/v1/persons/{id}": "P-1",
        "/v1/trace/{procedure}/{id}": "report/RP-2025-1", "/v1/questions/{number}": "27",
        "/v1/indicators": "?from=2025-01-01&to=2025-12-31", "/v1/disclosures": "",
        "/v1/questions": "",
    ]

    /// A query that is added must be asked too.
    @Test func `every query that is described is asked what it hides`() throws {
        let file = Checkout.folder.appending(path: "Specs/openapi.yaml")
        var (path, isGet, found) = ("", false, Set<String>())
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("  /") { path = line.dropFirst(2).dropLast().description }
            if line.hasPrefix("    "), !line.hasPrefix("     ") { isGet = line == "    get:" }
            if isGet, line == "      tags: [queries]" { found.insert(path) }
        }
        #expect(found == Set(ReportLifeTests.queries.keys))
    }
}
