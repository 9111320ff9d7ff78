import CanonicalJSON
import Foundation
import TestKit
import Testing

/// Cases of a procedure that a later catalogue does not have: Specs/access.md section 3.
@Suite struct DroppedProcedureTests {
    private let home: UserHome
    private let stream = "warning/A1"

    init() throws { home = try UserHome() }

    private func event(_ id: String, _ type: String, _ more: [JSONMember]) -> String {
        EventMaker.json(
            id: id, stream: stream, type: "warning." + type, time: "2025-03-04T09:30:00+01:00",
            data: .object(
                [JSONMember("operator", ["person": "P-1", "unit": "虚构单位"])] + more)
        ).canonicalText + "\n"
    }

    /// A case that has ended, and a catalogue without its procedure.
    private func makeLedger() throws {
        let catalogue = try Checkout.copyCatalogue("Tests/Fixtures/fines", to: home.path + "/fines")
        let fine = try String(
            contentsOfFile: catalogue.path + "/procedures/fine.yaml", encoding: .utf8)
        let warning = catalogue.path + "/procedures/warning.yaml"
        let events = try #require(fine.range(of: "\nrules:\n"))
        try fine[..<events.lowerBound].replacing("procedure: fine\n", with: "procedure: warning\n")
            .write(toFile: warning, atomically: true, encoding: .utf8)
        _ = try home.expectSuccess([
            "init", home.ledger, "--origin", "demo.example", "--catalogue", catalogue.path,
        ])
        let officer: JSONValue = [
            ["person": "P-1", "role": "officer", "unit": "虚构单位", "evidence": "asserted"]
        ]
        let created = event(
            "1", "created",
            [
                JSONMember("amount", 3_500), JSONMember("article", 157),
                JSONMember("vehicleClass", "A"), JSONMember("points", 0),
                JSONMember("totalPaid", 0), JSONMember("participants", officer),
            ])
        _ = try home.expectSuccess(
            ["append", "-", "--ledger", home.ledger],
            input: created + event("2", "sent-to-collection", []))
        try FileManager.default.removeItem(atPath: warning)
        _ = try home.expectSuccess([
            "catalogue", "adopt", catalogue.path, "--person", "P-1", "--ledger", home.ledger,
        ])
    }

    @Test func `they are listed to whoever may read them, their titles to few`() async throws {
        try makeLedger()
        let all = try home.token("read:public:*", owner: "P-31")
        let own = try home.token("read:supervisory:warning", owner: "P-32")
        let other = try home.token("read:public:fine", owner: "P-33")
        let server = try await ServingProgram(
            ["--ledger", home.ledger], home: home.folder.url, withTokens: true)
        func titles(_ token: String) throws -> [JSONValue?] {
            let answer = try home.seen(server, token, "/v1/cases?limit=1000")
            #expect(answer.status == "200", "\(answer.body)")
            let items = try JSONValue(parsing: answer.body.utf8)["items"]?.array ?? []
            return items.filter { $0["stream"]?.string == stream }.map { $0["title"] }
        }
        do {
            // Of which class the title was, the catalogue in force does not say.
            #expect(try titles(all) == [["leftOut": "internal"]])
            #expect(try titles(own) == ["157 A"])
            #expect(try titles(other) == [])
            #expect(try home.seen(server, other, "/v1/cases/\(stream)").status == "403")
        } catch {
            _ = try? await server.end(SIGKILL)
            throw error
        }
        #expect(try await server.end(SIGTERM) == 0)
    }
}
