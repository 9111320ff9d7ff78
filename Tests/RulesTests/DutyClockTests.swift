import CanonicalJSON
import Catalogue
import Records
import Rules
import Testing

/// 2025: 1 to 4 May are off, and 5 May; 27 April is worked.
@Suite struct DutyClockTests {
    private let filed = Act("filed", "2025-04-24 10:00")

    @Test func `a ceiling is met on its last day and missed on the next`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: filed, to: [decided], atMost: 7, unit: workday")
        // 25, 27, 28, 29, 30 April, 6 and 7 May.
        func judged(_ day: String) throws -> DutyStanding.State {
            try state([filed, Act("decided", "\(day) 23:59")], book, now: "2025-12-31").0
        }
        #expect(try judged("2025-05-07") == .met)
        #expect(try judged("2025-05-08") == .late)
        #expect(try state([filed], book, now: "2025-05-07") == (.running, "2025-05-07"))
        #expect(try state([filed], book, now: "2025-05-08") == (.overdue, "2025-05-07"))
        #expect(try findings([filed], book, now: "2025-05-08") == ["D@0"])
        #expect(
            try findings([filed, Act("decided", "2025-05-08 00:00")], book) == ["D@0"])
    }

    @Test func `a floor is kept from its first permitted day on, and is nothing owed`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: noticed, to: [heard], atLeast: 7, unit: workday")
        let noticed = Act("noticed", "2025-04-24 10:00")
        func judged(_ day: String) throws -> DutyStanding.State {
            try state([noticed, Act("heard", "\(day) 00:00")], book, now: "2025-12-31").0
        }
        #expect(try judged("2025-05-07") == .met)
        #expect(try judged("2025-05-06") == .early)
        #expect(try state([noticed], book, now: "2026-05-06").0 == .running)
    }

    @Test func `hours run by the clock`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: filed, to: [noticed], atMost: 24, unit: hour")
        func judged(_ time: String) throws -> DutyStanding.State {
            try state([filed, Act("noticed", time)], book, now: "2025-12-31").0
        }
        #expect(try judged("2025-04-25 10:00") == .met)
        #expect(try judged("2025-04-25 10:01") == .late)
        #expect(try judged("2025-04-25") == .met, "it may have been before ten")
        #expect(try judged("2025-04-26") == .late)
    }

    @Test func `the clock starts on the day that a field names`() throws {
        let book = try Bureau.book(
            duties:
                "id: D, from: filed, clockField: filedOn, to: [decided], atMost: 3, unit: natural")
        let act = Act("filed", "2025-03-20 10:00", [JSONMember("filedOn", "2025-03-10")])
        #expect(try state([act], book, now: "2025-03-10").due == "2025-03-13")
    }

    @Test func `a due day that a field names, and one before it`() throws {
        let act = Act("filed", "2025-01-10 10:00", [JSONMember("due", "2025-06-30")])
        let plain = try Bureau.book(duties: "id: D, from: filed, dueField: due, to: [decided]")
        #expect(try state([act], plain, now: "2025-02-01") == (.running, "2025-06-30"))
        let before = try Bureau.book(
            duties: "id: D, from: filed, dueField: due, atLeast: 6, unit: month, to: [decided]")
        #expect(try state([act], before, now: "2025-02-01").due == "2024-12-30")
    }

    @Test(arguments: [
        (
            "pauses: [suspended]",
            [Act("suspended", "2025-04-25 10:00"), Act("resumed", "2025-04-29 10:00")]
        ),
        (
            "pauses: [{event: suspended, until: [resumed]}]",
            [
                Act("suspended", "2025-04-25 10:00"), Act("heard", "2025-04-26 10:00"),
                Act("resumed", "2025-04-29 10:00"),
            ]
        ),
        (
            "pauses: [{event: appraised, fromField: from, toField: to}]",
            [
                Act(
                    "appraised", "2025-04-30 10:00",
                    [JSONMember("from", "2025-04-25"), JSONMember("to", "2025-04-29")])
            ]
        ),
        (
            "pauses: [{event: appraised, daysField: days}]",
            [Act("appraised", "2025-04-25 10:00", [JSONMember("days", 4)])]
        ),
    ])
    func `a pause of four days moves the last day by four`(pauses: String, acts: [Act]) throws {
        let book = try Bureau.book(
            duties: "id: D, from: filed, to: [decided], atMost: 90, unit: natural, \(pauses)")
        #expect(
            try state([filed] + acts, book, now: "2025-05-01").due == "2025-07-28", "27 July rolls")
        #expect(try state([filed], book, now: "2025-05-01").due == "2025-07-23")
    }

    @Test func `a pause that lasts keeps the clock standing`() throws {
        let book = try Bureau.book(
            duties: """
                id: D, from: filed, to: [decided], atMost: 90, unit: natural, \
                pauses: [{event: suspended, until: [resumed]}]
                """)
        let paused = try state(
            [filed, Act("suspended", "2025-04-25 10:00")], book, now: "2026-04-25")
        #expect(paused.0 == .paused)
        #expect(paused.due == nil)
    }

    @Test func `restarts, extensions, lapses and deemed results`() throws {
        let restart = try Bureau.book(
            duties:
                "id: D, from: filed, to: [decided], atMost: 20, unit: natural, restarts: [heard]")
        #expect(
            try state([filed, Act("heard", "2025-05-12 10:00")], restart, now: "2025-05-13").due
                == "2025-06-03", "1 June is a Sunday, and Monday is off")
        let until = try Bureau.book(
            duties: """
                id: D, from: filed, to: [decided], atMost: 20, unit: natural, \
                extension: {by: [extended], until: newDue}
                """)
        let extended = Act("extended", "2025-05-12 10:00", [JSONMember("newDue", "2025-08-20")])
        #expect(try state([filed, extended], until, now: "2025-05-13").due == "2025-08-20")
        let longer = try Bureau.book(
            duties: """
                id: D, from: filed, to: [decided], atMost: 60, unit: natural, \
                extension: {by: [extended], atMost: 30, unit: natural}
                """)
        #expect(try state([filed, extended], longer, now: "2025-05-13").due == "2025-07-23")
        let lapses = try Bureau.book(
            duties: "id: D, from: filed, to: [decided], atMost: 2, unit: natural, lapses: [closed]")
        #expect(
            try state([filed, Act("closed", "2025-06-12 10:00")], lapses, now: "2025-12-31").0
                == .lapsed)
        let deemed = try Bureau.book(
            duties: """
                id: D, from: filed, to: [decided], atMost: 2, unit: natural, \
                deemed: {zh: 视为准予, en: deemed granted}
                """)
        #expect(try state([filed], deemed, now: "2025-12-31").0 == .deemed)
        #expect(try findings([filed], deemed) == [])
    }

    @Test func `conditions on the start and on the end`() throws {
        let book = try Bureau.book(
            duties: """
                id: D, from: filed, to: [decided], atMost: 2, unit: natural, \
                when: needsHearing == true, fulfilledWhen: amount > 0
                """)
        #expect(try findings([filed], book) == [])
        let needing = Act("filed", "2025-04-24 10:00", [JSONMember("needsHearing", true)])
        let empty = Act("decided", "2025-04-25 10:00")
        let full = Act("decided", "2025-04-25 10:00", [JSONMember("amount", 1)])
        #expect(try findings([needing, empty], book) == ["D@0"])
        #expect(try findings([needing, full], book) == [])
    }

    @Test func `what another owes is shown and is no finding`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: noticed, to: [appealed], atMost: 2, unit: natural, dutyOf: party")
        let noticed = Act("noticed", "2025-04-24 10:00")
        #expect(try state([noticed], book, now: "2025-12-31").0 == .overdue)
        #expect(try findings([noticed], book) == [])
    }

    @Test func `a year whose calendar is not notified makes the day provisional`() throws {
        let book = try Bureau.book(
            duties: "id: D, from: filed, to: [decided], atMost: 5, unit: workday")
        let late = CaseJudgement(
            history([Act("filed", "2026-12-30 10:00")]), book, registers: RegisterFold(),
            now: try moment("2026-12-30"))
        #expect(late.standings.first?.isProvisional == true)
        let early = CaseJudgement(
            history([filed]), book, registers: RegisterFold(), now: try moment("2026-12-30"))
        #expect(early.standings.first?.isProvisional == false)
    }

    @Test func `an entry made too late is a finding, a batch of them is not many`() throws {
        let book = try Bureau.book(lateEntry: "  lateEntry: {atMost: 5, unit: workday}\n")
        // 6, 7, 10, 11 and 12 March.
        let act = Act("filed", "2025-03-05 10:00")
        #expect(try findings([act.recorded(on: "2025-03-12")], book) == [])
        #expect(try findings([act.recorded(on: "2025-03-13")], book) == ["late-entry@0"])
        #expect(try findings([act.recorded(on: "2025-03-13").inBatch("late-1")], book) == [])
    }

    @Test func `yearly duties run from the year that somebody says`() throws {
        let book = try Bureau.book(
            duties: """
                id: Y, to: [served], annual: {by: 03-31, ofNextYear: true}
                id: H, to: [heard], annual: {from: 07-01, by: 12-31, count: 2}
                id: O, to: [closed], once: 2025-12-31
                """)
        func standings(_ acts: [Act], now: String) throws -> [String] {
            var yearly = YearlyDuties(book)
            yearly.take(
                history(
                    [Act("card.started", "2025-01-02", [JSONMember("year", 2025)])],
                    stream: "card/C-1"))
            yearly.take(history(acts, from: 10))
            return yearly.standings(now: try moment(now)).map { "\($0.id) \($0.state.rawValue)" }
        }
        let none = YearlyDuties(book).standings(now: try moment("2026-12-31"))
        #expect(none.isEmpty, "nobody has said since when")
        #expect(
            try standings([], now: "2026-04-01")
                == ["Y@2025 overdue", "H@2025 overdue", "O@2025 overdue"])
        let acts = [
            Act("heard", "2025-07-01"), Act("heard", "2025-12-31"), Act("closed", "2025-12-31"),
            Act("served", "2026-03-31"),
        ]
        #expect(
            try standings(acts, now: "2026-04-01") == ["Y@2025 met", "H@2025 met", "O@2025 met"])
        #expect(
            try standings([Act("served", "2026-04-01")], now: "2026-04-01").first == "Y@2025 late")
    }

    @Test func `29 February is the last day of the month, and what comes in the next year is its`()
        throws
    {
        let book = try Bureau.book(duties: "id: Y, to: [served], annual: {by: 02-29}")
        var yearly = YearlyDuties(book)
        yearly.take(
            history(
                [Act("card.started", "2023-01-02", [JSONMember("year", 2023)])],
                stream: "card/C-1"))
        yearly.take(history([Act("served", "2024-02-29"), Act("served", "2025-03-01")], from: 10))
        let found = yearly.standings(now: try moment("2025-12-31")).map {
            "\($0.id) \($0.state.rawValue)"
        }
        #expect(found == ["Y@2023 overdue", "Y@2024 met", "Y@2025 late"])
    }

    @Test func `a finding is answered, but not by those whom it concerns`() throws {
        let book = try Bureau.book(rules: "id: R, event: decided, requires: [noticed], level: flag")
        let decided = Act("decided", "2025-03-11 09:00").by("officer", "P-1").entered(by: "P-2")
        func answered(_ type: String, by person: String) throws -> Finding.State? {
            let answer = Act("finding.\(type)", "2025-03-12 09:00", [JSONMember("finding", "R@0")])
            return CaseJudgement(
                history([decided, answer.entered(by: person)]), book, registers: RegisterFold(),
                now: try moment("2025-12-31")
            ).findings.first?.state
        }
        #expect(try answered("dismissed", by: "P-7") == .dismissed)
        #expect(try answered("dismissed", by: "P-1") == .open)
        #expect(try answered("dismissed", by: "P-2") == .open)
        #expect(try answered("explained", by: "P-1") == .explained)
    }
}
