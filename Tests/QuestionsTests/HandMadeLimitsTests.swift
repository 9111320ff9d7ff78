import CanonicalJSON
import Phrases
import Projections
import Questions
import Testing

/// Both sides of a limit, which a year seldom meets exactly.
@Suite struct HandMadeLimitsTests: HandMadeSuite {
    @Test func `3: the last text reviewed counts`() async throws {
        func reviewed(_ day: String, _ file: String) -> Event {
            event(
                "contract/A", "contract.legality-reviewed", day,
                [("result", "合法"), ("reviewedFile", .string(file))])
        }
        func signed(_ file: String) -> Event {
            event(
                "contract/A", "contract.signed", "2025-04-01", [("signedFile", .string(file))])
        }
        let reviews = [reviewed("2025-03-03", "aa"), reviewed("2025-03-10", "bb")]
        #expect(try await ask(3, reviews + [signed("bb")]).rows.isEmpty)
        #expect(
            try await ask(3, reviews + [signed("aa")]).table("reviewedFile", "signedFile")
                == ["bb|aa"])
    }

    @Test func `4: six workdays are too few, and seven are enough`() async throws {
        func review(_ id: String, _ day: String) -> [Event] {
            [
                event(
                    "decision/\(id)", "decision.legality-requested", "2025-03-03",
                    [("version", "1"), ("receivedOn", "2025-03-03")]),
                event(
                    "decision/\(id)", "decision.legality-reviewed", day,
                    [("version", "1"), ("result", "合法")]),
            ]
        }
        let answer = try await ask(4, review("A", "2025-03-11") + review("B", "2025-03-12"))
        #expect(answer.table("stream", "workdays") == ["decision/A|6"])
        #expect(answer.figure("reviews") == .integer(2))
    }

    @Test func `5: twenty-nine days announced, and thirty closed too early`() async throws {
        func comment(_ id: String, _ closes: String, _ closed: String) -> [Event] {
            [
                event(
                    "decision/\(id)", "decision.comment-opened", "2025-03-01",
                    [("opensOn", "2025-03-01"), ("closesOn", .string(closes))]),
                event("decision/\(id)", "decision.comment-closed", closed),
            ]
        }
        let answer = try await ask(
            5,
            comment("A", "2025-03-30", "2025-04-02") + comment("B", "2025-03-31", "2025-03-31")
                + comment("C", "2025-03-31", "2025-03-20"))
        #expect(
            answer.table("stream", "days", "closedAfter")
                == ["decision/A|29|32", "decision/C|30|19"])
    }

    @Test func `12: fifteen per cent, no less than the least`() async throws {
        func reward(_ id: String, _ fine: Int64, _ amount: Int64) -> [Event] {
            [
                event(
                    "reward/\(id)", "reward.amount-computed", "2025-05-06",
                    [
                        ("rule", "处罚金额15%"), ("fine", .integer(fine)),
                        ("amount", .integer(amount)),
                    ]),
                event(
                    "reward/\(id)", "reward.approved", "2025-05-07",
                    [("amount", .integer(amount))]),
                event("reward/\(id)", "reward.claimed", "2025-05-08"),
            ]
        }
        let answer = try await ask(
            12,
            reward("A", 10_000_000, 1_500_000) + reward("B", 10_000_000, 1_500_001)
                + reward("C", 1_000_000, 300_000) + reward("D", 900_000_000, 30_000_000))
        #expect(
            answer.table("stream", "agrees")
                == ["reward/A|yes", "reward/B|no", "reward/C|yes", "reward/D|yes"])
        #expect(answer.figure("paid") == .fen(33_300_001))
    }

    @Test func `22: published late, in time and never`() async throws {
        func decided(_ id: String, published: String?) -> [Event] {
            let stream = "penalty/\(id)"
            let decision = event(
                stream, "penalty.decided", "2025-03-03",
                [("docNo", .string("文\(id)")), ("decidedOn", "2025-03-03")])
            let publication = published.map {
                event(stream, "penalty.published", $0, [("publishedOn", .string($0))])
            }
            return [decision] + [publication].compactMap(\.self)
        }
        let answer = try await ask(
            22,
            decided("A", published: "2025-03-13") + decided("B", published: "2025-03-12")
                + decided("C", published: nil))
        #expect(answer.table("stream", "state") == ["penalty/A|late", "penalty/C|overdue"])
        #expect(answer.figure("decided") == .integer(3))
    }

    @Test func `24: the bureau's limits are its own, and those of the police are not`() async throws
    {
        func referral(
            _ id: String, approved: String, transferred: String, filed: String
        ) -> [Event] {
            let stream = "criminal-referral/\(id)"
            func step(_ type: String, _ day: String, _ field: String) -> Event {
                event(stream, "criminal-referral.\(type)", day, [(field, .string(day))])
            }
            return [
                step("report-submitted", "2025-03-03", "submittedOn"),
                step("approved", approved, "approvedAt"),
                step("transferred", transferred, "transferredAt"),
                step("police-accepted", transferred, "acceptedOn"),
                step("police-filed", filed, "filedOn"),
            ]
        }
        let answer = try await ask(
            24,
            referral(
                "A", approved: "2025-03-06", transferred: "2025-03-07", filed: "2025-03-20")
                + referral(
                    "B", approved: "2025-03-07", transferred: "2025-03-09", filed: "2025-03-10"))
        #expect(
            answer.table("stream", "approval", "transfer", "police")
                == ["criminal-referral/A|met|met|late", "criminal-referral/B|late|late|met"])
        #expect(answer.figure("missed") == .integer(1))
    }
}
