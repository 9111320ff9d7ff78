import LedgerData
import Phrases
import Rules
import Testing

@Suite struct CalendarErrorTests {
    /// A year with two days off and one worked, for tests that change it.
    private static let small = #"""
        {"_meta":{"title_zh":"历","title_en":"Calendar","tz":"Asia/Shanghai","first":"2025-01-01",
        "last":"2025-12-31","source":"notice"},"years":{"2025":{"off_days":[{"date":"2025-01-01",
        "weekday":3,"name_en":"New Year","name_zh":"元旦","in_lieu":false},{"date":"2025-10-03",
        "weekday":5,"name_en":"Day","name_zh":"日","in_lieu":true}],"make_up_workdays":[
        {"date":"2025-09-28","weekday":7,"name_en":"Day","name_zh":"日"}],"workday_count":260}}}
        """#

    @Test func `a small calendar is read`() throws {
        let calendar = try WorkCalendar(json: Array(CalendarErrorTests.small.utf8))
        #expect(!calendar.isWorkday(try day("2025-10-03")))
        #expect(calendar.isWorkday(try day("2025-09-28")))
    }

    @Test(arguments: [
        (
            #""workday_count":260"#, #""workday_count":261"#,
            "years.2025.workday_count: the days give 260"
        ),
        (#""weekday":7"#, #""weekday":6"#, "years.2025.make_up_workdays[0].weekday: it is 7"),
        (
            #""date":"2025-10-03""#, #""date":"2025-13-03""#,
            "years.2025.off_days[1].date: expected a date, YYYY-MM-DD"
        ),
        (
            #""date":"2025-10-03""#, #""date":"2024-10-04""#,
            "years.2025.off_days[1].date: not of 2025"
        ),
        (
            #""date":"2025-10-03",\#n"weekday":5"#, #""date":"2025-01-01","weekday":3"#,
            "years.2025.off_days[1].date: not later than the day before it"
        ),
        (
            #""date":"2025-09-28","weekday":7"#, #""date":"2025-09-26","weekday":5"#,
            "years.2025.make_up_workdays[0].date: a weekday is no make-up workday"
        ),
        (
            #""date":"2025-10-03",\#n"weekday":5"#, #""date":"2025-10-04","weekday":6"#,
            "years.2025.off_days[1].in_lieu: a weekend is off anyway"
        ),
        (
            #""date":"2025-10-03",\#n"weekday":5,"name_en":"Day","name_zh":"日","in_lieu":true"#,
            #""date":"2025-09-28","weekday":7,"name_en":"Day","name_zh":"日","in_lieu":false"#,
            "years.2025: 2025-09-28 is both off and worked"
        ),
        (
            #""in_lieu":false"#, #""in_lieu":0"#,
            "years.2025.off_days[0].in_lieu: expected true or false"
        ),
        (#""tz":"Asia/Shanghai""#, #""tz":"""#, "_meta.tz: expected text"),
        (#""tz""#, #""zone""#, "_meta.zone: unknown key"),
        (#""first":"2025-01-01""#, #""first":"2025-01-02""#, "_meta.first: expected 1 January"),
        (
            #""last":"2025-12-31""#, #""last":"2024-12-31""#,
            "_meta.last: expected 31 December of that year or a later one"
        ),
        (#""last":"2025-12-31""#, #""last":"2026-12-31""#, "years.2026: is missing"),
        (#""years":{"2025""#, #""years":{"2026""#, "years.2026: unknown key"),
        (
            #""workday_count":260"#, #""workday_count":"260""#,
            "years.2025.workday_count: expected a whole number"
        ),
        (
            #""make_up_workdays":["#, #""make_up_workdays":[1,"#,
            "years.2025.make_up_workdays[0]: expected an object"
        ),
        (#"260}}}"#, #"260}}"#, "the input ends too early at byte 443"),
    ])
    func `an error says where`(old: String, new: String, expected: String) {
        let text = CalendarErrorTests.small.replacing(old, with: new)
        #expect(text != CalendarErrorTests.small)
        do {
            _ = try WorkCalendar(json: Array(text.utf8))
            Issue.record("read")
        } catch {
            #expect(error.phrase.en == expected)
            #expect(error.phrase.zh != error.phrase.en)
        }
    }
}
