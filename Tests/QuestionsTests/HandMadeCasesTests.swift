import CanonicalJSON
import Phrases
import Projections
import Questions
import Testing

/// Small cases whose answers can be seen at a glance: faults that a year has too seldom.
@Suite struct HandMadeCasesTests: HandMadeSuite {
    @Test func `1: an opinion after the deliberation comes too late`() async throws {
        func decision(_ id: String, reviewed: String, issued: String) -> [Event] {
            [
                event("decision/\(id)", "decision.proposed", "2023-01-04", [("title", "道路")]),
                event(
                    "decision/\(id)", "decision.submitted-for-deliberation", "2023-03-01",
                    [("version", "1")]),
                event(
                    "decision/\(id)", "decision.legality-reviewed", reviewed,
                    [("result", "合法"), ("version", "1")]),
                event("decision/\(id)", "decision.deliberated", "2023-03-02"),
                event(
                    "decision/\(id)", "decision.issued", issued, [("docNo", "杭应急〔2023〕1号")]),
            ]
        }
        let answer = try await ask(
            1,
            decision("A", reviewed: "2023-03-05", issued: "2023-03-10")
                + decision("B", reviewed: "2023-02-20", issued: "2023-03-10")
                + decision("C", reviewed: "2023-03-05", issued: "2024-01-10"))
        #expect(answer.table("stream", "reviewed") == ["decision/A|2023-03-05"])
        #expect(answer.figure("issued") == .integer(2))
        #expect(answer.rows.first?.records == [1, 2, 4])
    }

    /// Two licences, of which one after a credit query, and a report that says both were.
    private var licencesReported: [Event] {
        func licence(_ id: String, queried: Bool) -> [Event] {
            let stream = "permit/\(id)"
            let query = event(stream, "permit.credit-queried", "2025-04-03")
            return [event(stream, "permit.accepted", "2025-04-02")] + (queried ? [query] : [])
                + [event(stream, "permit.granted", "2025-05-06", [("docNo", "许〔2025〕1号")])]
        }
        func figure(_ id: String, _ numerator: Int64, _ denominator: Int64) -> JSONValue {
            [
                "id": .string(id), "numerator": .integer(numerator),
                "denominator": .integer(denominator), "asOf": "2025-12-31",
            ]
        }
        return licence("A", queried: true) + licence("B", queried: false) + [
            event(
                "annual-report/AR-2025", "annual-report.drafted", "2026-01-20",
                [
                    ("year", 2025),
                    ("figures", [figure("I.credit", 2, 2), figure("I.zero-visit", 0, 2)]),
                ])
        ]
    }

