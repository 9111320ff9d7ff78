import CanonicalJSON
import Catalogue
import Merkle
import Phrases
import Rules
import TestKit
import Testing

@Suite struct RuleJudgeTests {
    /// Each demand, an order that keeps it and one that breaks it, judged as a finding.
    @Test(arguments: [
        (
            "id: R, event: decided, requires: [noticed], level: flag",
            ["filed", "noticed", "decided"], ["filed", "decided", "noticed"], 1
        ),
        (
            "id: R, event: decided, requiresAny: [noticed, heard], level: flag",
            ["heard", "decided"], ["filed", "decided"], 1
        ),
        (
            "id: R, event: noticed, forbids: [decided], level: flag", ["noticed", "decided"],
            ["decided", "noticed"], 1
        ),
        (
            "id: R, event: decided, atMostOnce: true, level: flag", ["decided"],
            ["decided", "filed", "decided"], 2
        ),
        (
            "id: R, event: closed, terminal: [served], level: flag", ["closed", "served"],
            ["closed", "served", "heard"], 2
        ),
        (
            "id: R, event: decided, check: exists(heard), level: flag", ["heard", "decided"],
            ["decided"], 0
        ),
        (
            "id: R, event: decided, requires: [heard], when: exists(filed), level: flag",
            ["decided"], ["filed", "decided"], 1
        ),
    ])
    func `a demand is kept or broken`(
        rule: String, sound: [String], broken: [String], at place: Int
    ) throws {
        let book = try Bureau.book(rules: rule)
        #expect(try findings(daily(sound), book) == [])
        #expect(try findings(daily(broken), book) == ["R@\(place)"])
    }

    private func daily(_ types: [String]) -> [Act] {
        types.enumerated().map { Act($1, "2025-03-1\($0) 09:00") }
    }

    @Test func `what is done in order and entered late is not out of order`() throws {
        let book = try Bureau.book(rules: "id: R, event: decided, requires: [noticed], level: flag")
        let late = [Act("decided", "2025-03-12 09:00"), Act("noticed", "2025-03-11 09:00")]
        #expect(try findings(late, book) == [])
        let wrong = [Act("noticed", "2025-03-12 09:00"), Act("decided", "2025-03-11 09:00")]
        #expect(try findings(wrong, book) == ["R@1"])
    }

    @Test func `where only the day is known the order within it is no breach`() throws {
        let requires = try Bureau.book(
            rules: "id: R, event: decided, requires: [noticed], level: flag")
        let forbids = try Bureau.book(
            rules: "id: R, event: noticed, forbids: [decided], level: flag")
        for acts in [
            [Act("decided", "2025-03-12"), Act("noticed", "2025-03-12 23:00")],
            [Act("decided", "2025-03-12 01:00"), Act("noticed", "2025-03-12")],
        ] {
            #expect(try findings(acts, requires) == [])
            #expect(try findings(acts, forbids) == [])
        }
        let later = [Act("decided", "2025-03-12"), Act("noticed", "2025-03-13")]
        #expect(try findings(later, requires) == ["R@0"])
        #expect(try findings(later, forbids) == ["R@1"])
    }

    @Test func `an unknown condition is no breach`() throws {
        let book = try Bureau.book(
            rules: "id: R, event: decided, check: amount <= last(filed).amount, level: flag")
        let known = [
            Act("filed", "2025-03-10 09:00", [JSONMember("amount", 5)]),
            Act("decided", "2025-03-11 09:00", [JSONMember("amount", 6)]),
        ]
        #expect(try findings(known, book) == ["R@1"])
        let unknown = [Act("filed", "2025-03-10 09:00"), known[1]]
        #expect(try findings(unknown, book) == [])
    }

    @Test func `a correction and a withdrawal are judged anew`() throws {
        let book = try Bureau.book(
            rules: "id: R, event: decided, check: amount <= 10, level: flag")
        let wrong = Act("decided", "2025-03-11 09:00", [JSONMember("amount", 60)])
        #expect(try findings([wrong], book) == ["R@0"])
        let corrected = Act(
            "entry.corrected", "2025-03-12 09:00",
            [
                JSONMember("corrects", ["seq": 0]),
                JSONMember("corrected", ["amount": 6]),
            ])
        #expect(try findings([wrong, corrected], book) == [])
        let withdrawn = Act(
            "entry.withdrawn", "2025-03-12 09:00", [JSONMember("withdraws", ["seq": 0])])
        #expect(try findings([wrong, withdrawn], book) == [])
    }

    @Test func `a rule applies by the law in force on the day of the act`() throws {
        let rules = """
            id: NEW, event: decided, requires: [heard], level: flag
            """
        let book = try Bureau.book(rules: rules)
        #expect(try findings([Act("decided", "2021-07-14 23:59")], book) == [])
        #expect(try findings([Act("decided", "2021-07-15 00:00")], book) == ["NEW@0"])
    }

