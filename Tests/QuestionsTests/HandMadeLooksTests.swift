import CanonicalJSON
import Digests
import Phrases
import Projections
import Questions
import Testing

/// Looks at what is sealed: histories made by hand.
@Suite struct HandMadeLooksTests: HandMadeSuite {
    @Test func `27: the request is the one that was approved`() async throws {
        func requested(_ day: String, _ purpose: String) -> Event {
            event("vault/A", "vault.access-requested", day, [("purpose", .string(purpose))])
        }
        let answer = try await ask(
            27,
            [
                requested("2025-03-03", "核查"),
                event("vault/A", "vault.access-approved", "2025-03-04"),
                requested("2025-03-05", "奖励发放"),
                event("vault/A", "vault.opened", "2025-03-06"),
            ])
        #expect(answer.column("purpose") == ["核查"])
        #expect(answer.figure("unapproved") == .integer(0))
    }

    @Test func `27: an emergency is told, whatever was approved before`() async throws {
        let answer = try await ask(
            27,
            [
                event("vault/A", "vault.access-requested", "2025-03-03", [("purpose", "核查")]),
                event("vault/A", "vault.access-approved", "2025-03-04"),
                event(
                    "vault/A", "vault.emergency-opened", "2025-03-05",
                    [("reason", "人身危险"), ("relatedCase", "report/B")]),
            ])
        #expect(answer.column("purpose") == ["人身危险"])
        #expect(answer.column("about") == ["report/B"])
        #expect(answer.figure("unapproved") == .integer(1))
        #expect(answer.figure("emergencies") == .integer(1))
    }

    @Test func `45: asked of a case, a look that names none is not listed`() async throws {
        func look(_ id: String, _ about: String?) -> [Event] {
            let fields: [(String, JSONValue)] = [("subject", "P-5"), ("purpose", "核查")]
            let stream = "vault/\(id)"
            return [
                event(
                    stream, "vault.access-requested", "2025-03-03",
                    fields + (about.map { [("relatedCase", .string($0))] } ?? [])),
                event(stream, "vault.opened", "2025-03-04"),
            ]
        }
        let events =
            look("A", "penalty/A") + look("B", nil)
            + [event("penalty/A", "penalty.filed", "2025-03-01")]
        let all = try await ask(45, events) { $0.person = "P-5" }
        #expect(all.column("stream") == ["vault/A", "vault/B"])
        let one = try await ask(45, events) { ($0.person, $0.case) = ("P-5", "penalty/A") }
        #expect(one.column("stream") == ["vault/A"])
    }

    @Test func `45: an emergency is a look at whom the case keeps`() async throws {
        func looked(_ id: String, at stream: String) -> Event {
            event(
                "vault/\(id)", "vault.emergency-opened", "2025-03-05",
                [("reason", "人身危险"), ("relatedCase", .string(stream))])
        }
        let answer = try await ask(
            45,
            [
                event("report/A", "report.identity-sealed", "2025-03-03", [("pseudonym", "P-5")]),
                event("report/B", "report.identity-sealed", "2025-03-03", [("pseudonym", "P-6")]),
                looked("A", at: "report/A"), looked("B", at: "report/B"),
            ]
        ) { $0.person = "P-5" }
        #expect(answer.column("stream") == ["vault/A"])
        #expect(answer.column("purpose") == ["人身危险"])
        #expect(answer.column("isApproved") == ["no"])
    }
}