    @Test func `6 and 7: a figure that the records do not bear out, and one that they do`()
        async throws
    {
        let day = RawLedger.number("2025-12-31")
        let rebuilt = try await ask(6, licencesReported) { $0.day = day }
        let said = rebuilt.rows.filter { rebuilt.value($0, "report") != Value.none }
        let agreement = said.map { row in
            ["indicator", "numerator", "denominator", "saidNumerator", "agrees"]
                .map { rebuilt.value(row, $0)?.text(.english) ?? "" }.joined(separator: "|")
        }
        #expect(agreement == ["I.credit|1|2|2|no", "I.zero-visit|0|2|0|yes"])
        #expect(rebuilt.figure("differing") == .integer(1))
        for other in [day - 1, day + 1] {
            let answer = try await ask(6, licencesReported) { $0.day = other }
            #expect(answer.figure("published") == .integer(0))
        }

        let reported = try await ask(7, licencesReported)
        #expect(
            reported.table("report", "indicator", "agrees") == [
                "annual-report/AR-2025|I.credit|no", "annual-report/AR-2025|I.zero-visit|yes",
            ])
        #expect(try await ask(7, licencesReported) { $0.year = 2024 }.rows.isEmpty)
    }

    /// A penalty decided on 2025-03-20 after an investigation.
    private func penalty(
        _ id: String, ended: [(String, JSONValue)] = [], between: [Event] = []
    ) -> [Event] {
        let stream = "penalty/\(id)"
        let clue = event(
            stream, "penalty.clue-registered", "2025-01-06",
            [("partyName", "虚构公司"), ("caseType", "甲"), ("region", "330102")])
        let filed = event(
            stream, "penalty.filed", "2025-01-07", [("filedOn", "2025-01-07")])
        let end = event(stream, "penalty.investigation-ended", "2025-02-10", ended)
        let decided = event(
            stream, "penalty.decided", "2025-03-20",
            [("docNo", .string("文\(id)")), ("decidedOn", "2025-03-20"), ("fine", 1_000_000)])
        return [clue, filed, end] + between + [decided]
    }

    @Test func `8: complex and not discussed`() async throws {
        let discussed = event(
            "penalty/B", "penalty.deliberated", "2025-03-10",
            [("meetingNo", "1"), ("departsBenchmark", false)])
        let answer = try await ask(
            8,
            penalty("A", ended: [("complexOrSerious", true)])
                + penalty("B", ended: [("complexOrSerious", true)], between: [discussed])
                + penalty("C", ended: [("complexOrSerious", false)]) + penalty("D"))
        #expect(answer.table("stream", "rule") == ["penalty/A|R181"])
        #expect(answer.figure("decided") == .integer(4))
        #expect(answer.figure("unclear") == .integer(1))
    }

    @Test func `11: cash kept for a week, and half of a fine`() async throws {
        func paid(_ id: String, _ amount: Int64, _ method: String) -> Event {
            event(
                "penalty/\(id)", "penalty.fine-paid", "2025-04-01",
                [
                    ("amount", .integer(amount)), ("paidOn", "2025-04-01"),
                    ("method", .string(method)),
                ])
        }
        func handed(_ id: String, _ day: String) -> Event {
            event(
                "penalty/\(id)", "penalty.cash-handed-in", day,
                [("handedOn", .string(day)), ("bankedOn", .string(day))])
        }
        let answer = try await ask(
            11,
            penalty("A") + [paid("A", 1_000_000, "当场收缴"), handed("A", "2025-04-09")]
                + penalty("B") + [paid("B", 1_000_000, "当场收缴"), handed("B", "2025-04-02")]
                + penalty("C") + [paid("C", 500_000, "银行")])
        #expect(
            answer.table("stream", "left", "cash")
                == ["penalty/A|CNY 0.00|late", "penalty/C|CNY 5,000.00|"])
        #expect(answer.figure("paid") == .fen(2_500_000))
        #expect(answer.figure("full") == .integer(2))
        #expect(answer.figure("kept") == .integer(1))
    }

    @Test func `13: claimed by staff, by somebody unchecked, and by neither`() async throws {
        func reward(_ id: String, _ excluded: Bool?) -> [Event] {
            let check = excluded.map { excluded in
                event(
                    "reward/\(id)", "reward.eligibility-checked", "2025-05-06",
                    [("excludedStaff", .bool(excluded)), ("result", "符合")])
            }
            let claimed = event(
                "reward/\(id)", "reward.claimed", "2025-06-10",
                [("pseudonym", "X-1"), ("payeeName", "SEALED")])
            return [check].compactMap(\.self) + [claimed]
        }
        let answer = try await ask(13, reward("A", true) + reward("B", false) + reward("C", nil))
        #expect(answer.table("stream", "excluded") == ["reward/A|yes", "reward/C|"])
        #expect(answer.figure("claims") == .integer(3))
        #expect(answer.figure("unchecked") == .integer(1))
    }

    @Test func `23: a suspected crime that ended in a penalty`() async throws {
        func reviewed(_ id: String, _ isSuspected: Bool) -> Event {
            event(
                "penalty/\(id)", "penalty.legality-reviewed", "2025-03-01",
                [("result", "同意"), ("crimeSuspected", .bool(isSuspected))])
        }
        let referred = event("penalty/B", "penalty.referred-out", "2025-03-05")
        let answer = try await ask(
            23,
            penalty("A", between: [reviewed("A", true)])
                + penalty("B", between: [reviewed("B", true), referred])
                + penalty("C", between: [reviewed("C", false)]) + [
                    event(
                        "criminal-referral/R", "criminal-referral.suspected", "2025-04-01",
                        [("relatedCase", "penalty/A")])
                ])
        #expect(answer.table("stream", "referral") == ["penalty/A|criminal-referral/R"])
        #expect(answer.figure("instead") == .integer(1))
    }
}
