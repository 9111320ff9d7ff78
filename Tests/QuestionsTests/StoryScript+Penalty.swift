import CanonicalJSON
import Digests
import Records

/// An enterprise with a hazard, a penalty and an accident, and what came of it.
extension StoryScript {
    /// The id of the entry that is withdrawn in the end.
    mutating func enterprise() -> String {
        let unit = JSONValue.string(StoryScript.accidentUnit)
        add(
            "report.received", "report/RP-9", "2025-02-20", by: "P-2042",
            [
                ("registerNo", "JB-2025-9"), ("objectName", "事故公司"), ("objectUscc", unit),
                ("reportKind", "重大事故隐患"),
            ])
        add(
            "report.review-requested", "report/RP-9", "2025-02-20T12:00:00",
            by: StoryScript.reporter,
            people: [StoryScript.person(StoryScript.otherReporter, "reporter")])
        let inspection = "inspection/IN-1"
        add(
            "inspection.planned", inspection, "2025-02-21", by: "P-2043",
            [("objectUscc", unit), ("objectName", "事故公司")],
            people: [StoryScript.person("P-2001", "officer")])
        add(
            "inspection.record-made", inspection, "2025-02-21T15:00:00", by: "P-2001",
            [
                (
                    "hazards",
                    [["no": "1", "description": "报警器停用", "level": "重大"]]
                )
            ],
            people: [
                StoryScript.person("P-2001", "officer"), StoryScript.person("P-2002", "officer"),
            ])
        let hazard = "hazard/HZ-1"
        add(
            "hazard.reported", hazard, "2025-03-01", by: "P-2001",
            [
                ("source", "检查发现"), ("enterpriseUscc", unit), ("enterpriseName", "事故公司"),
            ])
        add(
            "inspection.clue-found", "inspection/IN-2", "2025-03-02", by: "P-2041",
            [("relatedCase", .string(hazard)), ("destination", "本机关立案")])
        let listed = add(
            "hazard.listed", hazard, "2025-03-03", by: "P-2044", [("due", "2025-05-30")],
            people: [StoryScript.person("P-2012", "signatory", post: "局长")])
        add(
            "permit.applied", "permit/PM-1", "2025-03-04", by: "P-2045",
            [("applicantUscc", unit), ("applicantName", "事故公司")])
        add(
            "permit.granted", "permit/PM-1", "2025-03-05", by: "P-2045",
            people: [StoryScript.person("P-2011", "signatory")])
        return listed
    }

    static let minutes = SHA256.digest(of: "会议记录".utf8).hex

    /// Of the last of them it was first recorded that he agreed.
    static func attendees(_ last: String) -> [JSONValue] {
        [
            person(
                "P-2020", "attendee", opinion: "reserve", order: 1, unit: "局领导", shown: minutes,
                note: "建议先核实整改风险。"),
            person("P-2011", "attendee", opinion: "agree", order: 2, unit: "局领导", post: "副局长"),
            person("P-2021", "attendee", opinion: last, order: 3, unit: "政策法规处"),
        ]
    }

    /// The id of the deliberation.
    mutating func penalty() -> String {
        let stream = "penalty/PN-1"
        let officers = [
            StoryScript.person("P-2001", "officer"), StoryScript.person("P-2002", "officer"),
        ]
        let basis: JSONValue = [["law": "杭应急〔2025〕9号", "article": "3"]]
        add(
            "penalty.clue-registered", stream, "2025-03-06",
            [
                ("partyUscc", .string(StoryScript.accidentUnit)), ("partyKind", "法人"),
                ("partyName", "事故公司"), ("discoveredOn", "2025-03-05"),
                ("violationOn", "2025-03-01"),
            ])
        add(
            "penalty.filed", stream, "2025-03-07", [("filedOn", "2025-03-07")],
            people: officers + [StoryScript.person("P-2010", "approver")])
        add("penalty.evidence-collected", stream, "2025-03-10", by: "P-2001", people: officers)
        add(
            "penalty.investigation-ended", stream, "2025-03-12", by: "P-2001",
            [("benchmark", "discretion/DB-1"), ("legalBasis", basis)])
        add(
            "penalty.legality-reviewed", stream, "2025-03-13",
            [("result", "同意"), ("crimeSuspected", false)],
            people: [StoryScript.person("P-2030", "reviewer")])
        add("penalty.notified", stream, "2025-03-14", [("servedOn", "2025-03-14")])
        let file: JSONValue = [
            "name": "会议记录.pdf", "mediaType": "application/pdf", "bytes": 1024,
            "sha256": .string(StoryScript.minutes), "held": "producer",
        ]
        let deliberated = add(
            "penalty.deliberated", stream, "2025-03-20",
            [
                ("minutesFile", .string(StoryScript.minutes)), ("attachments", [file]),
                ("departsBenchmark", false), ("meetingNo", "案审会〔2025〕1"),
            ],
            people: StoryScript.attendees("agree"))
        add(
            "penalty.decided", stream, "2025-03-21",
            [("fine", 3_000_000), ("decidedOn", "2025-03-21"), ("legalBasis", basis)],
            people: [StoryScript.person("P-2001", "signatory")])
        add("penalty.served", stream, "2025-03-24", [("servedOn", "2025-03-24")])
        add(
            "penalty.published", stream, "2025-03-26",
            [("publishedOn", "2025-03-26"), ("publishedUntil", "2026-01-25")])
        add("penalty.executed", stream, "2025-04-02", [("executedOn", "2025-04-02")])
        let credit = "credit/CI-1"
        add(
            "credit.pushed", credit, "2025-04-03",
            [("penalty", .string(stream)), ("pushedOn", "2025-04-03")])
        add("credit.serious-list-entered", credit, "2025-04-08")
        return deliberated
    }