    @Test func `participants: how many, who else, and with which certificate`() throws {
        let rules = """
            id: MIN, event: decided, participants: {role: officer, min: 2}, level: flag
            id: APART, event: heard, level: flag, \
            participants: {role: reviewer, apartFrom: {event: filed, role: officer}}
            id: HOLDS, event: decided, level: flag, \
            participants: {role: officer, holds: certificate}
            """
        let book = try Bureau.book(rules: rules)
        var registers = RegisterFold()
        for (person, stream) in [("P-1", "card/C-1"), ("P-2", "card/C-2")] {
            registers.take(
                history(
                    [
                        Act(
                            "card.registered", "2024-01-01", [JSONMember("person", .string(person))]
                        ),
                        Act(
                            "card.issued", "2024-02-01", [JSONMember("validUntil", "2025-06-30")]),
                    ], stream: stream), book)
        }
        let sound = [
            Act("filed", "2025-03-10 09:00").by("officer", "P-1"),
            Act("heard", "2025-03-11 09:00").by("reviewer", "P-3"),
            Act("decided", "2025-03-12 09:00").by("officer", "P-1", "P-2"),
        ]
        #expect(try findings(sound, book, registers: registers) == [])
        let same = [
            sound[0], Act("heard", "2025-03-11 09:00").by("reviewer", "P-1"),
            Act("decided", "2025-03-12 09:00").by("officer", "P-1", "P-1"),
        ]
        #expect(try findings(same, book, registers: registers) == ["APART@1", "MIN@2"])
        let expired = [sound[0], Act("decided", "2025-07-01 09:00").by("officer", "P-1", "P-2")]
        #expect(try findings(expired, book, registers: registers) == ["HOLDS@1"])
        let unknown = [sound[0], Act("decided", "2025-03-12 09:00").by("officer", "P-1", "P-7")]
        #expect(try findings(unknown, book, registers: registers) == ["HOLDS@1"])
        let found = CaseJudgement(
            history(unknown), book, registers: registers, now: try moment("2027-12-31"))
        for finding in found.findings {
            #expect(finding.what.en.contains("P-7") && finding.what.zh.contains("P-7"))
            let (en, zh) = (finding.whatOfAnybody.en, finding.whatOfAnybody.zh)
            #expect(en.contains("somebody") && !en.contains("P-7"))
            #expect(zh.contains("有人") && !zh.contains("P-7"))
        }
    }

    @Test func `a gate looks at what is recorded, and lets assertions and others' acts pass`()
        throws
    {
        let rules = """
            id: R, event: decided, requires: [noticed], level: refuse, quote: 未经告知不得决定
            id: F, event: decided, requires: [heard], level: flag
            """
        let book = try Bureau.book(rules: rules)
        func refused(_ acts: [Act]) -> [String] {
            RuleJudge(book, history(acts), registers: RegisterFold()).refusals().map { $0.rule.id }
        }
        let decided = Act("decided", "2025-03-11 09:00")
        #expect(refused([decided]) == ["R"])
        #expect(refused([Act("noticed", "2025-03-12 09:00"), decided]) == [], "recorded is enough")
        #expect(refused([decided.asserted()]) == [])
        #expect(try findings([decided.asserted()], book) == ["R@0", "F@0"])
        #expect(refused([Act("appealed", "2025-03-11 09:00")]) == [])
        #expect(book.hasGate("case.decided"))
        #expect(!book.hasGate("case.filed"))
    }

    @Test func `a rule reaches into cases that are named`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: decided, to: [card.pushed], atMost: 7, unit: workday")
        var links = CaseLinks(book)
        let pushed = history(
            [Act("card.pushed", "2025-03-14 09:00", [JSONMember("case", "case/K-1")])],
            stream: "card/C-5", from: 50)
        links.take(pushed)
        #expect(links.cases(of: "case/K-1") == ["card/C-5"])
        var decided = history([Act("decided", "2025-03-11 09:00")])
        let now = try moment("2025-12-31")
        let alone = CaseJudgement(decided, book, registers: RegisterFold(), now: now)
        #expect(alone.standings.map(\.state) == [.overdue])
        decided.link([pushed])
        let linked = CaseJudgement(decided, book, registers: RegisterFold(), now: now)
        #expect(linked.standings.map(\.state) == [.met])
        #expect(linked.standings.first?.end == 50)
    }

    @Test func `what was recorded is judged by the catalogue in force at its record`() throws {
        let old = try Bureau.book(rules: "id: A, event: decided, requires: [noticed], level: flag")
        let new = try Bureau.book(rules: "id: B, event: decided, requires: [heard], level: flag")
        let acts = [Act("decided", "2025-03-10 09:00"), Act("decided", "2025-03-11 09:00")]
        func found(_ shelf: RuleShelf) throws -> [String] {
            CaseJudgement(
                history(acts), shelf, registers: RegisterFold(), now: try moment("2025-12-31")
            ).findings.map(\.id)
        }
        #expect(try found(RuleShelf(new, earlier: [(0, old)], from: 1)) == ["A@0", "B@1"])
        #expect(try found(RuleShelf(new)) == ["B@0", "B@1"])
        #expect(try found(RuleShelf(new, earlier: [(0, old)], from: 2)) == ["A@0", "A@1"])
    }

    /// The order of record changes no finding about acts.
    @Test(arguments: 0..<40)
    func `acts recorded in any order give the same findings`(seed: UInt64) throws {
        let rules = """
            id: A, event: decided, requires: [noticed], level: flag
            id: B, event: noticed, forbids: [decided], level: flag
            id: C, event: decided, check: count(heard) <= 1, level: flag
            id: E, event: closed, terminal: [served], level: flag
            """
        let book = try Bureau.book(
            rules: rules, duties: "id: D, from: filed, to: [decided], atMost: 2, unit: workday")
        var random = Seeded(seed: seed)
        let types = ["filed", "noticed", "heard", "decided", "served", "closed"]
        let acts = (0..<7).map { place in
            Act(
                types[Int.random(in: 0..<types.count, using: &random)],
                "2025-03-1\(Int.random(in: 0...5, using: &random)) 0\(place):00")
        }
        func kinds(_ acts: [Act]) throws -> [String] {
            let judged = CaseJudgement(
                history(acts), book, registers: RegisterFold(), now: try moment("2026-01-01"))
            return judged.findings.map { "\($0.rule) \($0.day) \($0.what.en)" }.sorted()
        }
        let expected = try kinds(acts)
        #expect(try kinds(acts.shuffled(using: &random)) == expected, "seed \(seed)")
        #expect(try kinds(acts.reversed()) == expected, "seed \(seed)")
    }
}
