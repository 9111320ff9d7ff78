import CanonicalJSON
import Catalogue
import LedgerData
import Phrases
import Rules
import Testing

@Suite struct ExpressionTests {
    private static let comparisons: [(String, Truth)] = [
        ("amount == 500", .true), ("amount != 500", .false), ("amount < 500", .false),
        ("amount <= 500", .true), ("amount > 499", .true), ("amount >= 501", .false),
        ("500 == amount", .true), ("-1 < amount", .true), ("rate == 12.5", .true),
        ("name == \"a\"", .true), ("\"b\" == name", .false), ("isOpen == true", .true),
        ("isOpen", .true), ("isShut", .false), ("isOpen != isShut", .true),
        ("colour == \"红\"", .true), ("colour in [\"绿\"]", .false),
        ("colour in [\"绿\", \"红\"]", .true), ("amount in [1, -2, 500]", .true),
        ("colours has \"蓝\"", .true), ("colours has \"绿\"", .false),
        ("colours has colour", .true), ("colour in colours", .true),
        ("colours hasAny [\"绿\", \"蓝\"]", .true), ("colours hasAny [\"绿\"]", .false),
        ("[\"绿\", \"蓝\"] hasAny colours", .true), ("[\"红\"] has colour", .true),
        ("helper == last(filed).handler", .false), ("helpers has last(filed).handler", .true),
        ("helper in helpers", .true), ("number == last(filed).number", .true),
        ("number == \"杭应急罚（2025）12号\"", .false), ("number == \"杭应急罚【2025】12号\"", .true),
        ("other == last(filed).case", .false),
        ("moment == \"2025-03-14T01:00:00Z\"", .true), ("moment < \"2025-03-14T01:00:01Z\"", .true),
        ("count == 7", .true),
    ]

    private static let combinations: [(String, Truth)] = [
        ("isOpen and isShut", .false), ("isOpen or isShut", .true), ("not isShut", .true),
        ("isShut and isOpen or isOpen", .true), ("isShut and (isOpen or isOpen)", .false),
        ("not amount == 1 and isOpen", .true), ("not not isOpen", .true),
        ("(amount == 500) == isOpen", .true),
        ("1 + 2 * 3 == 7", .true), ("(1 + 2) * 3 == 9", .true), ("10 - 2 - 3 == 5", .true),
        ("--1 == 1", .true), ("amount * rate == 6250", .true), ("0.5 + 0.25 == 0.75", .true),
        ("9007199254740992 == 9007199254740992", .true), ("9007199254740990 + 1 > 0", .true),
        ("9007199254740992 + 1 > 0", .unknown), ("9007199254740992 * 2 > 0", .unknown),
    ]

    private static let events: [(String, Truth)] = [
        ("last(filed).name == \"last\"", .true), ("first(filed).name == \"first\"", .true),
        ("last(case.filed).amount == 200", .true), ("exists(filed)", .true),
        ("exists(never)", .false), ("exists(entry.noted)", .false), ("count(paid-in) == 3", .true),
        ("count(never) == 0", .true), ("count( filed )==2", .true),
        ("sum(paid-in).amount == 350", .true), ("sum(never).amount == 0", .true),
        ("sum(paid-in).amount + amount <= last(filed).amount * 5", .true),
        ("every(participants[role = \"officer\"]).order >= 1", .true),
        ("every(participants[role = officer]).order < 3", .false),
        ("every(participants[role = \"officer\"]).opinion == \"agree\"", .false),
        ("every(participants[role = \"officer\"]).opinion != \"abstain\"", .unknown),
        ("some(participants[role = \"officer\"]).opinion == \"disagree\"", .true),
        ("some(participants[role = \"officer\"]).opinion == \"abstain\"", .unknown),
        ("every(participants[role = \"guest\"]).opinion == \"agree\"", .true),
        ("some(participants[role = \"guest\"]).opinion == \"agree\"", .false),
        ("some(participants[role = \"officer\"]).person == last(filed).handler", .true),
        ("some(participants[role = \"attendee\"]).person in helpers", .false),
        ("every(participants[role = \"officer\"]).opinion in [\"agree\", \"disagree\"]", .unknown),
        ("count(participants[role = \"officer\"]) == 2", .true),
        ("count(participants[role = guest]) == 0", .true),
    ]

    private static let dates: [(String, Truth)] = [
        ("day == \"2025-03-14\"", .true), ("due > day", .true), ("\"2025-03-31\" == due", .true),
        ("last(filed).day == \"2025-02-28\"", .true), ("first(filed).day < last(filed).day", .true),
        ("first(filed).filedOn == \"2025-01-23\"", .true),
        ("addDays(day, 17) == due", .true), ("addDays(due, -17) == day", .true),
        ("addWorkdays(first(filed).day, 5) == \"2025-02-07\"", .true),
        ("addWorkdays(\"2025-02-08\", -5) == \"2025-01-26\"", .true),
        ("addWorkdays(\"2025-02-07\", -5) == \"2025-01-24\"", .true),
        ("addMonths(due, 1) == \"2025-04-30\"", .true),
        ("addYears(\"2024-02-29\", 1) == \"2025-02-28\"", .true),
        ("days(day, due) == 17", .true), ("days(due, day) == -17", .true),
        ("workdays(first(filed).day, \"2025-02-07\") == 5", .true),
        ("year(day) == 2025", .true), ("month(due) == 3", .true),
        ("due in [\"2025-03-30\", \"2025-03-31\"]", .true), ("days has due", .true),
        ("days has \"2025-03-02\"", .false), ("days hasAny [\"2025-03-01\"]", .true),
        ("addDays(day, 4000000) > day", .unknown), ("addDays(day, 0.5) > day", .unknown),
        ("addYears(day, 4000001) > day", .unknown), ("addDays(\"1900-01-01\", -1) < day", .unknown),
        ("addDays(\"9999-12-30\", 1) == \"9999-12-31\"", .true),
    ]

