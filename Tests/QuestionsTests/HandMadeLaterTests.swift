import CanonicalJSON
import Digests
import Phrases
import Projections
import Questions
import Testing

/// Questions 27 to 51: small cases in which a near mistake gives another answer, which a year and
/// the story may not hold.
@Suite struct HandMadeLaterTests: HandMadeSuite {
    private func people(
        _ list: [(person: String, role: String)], unit: String = "执法队"
    ) -> (String, JSONValue) {
        let all = list.map { one -> JSONValue in
            [
                "person": .string(one.person), "role": .string(one.role), "unit": .string(unit),
                "evidence": "signed",
            ]
        }
        return ("participants", .array(all))
    }

    // MARK: - Reporters and reports

    @Test func `28: an assignment that says nothing of a check was not checked`() async throws {
        func report(_ id: String, _ checked: JSONValue?) -> [Event] {
            [
                event(
                    "report/\(id)", "report.assigned", "2025-03-03",
                    checked.map { [("conflictChecked", $0)] } ?? []),
                event(
                    "report/\(id)", "report.verified", "2025-03-10",
                    [people([("P-5", "officer")])]),
            ]
        }
        let answer = try await ask(
            28, report("A", nil) + report("B", .bool(true)) + report("C", .bool(false)))
        #expect(
            answer.table("stream", "signs") == [
                "report/A|not checked on assignment", "report/C|not checked on assignment",
            ])
        #expect(answer.figure("verifications") == .integer(3))
    }

    @Test func `29: two reports are more than one`() async throws {
        func report(_ id: String, of unit: String, _ result: String) -> [Event] {
            [
                event(
                    "report/\(id)", "report.received", "2025-03-03",
                    [("objectName", .string(unit))]),
                event(
                    "report/\(id)", "report.verified", "2025-03-10",
                    [people([("P-5", "officer")])]),
                event(
                    "report/\(id)", "report.concluded", "2025-03-12",
                    [("result", .string(result))]),
            ]
        }
        let answer = try await ask(
            29,
            report("A", of: "甲", "不属实") + report("B", of: "甲", "不属实")
                + report("C", of: "乙", "不属实") + report("D", of: "丙", "不属实")
                + report("E", of: "丙", "属实"))
        #expect(answer.table("object", "reports", "verifications") == ["甲|2|2"])
        #expect(answer.figure("repeated") == .integer(2))
    }

    // MARK: - Inspections and powers

    @Test func `30: who was graded after the freeze is not in the pool`() async throws {
        let (early, late) = ("91330100MA0000001A", "91330100MA0000002B")
        func graded(_ id: String, _ code: String, _ day: String) -> Event {
            event(
                "jurisdiction/\(id)", "jurisdiction.object-graded", day,
                [("objectUscc", .string(code))])
        }
        let pool = RepeatableDraw.digest([early]).hex
        let answer = try await ask(
            30,
            [
                graded("A", early, "2025-03-01"),
                event(
                    "inspection-plan/A", "inspection-plan.pool-frozen", "2025-03-03",
                    [("objectPool", .string(pool)), ("officerPool", "00")]),
                graded("B", late, "2025-03-05"),
                event(
                    "inspection-plan/A", "inspection-plan.drawn", "2025-03-07",
                    [
                        ("taskNo", "T-1"), ("seed", "s"), ("ratio", 100),
                        ("algorithm", .string(RepeatableDraw.name)),
                        ("seedCommitment", .string(SHA256.digest(of: "s".utf8).hex)),
                        ("objects", [["uscc": .string(early)]]),
                    ]),
            ])
        #expect(answer.table("seed", "objectPool", "objects") == ["yes|yes|yes"])
    }

    @Test func `31: a certificate that came later was none on the day`() async throws {
        let officer = "officer/OF-1"
        let answer = try await ask(
            31,
            [
                event(
                    "inspection/A", "inspection.started", "2025-03-03",
                    [people([("P-5", "officer")])]),
                event(officer, "officer.registered", "2025-03-05", [("person", "P-5")]),
                event(
                    officer, "officer.certificate-issued", "2025-03-06",
                    [("issuedOn", "2025-03-06"), ("validUntil", "2030-03-05")]),
            ])
        #expect(answer.table("stream", "person", "day") == ["inspection/A|P-5|2025-03-03"])
    }

    @Test func `32: days late end with the withdrawal`() async throws {
        let stream = "penalty/A"
        let answer = try await ask(
            32,
            [
                event(stream, "penalty.decided", "2025-03-03", [("docNo", "罚〔2025〕1号")]),
                event(stream, "penalty.published", "2025-03-04"),
                event(
                    stream, "penalty.changed-or-revoked", "2025-06-02",
                    [("result", "撤销"), ("changedOn", "2025-06-02")]),
                event(stream, "penalty.withdrawn-from-public", "2025-06-10"),
            ])
        // Due on Thursday the 5th; Friday, Monday and Tuesday are three working days.
        #expect(answer.table("due", "withdrawn", "late") == ["2025-06-05|2025-06-10|3"])
    }

    @Test func `35: an oath between the appointment and its entry counts`() async throws {
        func arose(_ id: String, _ person: String) -> Event {
            event(
                "oath/\(id)", "oath.duty-arose", "2025-03-20",
                [("person", .string(person)), ("appointedOn", "2025-03-03")])
        }
        let answer = try await ask(
            35,
            [
                arose("A", "P-5"), arose("B", "P-6"),
                event(
                    "oath/C", "oath.held", "2025-03-10",
                    [people([("P-5", "swearer"), ("P-9", "presider")])]),
            ])
        #expect(answer.column("stream") == ["oath/B"])
        #expect(answer.figure("elsewhere") == .integer(1))
    }

    @Test func `36: on the day of its withdrawal a power is gone`() async throws {
        func started(_ id: String, _ day: String) -> Event {
            event(
                "inspection/\(id)", "inspection.started", day,
                [people([("P-5", "officer")], unit: "虚构镇")])
        }
        let answer = try await ask(
            36,
            [
                event(
                    "jurisdiction/A", "jurisdiction.empowered", "2025-01-06",
                    [("township", ["name": "虚构镇"])]),
                started("A", "2025-05-31"),
                event(
                    "jurisdiction/A", "jurisdiction.item-withdrawn", "2025-05-30",
                    [("withdrawnOn", "2025-06-01")]),
                started("B", "2025-06-01"),
            ])
        #expect(answer.table("stream", "ended", "person") == ["inspection/B|2025-05-31|P-5"])
    }

    // MARK: - Tracing

    @Test func `37: the years end with the latest accident`() async throws {
        let code = "91330100MA0000001A"
        func accident(_ id: String, _ day: String) -> Event {
            event("accident/\(id)", "accident.reported", day, [("unitUscc", .string(code))])
        }
        let answer = try await ask(
            37,
            [
                accident("A", "2019-05-06"),
                event(
                    "permit/A", "permit.applied", "2024-03-04",
                    [("applicantUscc", .string(code))]),
                accident("B", "2025-05-06"),
            ]
        ) { $0.enterprise = code }
        #expect(answer.figure("through")?.text(.english) == "2025-05-06")
        #expect(answer.figure("cases") == .integer(1))
    }

    @Test func `38: an accident on the day of the report is the accident`() async throws {
        let code = "91330100MA0000001A"
        let answer = try await ask(
            38,
            [
                event(
                    "hazard/A", "hazard.reported", "2025-03-03",
                    [("enterpriseUscc", .string(code))]),
                event(
                    "accident/A", "accident.reported", "2025-03-03",
                    [("unitUscc", .string(code))]),
                event("hazard/A", "hazard.verified", "2025-03-10", [people([("P-7", "officer")])]),
            ]
        ) { $0.case = "hazard/A" }
        #expect(answer.figure("accident")?.text(.english) == "2025-03-03")
        #expect(!answer.column("person").contains("P-7"), "he knew only afterwards")
    }

    @Test func `39: who has no place in the order of speaking comes last`() async throws {
        func spoke(_ person: String, _ order: Int64?) -> JSONValue {
            .object(
                [
                    JSONMember("person", .string(person)), JSONMember("role", "attendee"),
                    JSONMember("unit", "局"), JSONMember("evidence", "documented"),
                    JSONMember("opinion", "agree"),
                ] + (order.map { [JSONMember("order", .integer($0))] } ?? []))
        }
        let answer = try await ask(
            39,
            [
                event(
                    "penalty/A", "penalty.deliberated", "2025-03-03",
                    [("participants", [spoke("P-3", nil), spoke("P-5", 2), spoke("P-4", 1)])])
            ]
        ) { $0.case = "penalty/A" }
        #expect(answer.column("person") == ["P-4", "P-5", "P-3"])
    }

    // MARK: - Who is investigated

    @Test func `46: six months to the day are not over six months`() async throws {
        func over(_ decided: String) async throws -> [String] {
            let stream = "accountability/A"
            return try await ask(
                46,
                [
                    event(
                        stream, "accountability.case-opened", "2025-01-10",
                        [("personsInvestigated", ["P-5"])]),
                    event(
                        stream, "accountability.decided", decided,
                        [
                            ("personResponsible", "P-5"), ("decidedOn", .string(decided)),
                        ]),
                ]
            ) { ($0.person, $0.case) = ("P-5", stream) }.table("over6", "over12")
        }
        #expect(try await over("2025-07-10") == ["no|no"])
        #expect(try await over("2025-07-11") == ["yes|no"])
    }

    @Test func `47: what happened after the case broke was not entered afterwards`() async throws {
        let paper: (String, JSONValue) = ("attachments", [["name": "照片", "sha256": "00"]])
        let answer = try await ask(
            47,
            [
                event("penalty/A", "penalty.filed", "2025-03-03", [paper]),
                event(
                    "accountability/A", "accountability.clue-received", "2025-03-05",
                    [("relatedCase", "penalty/A")]),
                event("penalty/A", "penalty.evidence-collected", "2025-03-10", [paper]),
            ]
        ) { ($0.person, $0.case) = ("P-1", "penalty/A") }
        #expect(answer.table("record", "after") == ["0|no", "2|no"])
        #expect(answer.figure("after") == .integer(0))
    }

    // MARK: - Parties, reporters, the public

    @Test func `48: what the party was given it has`() async throws {
        let paper: (String, JSONValue) = ("attachments", [["name": "文书", "sha256": "00"]])
        let types = [
            "summary-decided": "yours", "served": "yours", "deliberated": "not open",
            "evidence-collected": "on request",
        ]
        let answer = try await ask(
            48,
            types.keys.sorted().map { event("penalty/A", "penalty.\($0)", "2025-03-03", [paper]) }
        ) { $0.case = "penalty/A" }
        let steps = answer.rows.filter { answer.value($0, "documents")?.text(.english) == "文书" }
        #expect(
            steps.map { answer.value($0, "access")?.text(.english) ?? "" }
                == types.keys.sorted().map { types[$0] ?? "" })
    }

    @Test func `49: on the last day it is still public`() async throws {
        func isOver(_ until: String) async throws -> String? {
            let answer = try await ask(
                49,
                [
                    event("penalty/A", "penalty.decided", "2025-03-03"),
                    event(
                        "penalty/A", "penalty.published", "2025-03-05",
                        [("publishedOn", "2025-03-05"), ("publishedUntil", .string(until))]),
                ]
            ) { $0.case = "penalty/A" }
            return answer.rows.first {
                answer.value($0, "what")?.text(.english) == "published until"
            }.flatMap { answer.value($0, "isSo")?.text(.english) }
        }
        // The past is asked on 31 January 2026.
        #expect(try await isOver("2026-01-31") == "no")
        #expect(try await isOver("2026-01-30") == "yes")
    }

    @Test func `50: a reward that was not claimed in time is given up`() async throws {
        func reward(notified: String) async throws -> String? {
            try await ask(
                50,
                [
                    event("report/A", "report.received", "2025-03-03", [("registerNo", "JB-1")]),
                    event(
                        "reward/A", "reward.eligibility-checked", "2025-05-06",
                        [("report", "report/A")]),
                    event("reward/A", "reward.approved", "2025-05-07"),
                    event(
                        "reward/A", "reward.notified", notified,
                        [("notifiedOn", .string(notified))]),
                ]
            ) { $0.code = "JB-1" }.figure("reward")?.text(.english)
        }
        #expect(try await reward(notified: "2025-05-08") == "time is over, given up")
        #expect(try await reward(notified: "2026-01-20") == "to be claimed")
    }

    @Test func `51: the day after its last day it has expired`() async throws {
        func state(_ expires: String) async throws -> [String] {
            try await ask(
                51,
                [
                    event(
                        "normdoc/A", "normdoc.published", "2025-03-03",
                        [("effectiveOn", "2025-04-01"), ("expiresOn", .string(expires))])
                ]
            ) { $0.case = "normdoc/A" }.column("state")
        }
        #expect(try await state("2026-01-30") == ["expired"])
        #expect(try await state("2026-01-31") == ["in force"])
    }
}
