import CanonicalJSON
import Digests
import Records

/// What happens.
extension StoryScript {
    mutating func write() {
        staff()
        powers()
        house()
        let reports = reports()
        draw()
        let listed = enterprise()
        let deliberated = penalty()
        acts()
        afterwards()
        mends.append(
            Mend(
                target: deliberated, stream: "penalty/PN-1", time: "2026-02-09T10:00:00+08:00",
                confirmedBy: "P-2020"))
        mend(reports.last, "report/RP-3", "2026-02-10", [("result", "不属实")])
        mend(
            deliberated, "penalty/PN-1", "2026-02-11",
            [("participants", .array(StoryScript.attendees("disagree")))])
        mends.append(
            Mend(
                target: listed, stream: "hazard/HZ-1", time: "2026-02-12T10:00:00+08:00"))
    }

    private mutating func mend(
        _ id: String, _ stream: String, _ day: String, _ fields: [(String, JSONValue)]
    ) {
        mends.append(
            Mend(
                target: id, stream: stream, time: day + "T10:00:00+08:00",
                corrected: corrected(id, fields)))
    }

    private func organisation(_ name: String) -> JSONValue { ["name": .string(name)] }

    // MARK: - Who is who

    private mutating func staff() {
        for number in 1...3 {
            let (stream, person) = ("officer/OF-\(number)", "P-200\(number)")
            add("officer.registered", stream, "2025-01-02", [("person", .string(person))])
            add(
                "officer.certificate-issued", stream, "2025-01-03",
                [
                    ("issuedOn", "2025-01-03"),
                    ("validUntil", number == 3 ? "2025-02-10" : "2029-12-31"),
                ])
        }
        for (number, post) in [(1, "中队长"), (2, "执法队员"), (10, "处长"), (11, "副局长"), (20, "副局长")] {
            let person = "P-20" + (number < 10 ? "0\(number)" : "\(number)")
            let stream = "person/" + person
            add("person.registered", stream, "2025-01-04", [("person", .string(person))])
            add(
                "person.post-assumed", stream, "2025-01-05",
                [("post", .string(post)), ("startsOn", "2025-01-05")])
        }
        add(
            "person.delegation-granted", "person/P-2010", "2025-01-06",
            [
                ("kind", "授权审批"), ("post", "副局长"), ("delegator", "P-2011"),
                ("startsOn", "2025-01-06"), ("endsOn", "2025-02-28"),
            ])
        add(
            "person.delegation-granted", "person/P-2001", "2025-01-06T11:00:00",
            [
                ("kind", "授权签发"), ("post", "局长"), ("delegator", "P-2011"),
                ("startsOn", "2025-01-06"), ("endsOn", "2025-12-31"),
            ])
    }

    private mutating func powers() {
        add(
            "jurisdiction.delegated", "jurisdiction/JU-1", "2025-01-07",
            [
                ("delegatee", organisation("某镇综合执法队")), ("startsOn", "2025-01-07"),
                ("endsOn", "2025-02-20"),
            ])
        add(
            "jurisdiction.empowered", "jurisdiction/JU-2", "2025-01-08",
            [("township", organisation("某街道办事处"))])
        for (number, code) in StoryScript.graded.enumerated() {
            add(
                "jurisdiction.object-graded", "jurisdiction/JU-\(number + 3)", "2025-01-09",
                [("objectUscc", .string(code))])
        }
    }

    /// A power list, benchmarks and a normative document.
    private mutating func house() {
        add("power-list.drafted", "power-list/PL-1", "2025-01-09T11:00:00", [("version", "2025")])
        add(
            "power-list.approved", "power-list/PL-1", "2025-01-10",
            [("docNo", "杭应急〔2025〕1号")])
        add("power-list.published", "power-list/PL-1", "2025-01-10T11:00:00")
        add("power-list.adjusted", "power-list/PL-1", "2025-02-12")
        for (number, effective) in [(1, "2025-01-15"), (2, "2025-01-20")] {
            let stream = "discretion/DB-\(number)"
            add("discretion.legality-reviewed", stream, "2025-01-11", [("result", "合法")])
            add(
                "discretion.adopted", stream, "2025-01-12",
                [("docNo", .string("杭应急〔2025〕\(number + 1)号"))])
            add(
                "discretion.published", stream, "2025-01-13",
                [("effectiveOn", .string(effective))])
        }
        let stream = "normdoc/ND-1"
        add("normdoc.proposed", stream, "2025-01-14", [("title", "某办法")])
        add("normdoc.legality-reviewed", stream, "2025-01-15", [("result", "合法")])
        add("normdoc.deliberated", stream, "2025-01-16")
        add("normdoc.signed", stream, "2025-01-17", [("docNo", "杭应急〔2025〕9号")])
        add(
            "normdoc.registered", stream, "2025-01-18", [("registerNo", "ZJAC70-2025-0009")])
        add(
            "normdoc.published", stream, "2025-01-19",
            [("effectiveOn", "2025-01-20"), ("expiresOn", "2025-02-15")])
        add("discretion.repealed", "discretion/DB-2", "2025-02-13", [("repealedOn", "2025-02-13")])
    }

