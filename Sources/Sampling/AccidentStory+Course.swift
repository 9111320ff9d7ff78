import CanonicalJSON

// What happens, case by case; each case in the order in which it happened.
extension AccidentStory {
    /// The day of the accident.
    static let day = "2025-03-18"

    /// In which year each case began; others are of 2022.
    static let years = [
        "PM": "2021", "IN": "2022", "IN:2": "2023", "HZ": "2022", "RP": "2023", "DB": "2021",
        "PN": "2023", "AX": "2025", "AC": "2025", "AC:2": "2025", "IN:3": "2016", "PN:2": "2024",
    ]

    /// The cases of a trace from the accident; the others belong to nobody in it.
    static let traced: Set<String> = [
        "PM", "IN", "IN:2", "HZ", "RP", "DB", "PN", "AX", "AC", "AC:2",
    ]

    /// Duties that were missed, by the event that began them.
    static let owed: [(duty: String, key: String)] = [
        ("D.hz", "listed"), ("D.in.fix", "ordered"),
    ]

    static let course =
        benchmark + permit + inspection + hazard + report + penalty + others + accident
        + accountability + afterwards

    private typealias Step = StoryStep

    private static func part(
        _ who: String, _ role: String, _ opinion: String? = nil, order: Int64? = nil
    ) -> StoryStep.Part {
        StoryStep.part(who, role, opinion, order: order)
    }

    private static let officers = [part("officer", "officer"), part("officer2", "officer")]

    // MARK: - Before

    private static let benchmark = [
        Step("DB", "2021-01-11", 9, "discretion.drafted", by: "clerk"),
        Step(
            "DB", "2021-02-22", 9, "discretion.legality-reviewed", by: "lawyer",
            [("result", "合法")], parts: [part("lawyer", "reviewer")]),
        Step(
            "DB", "2021-03-01", 9, "discretion.adopted", by: "clerk",
            parts: [part("head", "chair"), part("deputy", "attendee")]),
        Step("DB", "2021-03-02", 9, "discretion.published", by: "clerk", key: "benchmark"),
        // After the penalty: it was decided by the benchmark as it was before.
        Step(
            "DB", "2024-06-03", 9, "discretion.adjusted", by: "clerk",
            parts: [part("head", "approver")], key: "adjusted"),
    ]

    private static let permit = [
        Step(
            "PM", "2021-04-06", 9, "permit.applied", by: "window",
            [
                ("licenceKind", "危险化学品经营许可"), ("applicantUscc", "code:own"),
                ("applicantName", .string(StoryCast.firm)),
            ]),
        Step(
            "PM", "2021-04-07", 9, "permit.accepted", by: "window",
            [("deemed", false)], parts: [part("window", "handler")]),
        Step("PM", "2021-04-08", 9, "permit.credit-queried", by: "window", [("result", "无不良")]),
        Step(
            "PM", "2021-04-12", 9, "permit.site-checked", by: "clerk", [("result", "符合")],
            parts: officers),
        Step(
            "PM", "2021-04-14", 9, "permit.reviewed", by: "window",
            [("result", "符合"), ("majorDecision", false)], parts: [part("window", "reviewer")]),
        Step(
            "PM", "2021-04-19", 9, "permit.granted", by: "window",
            [("validFrom", "2021-04-19"), ("validUntil", "2027-04-18")],
            parts: [part("deputy", "signatory")], key: "granted"),
        Step("PM", "2021-04-20", 9, "permit.certificate-issued", by: "window"),
        Step("PM", "2021-04-21", 9, "permit.published", by: "window"),
    ]