    /// What is missing makes a comparison unknown; what only asks whether it is there is known.
    private static let missing: [(String, Truth)] = [
        ("noNumber == 1", .unknown), ("noNumber != 1", .unknown), ("noText == \"a\"", .unknown),
        ("noNumber < 1", .unknown), ("noNumber + 1 > 0", .unknown), ("not isLost", .unknown),
        ("isLost", .unknown), ("isLost or isOpen", .true), ("isLost and isOpen", .unknown),
        ("isLost and isShut", .false), ("isLost or isShut", .unknown),
        ("noList has \"a\"", .unknown), ("noText in [\"a\"]", .unknown),
        ("noList hasAny [\"a\"]", .unknown), ("colours has \"红\" or isLost", .true),
        ("last(never).name == \"a\"", .unknown), ("last(never).day < day", .unknown),
        ("noDate < day", .unknown), ("addDays(noDate, 1) < day", .unknown),
        ("days(noDate, day) > 0", .unknown), ("year(noDate) == 2025", .unknown),
        ("empty(noText)", .true), ("empty(name)", .false), ("empty(last(never).name)", .true),
        ("empty(last(paid-in).names)", .true), ("empty(first(paid-in).names)", .true),
        ("empty(parts)", .true), ("empty(unit)", .false), ("empty(isShut)", .false),
        ("empty(isLost)", .true), ("empty(noNumber + 1)", .true), ("empty(amount)", .false),
        ("empty(last(filed).filedOn)", .true),
    ]

    @Test(arguments: comparisons + combinations + events + dates + missing)
    func `an expression comes to`(text: String, expected: Truth) throws {
        let context = try sampleContext()
        #expect(try truth(text, in: context) == expected)
        let opposite = try truth("not (\(text))", in: context)
        #expect(opposite == !expected)
    }

    @Test func `a value of another type than the catalogue's is there but unknown`() throws {
        let data: JSONValue = ["amount": "500", "colours": "红", "helpers": ["P-1", 2], "due": "x"]
        let context = TestContext(
            judged: try facts("case.judged", "2025-03-14", data), before: [])
        for text in ["amount == 500", "colours has \"红\"", "helper in helpers", "due == day"] {
            #expect(try truth(text, in: context) == .unknown, "\(text)")
        }
        for text in ["empty(amount)", "empty(colours)", "empty(helpers)", "empty(due)"] {
            #expect(try truth(text, in: context) == .false, "\(text)")
        }
    }

    @Test func `an expression tells what it depends on`() throws {
        let expression = try Expression(
            "amount + sum(paid-in).amount < first(filed).amount or exists(never) "
                + "or last(filed).day == due or count(participants[role = officer]) > 1",
            symbols: TestSymbols())
        #expect(expression.usedEvents == ["case.paid-in", "case.filed", "case.never"])
        #expect(
            expression.usedFields == [
                "case.judged": ["amount", "due"], "case.paid-in": ["amount"],
                "case.filed": ["amount"],
            ])
    }

    @Test func `an expression may be asked for a number`() throws {
        let calendar = try Embedded.calendar.get()
        func integer(_ text: String) throws -> Int64? {
            try Expression(text, as: .number, symbols: TestSymbols())
                .integer(in: try sampleContext(), calendar: calendar)
        }
        #expect(try integer("sum(paid-in).amount + amount") == 850)
        #expect(try integer("count(never)") == 0)
        #expect(try integer("noNumber * 2") == nil)
        #expect(try integer("rate") == nil, "it is no whole number")
        #expect(throws: ExpressionErrors.self) { try integer("isOpen") }
        #expect(throws: ExpressionErrors.self) {
            try Expression("amount", symbols: TestSymbols())
        }
        let condition = try Expression("isOpen", symbols: TestSymbols())
        #expect(condition.integer(in: try sampleContext(), calendar: calendar) == nil)
    }

    @Test func `an expression over two lines is printed on one`() throws {
        let expression = try Expression(
            " ( isOpen )and\n not(amount<( 1+2 ))", symbols: TestSymbols())
        #expect(expression.text == "isOpen and not amount < 1 + 2")
    }
}

@Suite struct ShippedExpressionTests {
    @Test func `every expression of the shipped catalogue is sound`() throws {
        let catalogue = try EventCatalogue(files: LedgerData.catalogueFiles)
        var count = 0
        for procedure in catalogue.procedures {
            let rules = procedure.rules.flatMap { rule in
                var conditions = [(rule.id, rule.event, rule.when)]
                if case .check(let check) = rule.demand {
                    conditions.append((rule.id, rule.event, check))
                }
                return conditions
            }
            let duties = procedure.duties.flatMap { duty in
                (duty.start.map { [(duty.id, $0, duty.when)] } ?? [])
                    + duty.to.map { (duty.id, $0, duty.fulfilledWhen) }
            }
            for case (let id, let event, .expression(let text)?) in rules + duties {
                count += 1
                let symbols = CatalogueSymbols(
                    catalogue, procedure: procedure.id, judged: event)
                do {
                    _ = try Expression(text, symbols: symbols)
                } catch {
                    for error in error.errors { Issue.record("\(id): \(text): \(error.phrase.zh)") }
                }
            }
        }
        #expect(count >= 25)
    }
}

extension Duty {
    /// The event that starts the clock, which its condition is about.
    fileprivate var start: String? {
        switch clock {
        case .term(_, let from, _), .dueField(_, let from, _): from
        case .annual, .once, .words: nil
        }
    }
}