    // MARK: - Reports

    private mutating func reports() -> (first: String, last: String) {
        var ids: [String] = []
        for number in 1...3 {
            let stream = "report/RP-\(number)"
            let day = "2025-02-0\(number)"
            add(
                "report.received", stream, day,
                [
                    ("registerNo", .string("JB-2025-\(number)")),
                    ("objectName", "被举报公司"),
                    ("objectUscc", .string(StoryScript.graded[0])),
                    ("reportKind", "安全生产违法行为"), ("reporterKind", "实名社会公众"),
                ])
            add(
                "report.identity-sealed", stream, day + "T10:30:00",
                [("pseudonym", .string(StoryScript.pseudonym))],
                people: [StoryScript.person("P-2050", "vault-keeper")])
            add(
                "report.accepted", stream, day + "T11:00:00", [("acceptedOn", .string(day))])
            add(
                "report.assigned", stream, day + "T11:30:00",
                [("conflictChecked", .bool(number != 2)), ("due", "2025-02-20")])
            // Of the first, one of them has lost his certificate by then.
            let second = number == 1 ? "P-2003" : "P-2002"
            add(
                "report.verified", stream, "2025-02-1\(number)",
                [("verifiedOn", .string("2025-02-1\(number)")), ("materialShown", false)],
                people: [
                    StoryScript.person("P-2001", "officer"),
                    StoryScript.person(second, "officer"),
                ])
            let result: JSONValue = number == 3 ? "部分属实" : "不属实"
            ids.append(
                add(
                    "report.concluded", stream, "2025-02-1\(number)T12:00:00",
                    [("result", result)],
                    people: [StoryScript.person("P-2011", "signatory", post: "副局长")]))
            add("report.fed-back", stream, "2025-02-1\(number)T13:00:00")
        }
        add(
            "officer.recused", "officer/OF-1", "2025-02-14",
            [("relatedCase", "report/RP-1"), ("decidedOn", "2025-02-10"), ("appliedBy", "责令")])
        // What a reporter does himself, in ways in which nobody should enter it.
        for stream in ["report/RP-1", "report/RP-2"] {
            add(
                "report.review-requested", stream, "2025-02-15T11:00:00",
                by: StoryScript.reporter,
                people: [StoryScript.person(StoryScript.otherReporter, "reporter")])
        }
        let reward = "reward/RW-1"
        add(
            "reward.eligibility-checked", reward, "2025-02-16",
            [("report", "report/RP-1"), ("excludedStaff", false)])
        add("reward.amount-computed", reward, "2025-02-17")
        add("reward.approved", reward, "2025-02-18")
        return (ids[0], ids[2])
    }

    static let (reporter, otherReporter) = ("P-9998", "P-9999")
    static let pseudonym = "夜莺"

    // MARK: - The draw

    private mutating func draw() {
        let objects = StoryScript.digest(of: StoryScript.graded)
        let officers = StoryScript.digest(of: ["P-2001", "P-2002"])
        for number in 1...3 {
            let stream = "inspection-plan/IP-\(number)"
            let (task, seed) = ("T-\(number)", "种子\(number)")
            add("inspection-plan.random-list-published", stream, "2025-02-19")
            add(
                "inspection-plan.pool-frozen", stream, "2025-02-19T11:00:00",
                [
                    ("objectPool", .string(objects)), ("objectCount", 5),
                    ("officerPool", .string(officers)), ("officerCount", 2),
                ])
            // 40 per cent of five are two. The second draw is not what comes out, the third has
            // another seed than was committed to.
            let drawn = StoryScript.smallest(2, StoryScript.graded, "object", task, seed)
            let taken =
                number == 2
                ? Array(StoryScript.graded.filter { !drawn.contains($0) }.prefix(2)) : drawn
            let officer = StoryScript.smallest(1, ["P-2001", "P-2002"], "officer", task, seed)
            let commitment = number == 3 ? "别的" : seed
            add(
                "inspection-plan.drawn", stream, "2025-02-19T12:00:00",
                [
                    ("taskNo", .string(task)), ("seed", .string(seed)),
                    ("seedCommitment", .string(SHA256.digest(of: commitment.utf8).hex)),
                    ("algorithm", "hanqing-draw-1"), ("ratio", 40),
                    (
                        "objects",
                        .array(taken.map { ["name": "某公司", "uscc": .string($0)] })
                    ),
                ],
                people: officer.map { StoryScript.person($0, "officer") }
                    + [StoryScript.person("P-2060", "witness")])
        }
    }

    /// Section 4 of Specs/questions.md, by hand.
    static func digest(of pool: [String]) -> String {
        SHA256.digest(of: pool.sorted().reduce("") { $0 + $1 + "\n" }.utf8).hex
    }

    static func smallest(
        _ count: Int, _ pool: [String], _ kind: String, _ task: String, _ seed: String
    ) -> [String] {
        let marked = pool.map { member in
            let text = "hanqing-draw-1\n\(kind)\n\(task)\n\(seed)\n\(member)"
            return SHA256.digest(of: text.utf8).hex + " " + member
        }
        return marked.sorted().prefix(count).map { String($0.split(separator: " ")[1]) }
    }
}