    private static let inspection = [
        Step(
            "IN", "2022-05-09", 9, "inspection.planned", by: "clerk", [("source", "年度计划")],
            parts: officers),
        Step(
            "IN", "2022-05-11", 9, "inspection.started", by: "officer",
            [("channel", "掌上执法"), ("unannounced", false), ("certificateShown", true)],
            parts: officers),
        Step(
            "IN", "2022-05-11", 15, "inspection.record-made", by: "officer", parts: officers,
            key: "found"),
        // Told in time, and written down only after the accident.
        Step(
            "IN", "2022-05-12", 9, "inspection.result-told", by: "officer",
            parts: [part("officer", "officer")], key: "told", entered: "2025-04-02"),
        Step(
            "IN", "2022-05-12", 10, "inspection.rectification-ordered", by: "officer",
            [("due", "2022-06-10")], parts: officers, key: "ordered"),
    ]

    private static let hazard = [
        Step(
            "HZ", "2022-05-13", 9, "hazard.reported", by: "officer",
            [("source", "检查发现"), ("enterpriseName", .string(StoryCast.firm))], key: "hazard",
            causes: ["found"]),
        Step(
            "HZ", "2022-05-20", 9, "hazard.listed", by: "clerk",
            [("due", "2022-09-30"), ("level", "市")], parts: [part("deputy", "signatory")],
            key: "listed"),
        Step("HZ", "2022-07-04", 9, "hazard.governance-reported", by: "clerk"),
    ]

    private static let report = [
        Step(
            "RP", "2023-05-15", 9, "report.received", by: "hotline",
            [
                ("channel", "12350电话"), ("reporterKind", "实名从业人员（吹哨人）"),
                ("reportKind", "重大事故隐患"), ("objectName", .string(StoryCast.firm)),
                ("objectUscc", "code:own"), ("urgent", false), ("deathsInvolved", false),
            ]),
        Step(
            "RP", "2023-05-15", 10, "report.identity-sealed", by: "keeper",
            [("pseudonym", "R-660017")], parts: [part("keeper", "vault-keeper")]),
        Step("RP", "2023-05-16", 9, "report.accepted", by: "hotline", key: "accepted"),
        Step(
            "RP", "2023-05-16", 10, "report.summarised", by: "hotline",
            parts: [part("hotline", "handler")]),
        Step(
            "RP", "2023-05-16", 11, "report.summary-checked", by: "keeper",
            [("identifies", false)], parts: [part("keeper", "reviewer")]),
        Step(
            "RP", "2023-05-17", 9, "report.assigned", by: "hotline",
            [("due", "2023-06-16"), ("conflictChecked", true)],
            parts: [part("officer", "officer"), part("officer2", "officer")]),
        Step(
            "IN:2", "2023-05-18", 9, "inspection.planned", by: "clerk",
            [("source", "投诉举报"), ("planRef", StoryStep.stream("RP"))], parts: officers),
        Step(
            "IN:2", "2023-05-19", 9, "inspection.approved", by: "clerk",
            parts: [part("deputy", "approver")]),
        // The second officer's certificate had run out.
        Step(
            "IN:2", "2023-05-22", 9, "inspection.started", by: "officer",
            [("channel", "掌上执法"), ("unannounced", true), ("certificateShown", true)],
            parts: officers, key: "uncertified"),
        Step("IN:2", "2023-05-22", 11, "inspection.record-made", by: "officer", parts: officers),
        Step("IN:2", "2023-05-23", 9, "inspection.result-told", by: "officer"),
        Step("IN:2", "2023-05-23", 10, "inspection.no-problem", by: "officer", parts: officers),
        Step(
            "RP", "2023-05-24", 9, "report.verified", by: "officer",
            [("inspection", StoryStep.stream("IN:2")), ("materialShown", false)],
            parts: officers),
        Step(
            "RP", "2023-06-05", 9, "report.concluded", by: "hotline",
            [("result", "不属实"), ("actions", ["无"])], parts: [part("deputy", "signatory")],
            key: "untrue"),
        Step("RP", "2023-06-06", 9, "report.fed-back", by: "hotline", [("method", "电话")]),
        Step("RP", "2023-06-19", 9, "report.review-requested", by: "hotline"),
        Step("RP", "2023-07-10", 9, "report.review-concluded", by: "clerk", [("result", "维持")]),
    ]

