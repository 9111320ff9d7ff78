import CanonicalJSON
import Catalogue
import LedgerData
import Records
import Rules
import TestKit
import Testing

/// The calendar that is embedded in the program.
enum Embedded {
    static let calendar = Result { try WorkCalendar(json: LedgerData.calendar) }
}

/// The number of a date.
func day(_ text: String) throws -> Int {
    try #require(CivilDateText.read(text)).dayNumber
}

func text(_ day: Int) -> String { CivilDate(dayNumber: day).text }

@Suite struct WorkCalendarTests {
    private let calendar: WorkCalendar

    init() throws {
        calendar = try Embedded.calendar.get()
    }

    private func end(
        _ start: String, _ bound: Term.Bound, _ amount: Int, _ unit: TimeUnit,
        pauses: [(String, String?)] = []
    ) throws -> String {
        let stops = try pauses.map { Pause(start: try day($0), end: try $1.map(day)) }
        let term = Term(bound: bound, amount: amount, unit: unit)
        switch calendar.end(of: term, after: try day(start), pauses: stops) {
        case .day(let day, let isProvisional): return text(day) + (isProvisional ? "?" : "")
        case .paused(let since): return "paused " + text(since)
        case nil: return "hours"
        }
    }

    @Test func `the calendar's own vectors hold`() throws {
        let document = try JSONValue(parsing: LedgerData.calendar)
        let vectors = try #require(document["test_vectors"]?.array)
        #expect(vectors.count == 7)
        for vector in vectors {
            let start = try #require(vector["from"]?.string)
            let unit = try #require(vector["unit"]?.string.flatMap(TimeUnit.init))
            let amount = Int(try #require(vector["n"]?.integer))
            let due = try #require(vector["due"]?.string)
            #expect(try end(start, .atMost, amount, unit) == due, "\(vector.canonicalText)")
            if let unrolled = vector["due_unrolled"]?.string {
                #expect(try end(start, .atLeast, amount, unit) == unrolled)
            }
        }
    }

    @Test(arguments: [
        ("2021-01-04", true), ("2021-02-07", true), ("2021-02-11", false), ("2021-02-13", false),
        ("2026-01-02", false), ("2026-01-04", true), ("2020-10-01", true), ("2027-01-01", true),
        ("2027-01-02", false),
    ])
    func `a day is a workday or off`(date: String, isWorkday: Bool) throws {
        #expect(calendar.isWorkday(try day(date)) == isWorkday)
    }

    @Test func `only the notified years are certain`() throws {
        #expect(text(calendar.notified.lowerBound) == "2021-01-01")
        #expect(text(calendar.notified.upperBound) == "2026-12-31")
        #expect(calendar.isProvisional(try day("2020-12-31")))
        #expect(!calendar.isProvisional(try day("2021-01-01")))
        #expect(!calendar.isProvisional(try day("2026-12-31")))
        #expect(calendar.isProvisional(try day("2027-01-01")))
    }

    @Test(arguments: [
        // Months and years end on the day of the same number, or on the last of the month.
        ("2025-01-31", Term.Bound.atMost, 1, TimeUnit.month, "2025-02-28"),
        ("2024-01-31", .atMost, 1, .month, "2024-02-29"),
        ("2024-02-29", .atMost, 1, .year, "2025-02-28"),
        ("2025-04-15", .atMost, 6, .month, "2025-10-15"),
        // The last day is off and rolls, but that of a floor does not.
        ("2025-09-01", .atMost, 1, .month, "2025-10-09"),
        ("2025-09-01", .atLeast, 1, .month, "2025-10-01"),
        ("2023-09-20", .atLeast, 15, .natural, "2023-10-05"),
        ("2024-10-01", .atMost, 1, .year, "2025-10-09"),
        // The last day is a make-up workday.
        ("2025-09-26", .atMost, 2, .natural, "2025-09-28"),
        // A floor in workdays is the same day as a ceiling.
        ("2025-01-24", .atLeast, 5, .workday, "2025-02-07"),
        // A term of nothing is the day itself.
        ("2025-10-01", .atMost, 0, .natural, "2025-10-09"),
        ("2025-10-01", .atMost, 0, .workday, "2025-10-09"),
        ("2025-10-01", .atLeast, 0, .workday, "2025-10-01"),
        // Beyond the notified years.
        ("2026-12-30", .atMost, 2, .workday, "2027-01-01?"),
        ("2026-12-30", .atMost, 1, .workday, "2026-12-31"),
        ("2026-12-30", .atMost, 2, .natural, "2027-01-01?"),
        ("2026-12-30", .atLeast, 2, .natural, "2027-01-01"),
        ("2020-12-31", .atMost, 1, .workday, "2021-01-04"),
        ("2020-12-30", .atMost, 1, .workday, "2020-12-31?"),
        ("2025-10-01", .atMost, 24, .hour, "hours"),
    ])
    func `a term ends where the law puts it`(
        start: String, bound: Term.Bound, amount: Int, unit: TimeUnit, expected: String
    ) throws {
        #expect(try end(start, bound, amount, unit) == expected)
    }

    @Test func `a pause moves the end by the days that it lasts`() throws {
        #expect(
            try end("2025-03-03", .atMost, 10, .natural, pauses: [("2025-03-05", "2025-03-10")])
                == "2025-03-18")
        #expect(
            try end("2025-03-03", .atMost, 5, .workday, pauses: [("2025-03-05", "2025-03-10")])
                == "2025-03-13")
        #expect(
            try end("2025-03-03", .atMost, 1, .month, pauses: [("2025-03-31", "2025-04-02")])
                == "2025-04-07", "the 5th and the holiday of the dead")
    }

    @Test func `pauses may overlap, touch, be empty or come too late`() throws {
        let pauses: [(String, String?)] = [
            ("2025-03-06", "2025-03-08"), ("2025-03-05", "2025-03-07"),
            ("2025-03-08", "2025-03-10"), ("2025-03-11", "2025-03-11"),
            ("2025-02-01", "2025-03-01"), ("2025-03-18", "2025-12-01"),
        ]
        #expect(try end("2025-03-03", .atMost, 10, .natural, pauses: pauses) == "2025-03-18")
    }

    @Test func `a clock that was not started again stands still`() throws {
        let open: [(String, String?)] = [("2025-03-05", nil)]
        #expect(
            try end("2025-03-03", .atMost, 10, .natural, pauses: open) == "paused 2025-03-05")
        #expect(
            try end("2025-03-03", .atMost, 10, .workday, pauses: open) == "paused 2025-03-05")
        #expect(try end("2025-03-03", .atMost, 2, .workday, pauses: open) == "2025-03-05")
        #expect(try end("2025-03-03", .atMost, 2, .natural, pauses: open) == "2025-03-05")
    }

    @Test func `the version does not depend on layout`() throws {
        let canonical = try JSONValue(parsing: LedgerData.calendar).canonicalBytes
        #expect(try WorkCalendar(json: canonical) == calendar)
    }
}

