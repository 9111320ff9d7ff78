import CanonicalJSON
import Catalogue
import Records
import Rules
import Testing

/// Cases merged and split: what goes with them, and what does not.
@Suite struct CaseJoinsTests {
    private static let duty = "id: D, from: filed, to: [decided], atMost: 30, unit: natural"

    private func merged(_ time: String, into other: String) -> Act {
        Act("merged", time, [JSONMember("into", .string("case/\(other)"))])
    }

    private func divided(_ time: String, into others: String...) -> Act {
        Act(
            "divided", time,
            [JSONMember("parts", .array(others.map { .string("case/\($0)") }))])
    }

    private func dividedOff(_ time: String, from other: String) -> Act {
        Act("divided-off", time, [JSONMember("from", .string("case/\(other)"))])
    }

    /// Findings and standings of all cases, each by its stream's last letter: `A D overdue`.
    private func judged(
        _ cases: KeyValuePairs<String, [Act]>, _ book: RuleBook, now: String = "2026-12-31"
    ) throws -> (findings: [String], standings: [String]) {
        var histories: [String: CaseHistory] = [:]
        for (place, (name, acts)) in cases.enumerated() {
            let stream = "case/\(name)"
            histories[stream] = history(acts, stream: stream, from: place * 100)
        }
        var joins = CaseJoins(book)
        for history in histories.values { joins.take(history) }
        var (findings, standings) = ([String](), [String]())
        for (name, _) in cases {
            var history = try #require(histories["case/\(name)"])
            joins.join(
                &history, histories.filter { joins.related(to: history.stream).contains($0.key) })
            let found = CaseJudgement(
                history, book, registers: RegisterFold(), now: try moment(now))
            findings += found.findings.map(\.id)
            standings += found.standings.map { "\(name) \($0.duty.id) \($0.state)" }
        }
        return (findings, standings)
    }

    private func standings(
        _ cases: KeyValuePairs<String, [Act]>, now: String = "2026-12-31"
    ) throws -> [String] {
        try judged(cases, Bureau.book(duties: CaseJoinsTests.duty), now: now).standings
    }

    private let filed = Act("filed", "2025-03-03 09:00")

    // MARK: - Duties