    private static let penalty = [
        Step(
            "PN", "2023-08-07", 9, "penalty.clue-registered", by: "clerk",
            [
                ("source", "检查"), ("sourceRef", StoryStep.stream("IN")),
                ("violationOn", "2022-05-11"), ("partyKind", "法人"),
                ("partyName", .string(StoryCast.firm)), ("partyUscc", "code:own"),
            ]),
        Step(
            "PN", "2023-08-09", 9, "penalty.filed", by: "clerk", [("accidentRelated", false)],
            parts: officers + [part("successor", "approver")]),
        Step(
            "PN", "2023-08-16", 9, "penalty.evidence-collected", by: "officer", parts: officers,
            key: "evidence"),
        // The same paper, entered twice.
        Step(
            "PN", "2023-08-16", 10, "penalty.evidence-collected", by: "officer", parts: officers,
            key: "twice"),
        Step(
            "PN", "2023-08-28", 9, "penalty.investigation-ended", by: "officer",
            [("benchmark", StoryStep.stream("DB")), ("step", "三阶")],
            parts: [part("officer", "proposer")],
            key: "proposed"),
        Step(
            "PN", "2023-09-04", 9, "penalty.legality-reviewed", by: "lawyer",
            [("result", "同意"), ("crimeSuspected", false)], parts: [part("lawyer", "reviewer")],
            key: "reviewed"),
        Step(
            "PN", "2023-09-06", 9, "penalty.notified", by: "clerk",
            [("hearingRight", true), ("proposedKinds", ["罚款"])]),
        Step("PN", "2023-09-12", 9, "penalty.defence-received", by: "clerk"),
        Step(
            "PN", "2023-09-13", 9, "penalty.defence-reviewed", by: "clerk",
            [("adopted", "部分采纳")], parts: [part("officer", "handler")]),
        Step(
            "PN", "2023-09-18", 14, "penalty.deliberated", by: "clerk",
            [
                ("departsBenchmark", true), ("departureReason", "（虚构样例）企业经营困难"),
                ("result", "（虚构样例）减轻罚款"),
            ],
            parts: [
                part("successor", "attendee", "agree", order: 1),
                part("officer", "attendee", "agree", order: 2),
                part("lawyer", "attendee", "disagree", order: 3),
                part("head", "attendee", "agree", order: 4),
            ], key: "deliberated"),
        Step(
            "PN", "2023-09-20", 9, "penalty.decided", by: "clerk",
            [("kinds", ["罚款"]), ("fine", 1_000_000), ("performanceDue", "2023-10-12")],
            parts: [part("successor", "signatory")], key: "decided", causes: ["deliberated"]),
        Step("PN", "2023-09-21", 9, "penalty.served", by: "officer", [("method", "直接")]),
        Step("PN", "2023-09-22", 9, "penalty.published", by: "clerk"),
        Step("PN", "2023-10-08", 9, "penalty.fine-paid", by: "clerk", [("amount", 1_000_000)]),
        Step(
            "PN", "2023-10-12", 9, "penalty.closed", by: "clerk",
            parts: [part("successor", "approver")]),
    ]

    /// Long ago, and somebody else's.
    private static let others = [
        Step(
            "IN:3", "2016-06-06", 9, "inspection.planned", by: "clerk", [("source", "年度计划")],
            parts: officers, entered: "2019-05-07"),
        Step(
            "PN:2", "2024-07-01", 9, "penalty.clue-registered", by: "clerk",
            [
                ("source", "检查"), ("violationOn", "2024-06-20"), ("partyKind", "法人"),
                ("partyName", "虚构样例北坡商贸有限公司"), ("partyUscc", "code:other"),
            ]),
        Step(
            "PN:2", "2024-07-08", 9, "penalty.investigation-ended", by: "officer",
            [("benchmark", StoryStep.stream("DB"))]),
    ]

    // MARK: - The accident, and after