    /// What was done under powers, and what was looked at.
    mutating func acts() {
        let team = "某镇综合执法队"
        let town = "某街道办事处"
        func officer(_ unit: String) -> [JSONValue] {
            [StoryScript.person("P-2002", "officer", unit: unit)]
        }
        add(
            "inspection.started", "inspection/IN-3", "2025-04-10", by: "P-2046", unit: team,
            people: officer(team))
        add(
            "inspection.started", "inspection/IN-4", "2025-04-12", by: "P-2047", unit: town,
            people: officer(town))
        add(
            "jurisdiction.item-withdrawn", "jurisdiction/JU-2", "2025-04-20",
            [("withdrawnOn", "2025-04-20")])
        add(
            "inspection.started", "inspection/IN-5", "2025-05-06", by: "P-2047", unit: town,
            people: officer(town))
        for (number, person) in [(1, "P-2011"), (2, "P-2020")] {
            add(
                "oath.duty-arose", "oath/OA-\(number)", "2025-05-07",
                [("person", .string(person)), ("appointedOn", "2025-05-01")])
        }
        add(
            "oath.held", "oath/OA-3", "2025-05-08", [("heldOn", "2025-05-08")],
            people: [
                StoryScript.person("P-2011", "presider"), StoryScript.person("P-2020", "swearer"),
            ])
        let foi = "foi/FOI-1"
        add("foi.received", foi, "2025-05-06T16:00:00", [("receivedOn", "2025-05-06")])
        add("foi.third-party-consulted", foi, "2025-05-09", [("sentOn", "2025-05-08")])
        add("foi.third-party-replied", foi, "2025-05-20")
        add("foi.replied", foi, "2025-06-10")
        let vault = "vault/VA-1"
        add(
            "vault.access-requested", vault, "2025-06-11",
            [("subject", "P-2001"), ("relatedCase", "penalty/PN-1"), ("purpose", "监察调查")],
            people: [StoryScript.person("P-2070", "requester")])
        add(
            "vault.access-approved", vault, "2025-06-12",
            [("validUntil", "2025-06-20T00:00:00+08:00")],
            people: [
                StoryScript.person("P-2071", "vault-approver"),
                StoryScript.person("P-2072", "vault-approver"),
            ])
        for (number, day) in [(1, "2025-06-13"), (2, "2025-06-14")] {
            add(
                "vault.opened", "vault/VA-\(number)", day,
                [("openedAt", .string(day + "T10:00:00+08:00"))],
                people: [StoryScript.person("P-2073", "viewer")])
        }
    }

    mutating func afterwards() {
        add(
            "accident.reported", "accident/AX-1", "2025-06-15", by: "P-2048",
            [
                ("unitUscc", .string(StoryScript.accidentUnit)), ("unit", "事故公司"),
                ("occurredAt", "2025-06-15T08:00:00+08:00"), ("source", "单位报告"),
            ])
        let stream = "accountability/AC-1"
        let person = ("personInvestigated", JSONValue.string("P-2001"))
        add("accountability.clue-received", stream, "2025-07-01", [("relatedCase", "penalty/PN-1")])
        add(
            "accountability.case-opened", stream, "2025-07-10",
            [
                ("kind", "处分"), ("personsInvestigated", ["P-2001"]), ("notifiedOn", "2025-07-11"),
            ])
        add(
            "accountability.trace-run", stream, "2025-07-20", by: "P-2075",
            [("personsFound", ["P-2001", "P-2002"])])
        // Evidence of March, entered when the case had broken.
        add("penalty.evidence-collected", "penalty/PN-1", "2025-03-11", by: "P-2002")
        add(
            "ledger-audit.queried", "ledger-audit/LA-1", "2025-07-21",
            [
                (
                    "causes",
                    [
                        [
                            "seq": .integer(next - 1),
                            "leafHash": .string(String(repeating: "0", count: 64)),
                        ]
                    ]
                )
            ],
            people: [
                StoryScript.person("P-2080", "requester"), StoryScript.person("P-2081", "approver"),
            ])
        add(
            "accountability.fact-notified", stream, "2025-08-01",
            [person, ("notifiedOn", "2025-08-01")])
        add("accountability.defence-heard", stream, "2025-08-10", [person])
        add(
            "accountability.responsibility-determined", stream, "2025-08-20",
            [("personResponsible", "P-2001")])
        add(
            "penalty.changed-or-revoked", "penalty/PN-1", "2025-09-01",
            [("changedOn", "2025-09-01"), ("result", "撤销")])
        add(
            "penalty.withdrawn-from-public", "penalty/PN-1", "2025-09-10",
            [("withdrawnOn", "2025-09-10")])
        add("credit.serious-list-removed", "credit/CI-1", "2025-09-20")
        add("credit.repair-applied", "credit/CI-1", "2025-10-09", [("appliedOn", "2025-10-09")])
        add(
            "accountability.decided", stream, "2026-01-20",
            [("personResponsible", "P-2001"), ("decidedOn", "2026-01-20")])
        add(
            "reward.notified", "reward/RW-1", "2026-01-21", [("notifiedOn", "2026-01-21")])
    }
}