    @Test func `what a merged case owes is done in the main case, after the merger`() throws {
        let merger = merged("2025-03-05 09:00", into: "B")
        let own = Act("filed", "2025-03-04 09:00")
        #expect(
            try standings([
                "A": [filed, merger], "B": [own, Act("decided", "2025-03-20 09:00")],
            ]) == ["A D met", "B D met"])
        #expect(
            try standings([
                "A": [filed, merger], "B": [own, Act("decided", "2025-04-03 09:00")],
            ]) == ["A D late", "B D met"], "its own clock runs on, from its own start")
        #expect(
            try standings(["A": [filed, merger], "B": [own]])
                == ["A D overdue", "B D overdue"])
        #expect(
            try standings([
                "A": [filed, merger], "B": [own, Act("decided", "2025-03-04 10:00")],
            ]) == ["A D overdue", "B D met"], "what was decided before was about the other alone")
        #expect(
            try standings([
                "A": [filed, Act("decided", "2025-03-04 09:00"), merger], "B": [own],
            ]) == ["A D met", "B D overdue"])
    }

    @Test func `what a split case owes is owed in each part, and the worst counts`() throws {
        let split = divided("2025-03-05 09:00", into: "B", "C")
        func judged(_ first: String?, _ second: String?) throws -> [String] {
            try standings([
                "A": [filed, split],
                "B": first.map { [Act("decided", $0)] } ?? [Act("noticed", "2025-03-06 09:00")],
                "C": second.map { [Act("decided", $0)] } ?? [Act("noticed", "2025-03-06 09:00")],
            ])
        }
        #expect(try judged("2025-03-20 09:00", "2025-03-21 09:00") == ["A D met"])
        #expect(try judged("2025-03-20 09:00", "2025-06-01 09:00") == ["A D late"])
        #expect(try judged("2025-03-20 09:00", nil) == ["A D overdue"])
        #expect(try judged(nil, nil) == ["A D overdue"])
    }

    @Test func `the word of the case that goes on is enough`() throws {
        #expect(
            try standings([
                "A": [filed],
                "B": [
                    dividedOff("2025-03-05 09:00", from: "A"), Act("decided", "2025-03-20 09:00"),
                ],
            ]) == ["A D met"])
    }

    @Test func `a case goes on from case to case`() throws {
        #expect(
            try standings([
                "A": [filed, merged("2025-03-05 09:00", into: "B")],
                "B": [divided("2025-03-06 09:00", into: "C", "E")],
                "C": [Act("decided", "2025-03-20 09:00")],
                "E": [Act("decided", "2025-03-25 09:00")],
            ]) == ["A D met"])
    }

    @Test func `an extension and a pause in the main case count for what moved there`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: filed, to: [decided], atMost: 30, unit: natural, "
                + "extension: {by: [extended], until: newDue}")
        let found = try judged(
            [
                "A": [filed, merged("2025-03-05 09:00", into: "B")],
                "B": [
                    Act("extended", "2025-03-20 09:00", [JSONMember("newDue", "2025-06-30")]),
                    Act("decided", "2025-06-30 09:00"),
                ],
            ], book)
        #expect(found.standings == ["A D met"])
    }

    @Test func `merging into a case that does not exist frees nobody`() throws {
        #expect(
            try standings(["A": [filed, merged("2025-03-05 09:00", into: "none")]])
                == ["A D overdue"])
        #expect(
            try standings([
                "A": [filed, divided("2025-03-05 09:00", into: "B", "none")],
                "B": [Act("decided", "2025-03-20 09:00")],
            ]) == ["A D overdue"])
    }

    @Test func `cases that name each other come to an end`() throws {
        #expect(
            try standings([
                "A": [filed, merged("2025-03-05 09:00", into: "B")],
                "B": [merged("2025-03-06 09:00", into: "A"), Act("decided", "2025-03-20 09:00")],
            ]) == ["A D met"])
        #expect(
            try standings(["A": [filed, merged("2025-03-05 09:00", into: "A")]]) == ["A D overdue"])
    }

    // MARK: - Rules

    private func broken(
        _ rule: String, _ cases: KeyValuePairs<String, [Act]>
    ) throws -> [String] {
        try judged(
            cases,
            Bureau.book(
                rules: rule.split(separator: "\n").map { "\($0), level: flag" }
                    .joined(separator: "\n"))
        ).findings
    }

    @Test func `what came before the split is seen in the part, and nothing after it`() throws {
        let rule = "id: R, event: decided, requires: [filed]"
        let part = [dividedOff("2025-03-05 09:00", from: "A"), Act("decided", "2025-03-20 09:00")]
        #expect(try broken(rule, ["A": [filed], "B": part]) == [])
        #expect(
            try broken(rule, ["A": [Act("filed", "2025-03-06 09:00")], "B": part]) == ["R@101"])
        #expect(try broken(rule, ["A": [filed], "B": [part[1]]]) == ["R@100"])
    }

    @Test func `a condition asks the case itself first`() throws {
        let rule = "id: R, event: decided, check: last(filed).amount > 5"
        let small = Act("filed", "2025-03-03 09:00", [JSONMember("amount", 1)])
        let large = Act("filed", "2025-03-02 09:00", [JSONMember("amount", 9)])
        let merger = merged("2025-03-05 09:00", into: "B")
        let decided = Act("decided", "2025-03-20 09:00")
        #expect(try broken(rule, ["A": [small, merger], "B": [decided]]) == ["R@100"])
        #expect(try broken(rule, ["A": [small, merger], "B": [large, decided]]) == [])
    }

    @Test func `persons of the merged case are kept apart too`() throws {
        let rule =
            "id: R, event: decided, "
            + "participants: {role: reviewer, apartFrom: {event: filed, role: officer}}"
        let cases: KeyValuePairs<String, [Act]> = [
            "A": [filed.by("officer", "P-1"), merged("2025-03-05 09:00", into: "B")],
            "B": [Act("decided", "2025-03-20 09:00").by("reviewer", "P-1")],
        ]
        #expect(try broken(rule, cases) == ["R@100"])
    }

    @Test func `two merged cases were each filed once, and the end of one ends not the other`()
        throws
    {
        let rules = """
            id: R1, event: filed, atMostOnce: true
            id: R2, event: decided, forbids: [heard]
            id: R3, event: closed, terminal: [merged]
            """
        let cases: KeyValuePairs<String, [Act]> = [
            "A": [
                filed, Act("heard", "2025-03-03 10:00"), Act("closed", "2025-03-04 09:00"),
                merged("2025-03-05 09:00", into: "B"),
            ],
            "B": [Act("filed", "2025-03-04 09:00"), Act("decided", "2025-03-20 09:00")],
        ]
        #expect(try broken(rules, cases) == [])
    }

    // MARK: - Matches, former names

    @Test func `an end that names something else is no end`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: noticed, to: [heard], atMost: 30, unit: natural, "
                + "matches: {from: number, to: numbers}")
        let noticed = Act("noticed", "2025-03-03 09:00", [JSONMember("number", "杭〔2025〕1号")])
        func judged(_ numbers: [String]?) throws -> DutyStanding.State {
            let named = numbers.map {
                [JSONMember("numbers", .array($0.map { .string($0) }))]
            }
            return try state(
                [noticed, Act("heard", "2025-03-10 09:00", named ?? [])], book, now: "2026-01-01"
            ).0
        }
        #expect(try judged(["杭〔2025〕1号"]) == .met)
        #expect(try judged(["杭〔2025〕2号", "杭[2025] 1号"]) == .met, "one of them, however written")
        #expect(try judged(["杭〔2025〕2号"]) == .overdue)
        #expect(try judged(nil) == .met, "nothing is known to differ")
    }

    @Test func `an entry of a former type is judged as one of the type that replaces it`() throws {
        let book = try Bureau.book(
            rules: "id: R, event: closed, requires: [served], level: flag",
            duties: "id: D, from: filed, to: [served], atMost: 30, unit: natural")
        let old = Act("handed-over", "2025-03-10 09:00")
        let acts = [filed, old, Act("closed", "2025-03-11 09:00")]
        #expect(try findings(acts, book) == [])
        #expect(try findings([acts[0], acts[2]], book) == ["R@1", "D@0"])
    }
}