    private static let accident = [
        Step(
            "AX", day, 7, "accident.reported", by: "dutyOfficer",
            [
                ("occurredAt", "2025-03-18T06:20:00+08:00"), ("unitUscc", "code:own"),
                ("deaths", 2), ("injured", 3), ("missing", 0), ("source", "119"),
            ], key: "accident"),
        Step(
            "AX", day, 8, "accident.reported-up", by: "dutyOfficer",
            parts: [part("dutyOfficer", "handler")]),
        Step(
            "AX", "2025-03-19", 9, "accident.graded", by: "dutyOfficer", [("grade", "一般")],
            parts: [part("successor", "approver")]),
        Step(
            "AX", "2025-03-20", 9, "accident.team-formed", by: "clerk",
            parts: [part("leader", "team-leader")]),
        Step(
            "AX", "2025-05-12", 9, "accident.report-submitted", by: "clerk",
            [("nature", "责任事故")], key: "submitted", causes: ["hazard", "untrue"]),
        Step("AX", "2025-05-22", 9, "accident.approved", by: "clerk"),
        Step("AX", "2025-05-30", 9, "accident.published", by: "clerk"),
        Step(
            "AX", "2025-09-15", 9, "accident.liability-implemented", by: "clerk",
            [("sanctions", [StoryStep.stream("AC"), StoryStep.stream("AC:2")])]),
    ]

    private static let accountability = [("AC", "deputy"), ("AC:2", "officer")].flatMap {
        place, who in
        [
            Step(
                place, "2025-05-26", 9, "accountability.clue-received", by: "investigator",
                [("source", "事故调查"), ("relatedCase", StoryStep.stream("AX"))]),
            Step(
                place, "2025-06-03", 9, "accountability.preliminarily-checked",
                by: "investigator", [("result", "立案")],
                parts: [
                    part("investigator", "investigator"), part("investigator2", "investigator"),
                ]),
            Step(
                place, "2025-06-05", 9, "accountability.case-opened", by: "investigator",
                [("kind", "政务处分"), ("personsInvestigated", [StoryStep.person(who)])]),
            Step(
                place, "2025-06-10", 9, "accountability.trace-run", by: "investigator",
                [("personsFound", [StoryStep.person("deputy"), StoryStep.person("officer")])]),
            Step(
                place, "2025-07-07", 9, "accountability.fact-notified", by: "investigator",
                [("personInvestigated", StoryStep.person(who))]),
            Step(
                place, "2025-07-14", 9, "accountability.defence-heard", by: "investigator",
                [("personInvestigated", StoryStep.person(who))]),
        ]
    }

    /// About earlier records: they name these by number and leaf hash.
    private static let afterwards = [
        Step(
            "AC", "2025-08-04", 9, "accountability.responsibility-determined",
            by: "investigator",
            [
                ("personResponsible", StoryStep.person("deputy")),
                ("responsibilityKind", "主要领导责任"), ("dissentRecorded", false),
            ], targets: ["listed", "untrue"]),
        Step(
            "AC:2", "2025-08-04", 10, "accountability.responsibility-determined",
            by: "investigator",
            [
                ("personResponsible", StoryStep.person("officer")),
                ("responsibilityKind", "直接责任"), ("dissentRecorded", false),
            ], targets: ["ordered"]),
        Step(
            "PN", "2025-10-13", 9, "entry.withdrawn", by: "clerk",
            [("approver", StoryStep.person("lawyer"))], targets: ["twice"]),
        Step(
            "PN", "2025-10-14", 9, "participant.confirmed", by: "lawyer", targets: ["deliberated"]
        ),
        Step(
            "HZ", "2025-10-15", 9, "participant.disputed", by: "deputy", targets: ["listed"]),
        // The minutes show that the officer kept his opinion back.
        Step(
            "PN", "2025-10-20", 9, "entry.corrected", by: "clerk",
            [("approver", StoryStep.person("lawyer"))], key: "correction",
            targets: ["deliberated"],
            corrected: [
                part("successor", "attendee", "agree", order: 1),
                part("officer", "attendee", "reserve", order: 2),
                part("lawyer", "attendee", "disagree", order: 3),
                part("head", "attendee", "agree", order: 4),
            ]),
    ]
}
