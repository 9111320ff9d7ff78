import Access
import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Section 1 of Specs/http.md: every route for every kind of caller, as the page says.
@Suite struct RightsTableTests {
    /// The tables of the section, without their rules.
    private static func tables() throws -> [[[String]]] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/http.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let section = text.components(separatedBy: "\n## ").first { $0.hasPrefix("1. ") } ?? ""
        return section.components(separatedBy: "\n\n").filter { $0.hasPrefix("|") }.map { table in
            table.split(separator: "\n").filter { !$0.hasPrefix("|-") }.map { line in
                line.split(separator: "|", omittingEmptySubsequences: false)
                    .dropFirst().dropLast()
                    .map { $0.trimmingCharacters(in: .whitespaces) }
            }
        }
    }

    /// A request of the table's first column.
    private struct Asked {
        let method: String
        let target: String
        var body: JSONValue?

        init(_ text: String, number: Int, _ records: [String: Int]) throws {
            var words = text.split(separator: " ", maxSplits: 1).map(String.init)
            method = words[0]
            for (procedure, record) in records {
                let path = try Made.path(toCaseOf: procedure).dropFirst("/v1/cases/".count)
                words[1] = words[1].replacing("{\(procedure)}", with: "\(record)")
                    .replacing("{\(procedure) case}", with: path)
            }
            if let of = words[1].firstRange(of: " of ") {
                let procedure = String(words[1][of.upperBound...])
                words[1].removeSubrange(of.lowerBound...)
                body = Asked.event("\(procedure)-\(number)", procedure)
            } else if method == "POST" || method == "PUT" {
                body = ["reason": "test"]
            }
            words[1] = words[1].replacing("{digest}", with: String(repeating: "a", count: 64))
            target = words[1]
        }

        /// What a case of the procedure begins with.
        private static func event(_ id: String, _ procedure: String) -> JSONValue {
            guard procedure == "penalty" else { return Made.report(id, case: "RP-\(id)") }
            return EventMaker.json(
                id: id, stream: "penalty/PN-\(id)", type: "penalty.clue-registered",
                data: [
                    "operator": ["person": "P-1", "unit": "虚构单位", "post": "执法队员"],
                    "caseType": "未采取措施消除事故隐患案", "discoveredOn": "2025-02-27", "partyKind": "法人",
                    "partyName": "虚构样例化工有限公司", "partyUscc": "91330109MA27A1B2C7",
                    "region": "330109", "source": "举报", "violationOn": "2025-02-27",
                ])
        }
    }

    @Test func `every request of every caller is answered as the page says`() async throws {
        let tables = try Self.tables()
        let (callers, table) = (tables[1].dropFirst(), tables[2])
        #expect(
            Array(table[0].dropFirst()) == ["nobody", "bad"] + callers.map { $0[0] })
        try await RunningService.with(tokens: true) { service in
            let records = try await Self.fill(service)
            var asked = 0
            func check(_ caller: String, _ headers: [String: String]) async throws {
                let column = try #require(table[0].firstIndex(of: caller))
                for row in table.dropFirst() {
                    asked += 1
                    let request = try Asked(row[0], number: asked, records)
                    let status = try await Self.status(request, headers, service)
                    let cell = [401, 403].contains(status) ? "\(status)" : "yes"
                    #expect(cell == row[column], "\(caller): \(row[0]): \(status)")
                    #expect(status < 500, "\(caller): \(row[0])")
                }
            }
            try await check("nobody", [:])
            for row in callers {
                let (header, id) = try await service.token(
                    row[1], rate: Rate(perSecond: 1_000, burst: 1_000))
                try await check(row[0], header)
                try await service.revoke(id)
                // What was good a moment ago is not now.
                if row[0] == "auditor" { try await check("bad", header) }
            }
            let (header, _) = try await service.token("audit:*")
            let token = try #require(header["Authorization"])
            let misspelt = String(token.dropLast()) + (token.hasSuffix("A") ? "B" : "A")
            try await check("bad", ["Authorization": misspelt])
            try await check("bad", ["Authorization": "Bearer " + TokenText.make().secretText])
            #expect(try await service.get("/v1/events", header).status == 200)
            service.doorSecondsAhead.advance(bySeconds: 400 * 86_400)
            try await check("bad", header)
            #expect(asked == (table.count - 1) * (callers.count + 5))
        }
    }

    /// A route that the table does not name would be one that nobody looked at.
    @Test func `the page has every route`() async throws {
        let table = try Self.tables()[2].dropFirst().map { $0[0] }
        try await RunningService.with { service in
            let page = try await service.get("/").text
            let routes = page.matches(of: /<tr><td>(\w+)<\/td><td><code>([^<]*)<\/code>/)
                .map { (method: String($0.1), template: String($0.2)) }
            #expect(routes.count > 20)
            for (method, template) in routes {
                let start = template.prefix { $0 != "{" }
                #expect(
                    table.contains { $0.hasPrefix("\(method) \(start)") },
                    "\(method) \(template)")
            }
        }
    }

    /// The sample's records, one of each of the procedures that the table speaks of.
    private static func fill(_ service: RunningService) async throws -> [String: Int] {
        let (header, id) = try await service.token(
            "append", owner: .system("filler"), speaksFor: ["*"])
        let receipts = try await service.post(batch: try Made.sample, header).json.array ?? []
        try await service.revoke(id)
        var records: [String: Int] = [:]
        for (event, receipt) in zip(try Made.sample, receipts) {
            let procedure = event["subject"]?.string?.prefix { $0 != "/" } ?? ""
            records[String(procedure)] = receipt["seq"]?.integer.map { Int($0) }
        }
        return records.filter { ["penalty", "report"].contains($0.key) }
    }

    private static func status(
        _ request: Asked, _ headers: [String: String], _ service: RunningService
    ) async throws -> Int {
        var headers = headers
        if request.target.hasPrefix("/v1/events"), request.body != nil {
            headers["Content-Type"] = "application/cloudevents+json"
        }
        let connection = try HTTPConnection(port: service.port)
        try await connection.send(
            RunningService.request(
                request.method, request.target, headers, body: request.body?.canonicalBytes))
        return try #require(try await connection.head()).status
    }
}