// MARK: - Against a reference that goes day by day

/// Counts by asking of every day.
private struct DayByDay {
    let calendar: WorkCalendar

    func workdays(from start: Int, to end: Int) -> Int {
        start <= end
            ? (start..<end).count { calendar.isWorkday($0 + 1) }
            : -workdays(from: end, to: start)
    }

    func add(_ amount: Int, to start: Int) -> Int {
        var (day, left) = (start, abs(amount))
        while left > 0 {
            day += amount.signum()
            if calendar.isWorkday(day) { left -= 1 }
        }
        return day
    }

    func end(of term: Term, after start: Int, pauses: [Pause]) -> TermEnd {
        func pause(_ day: Int) -> Pause? {
            pauses.first { $0.start < day && day <= $0.end ?? .max }
        }
        var left = term.amount
        var day = start
        if term.unit == .month || term.unit == .year {
            let months = term.unit == .year ? term.amount * 12 : term.amount
            left = CivilDate(dayNumber: start).adding(months: months).dayNumber - start
        }
        while left > 0 {
            day += 1
            if let pause = pause(day) {
                if pause.end == nil { return .paused(since: max(pause.start, start)) }
                continue
            }
            if term.unit != .workday || calendar.isWorkday(day) { left -= 1 }
        }
        var isProvisional =
            term.unit == .workday && term.amount > 0
            && (calendar.isProvisional(day) || calendar.isProvisional(start + 1))
        if term.bound == .atMost {
            isProvisional = isProvisional || calendar.isProvisional(day)
            while !calendar.isWorkday(day) { day += 1 }
            isProvisional = isProvisional || calendar.isProvisional(day)
        }
        return .day(day, isProvisional: isProvisional)
    }
}

@Suite struct WorkCalendarReferenceTests {
    private let calendar: WorkCalendar
    private let reference: DayByDay

    init() throws {
        calendar = try Embedded.calendar.get()
        reference = DayByDay(calendar: calendar)
    }

    /// A day from 2018 to 2028.
    private func anyDay(_ random: inout Seeded) -> Int {
        .random(in: 17_532...21_549, using: &random)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `counting workdays agrees`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<400 {
            let (start, end) = (anyDay(&random), anyDay(&random))
            let expected = reference.workdays(from: start, to: end)
            #expect(calendar.workdays(from: start, to: end) == expected, "seed \(seed)")
            let amount = Int.random(in: -300...300, using: &random)
            let added = calendar.day(start, addingWorkdays: amount)
            #expect(added == reference.add(amount, to: start), "seed \(seed)")
            #expect(calendar.workdays(from: start, to: added) == amount || amount < 0)
        }
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func `terms with pauses agree`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        let units: [(TimeUnit, Int)] = [(.workday, 90), (.natural, 120), (.month, 7), (.year, 3)]
        for _ in 0..<600 {
            let start = anyDay(&random)
            let (unit, most) = units[.random(in: 0..<4, using: &random)]
            let bound: Term.Bound = .random(using: &random) ? .atMost : .atLeast
            let term = Term(bound: bound, amount: .random(in: 0...most, using: &random), unit: unit)
            var from = start - 5
            let pauses = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                from += .random(in: 1...40, using: &random)
                defer { from += 41 }
                let length = Int.random(in: 0...40, using: &random)
                return Pause(start: from, end: length > 37 ? nil : from + length)
            }
            let expected = reference.end(of: term, after: start, pauses: pauses)
            let found = calendar.end(
                of: term, after: start, pauses: pauses.shuffled(using: &random))
            #expect(found == expected, "seed \(seed): \(term) from \(text(start)), \(pauses)")
        }
    }
}
