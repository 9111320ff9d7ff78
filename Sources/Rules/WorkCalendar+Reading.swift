import CanonicalJSON
import Catalogue
import Digests
package import Phrases
import Records

/// What is wrong with a calendar's file, and where.
package struct CalendarError: Error, Hashable, Sendable {
    /// Such as `years.2021.off_days[3].date`; empty for the file as a whole.
    package let path: String
    package let reason: Phrase

    package var phrase: Phrase {
        let place = path.isEmpty ? "" : path + ": "
        return Phrase(en: place + reason.en, zh: place + reason.zh)
    }
}

extension WorkCalendar {
    package static let byteCountMax = 1 << 20

    /// Reads a calendar: Specs/rules.md, "Counting days".
    ///
    /// What can be checked is: every day lies in its year, stands once and has the weekday that is
    /// said of it, a worked day is a weekend, the years follow one another, and each has as many
    /// workdays as it says.
    package init(json bytes: [UInt8]) throws(CalendarError) {
        guard bytes.count <= WorkCalendar.byteCountMax else {
            throw CalendarError("", "the file is over 1 MiB", "文件超过 1 MiB")
        }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue(parsing: bytes)
        } catch {
            throw CalendarError(path: "", reason: error.phrase)
        }
        let root = try CalendarNode(document).object(["_meta", "years", "test_vectors"])
        let notified = try root.need("_meta").notifiedDays()
        let exceptions = try root.need("years").exceptions(notified)
        self.init(
            digest: SHA256.digest(of: document.canonicalBytes), notified: notified,
            exceptions: exceptions)
    }
}

extension CalendarError {
    fileprivate init(_ path: String, _ en: String, _ zh: String) {
        self.init(path: path, reason: Phrase(en: en, zh: zh))
    }
}

/// A value of the calendar's file and the way to it.
private struct CalendarNode {
    let value: JSONValue
    let path: String

    init(_ value: JSONValue, _ path: String = "") {
        (self.value, self.path) = (value, path)
    }

    func fail(_ en: String, _ zh: String) -> CalendarError { CalendarError(path, en, zh) }

    func child(_ name: String, _ value: JSONValue) -> CalendarNode {
        CalendarNode(value, path.isEmpty ? name : "\(path).\(name)")
    }

    /// Itself, an object with no members but `names`.
    func object(_ names: Set<String>) throws(CalendarError) -> CalendarNode {
        for member in try members() where !names.contains(member.name) {
            throw child(member.name, .null).fail("unknown key", "未知的键")
        }
        return self
    }

    func members() throws(CalendarError) -> [JSONMember] {
        guard let members = value.members else { throw fail("expected an object", "应为对象") }
        return members
    }

    func need(_ name: String) throws(CalendarError) -> CalendarNode {
        guard let value = value[name] else {
            throw child(name, .null).fail("is missing", "缺失")
        }
        return child(name, value)
    }

    func text() throws(CalendarError) -> String {
        guard let text = value.string, !text.isEmpty else {
            throw fail("expected text", "应为文本")
        }
        return text
    }

    func integer() throws(CalendarError) -> Int {
        guard let value = value.integer else { throw fail("expected a whole number", "应为整数") }
        return Int(value)
    }

    func date() throws(CalendarError) -> CivilDate {
        guard let date = CivilDateText.read(try text()) else {
            throw fail("expected a date, YYYY-MM-DD", "应为日期 YYYY-MM-DD")
        }
        return date
    }

    func elements() throws(CalendarError) -> [CalendarNode] {
        guard let elements = value.array else { throw fail("expected a list", "应为列表") }
        return elements.enumerated().map { CalendarNode($1, "\(path)[\($0)]") }
    }
}

// MARK: - The parts of the file

extension CalendarNode {
    /// The days from `first` to `last`, whole years.
    fileprivate func notifiedDays() throws(CalendarError) -> ClosedRange<Int> {
        let meta = try object([
            "title_zh", "title_en", "tz", "first", "last", "source", "semantics", "limits",
        ])
        for name in ["title_zh", "title_en", "tz", "source"] { _ = try meta.need(name).text() }
        let (first, last) = (try meta.need("first").date(), try meta.need("last").date())
        guard (first.month, first.day) == (1, 1) else {
            throw try meta.need("first").fail("expected 1 January", "应为一月一日")
        }
        guard (last.month, last.day) == (12, 31), first < last else {
            throw try meta.need("last").fail(
                "expected 31 December of that year or a later one", "应为当年或以后年度的十二月三十一日")
        }
        return first.dayNumber...last.dayNumber
    }

    /// The days on which the week does not hold, of exactly the years of `notified`.
    fileprivate func exceptions(_ notified: ClosedRange<Int>) throws(CalendarError) -> [Int] {
        let first = CivilDate(dayNumber: notified.lowerBound).year
        let last = CivilDate(dayNumber: notified.upperBound).year
        let years = (first...last).map { String($0) }
        var exceptions: [Int] = []
        _ = try object(Set(years))
        for (number, name) in zip(first..., years) {
            exceptions += try need(name).exceptions(ofYear: number)
        }
        return exceptions
    }

    private func exceptions(ofYear year: Int) throws(CalendarError) -> [Int] {
        let body = try object(["off_days", "make_up_workdays", "workday_count"])
        let off = try body.need("off_days").days(of: year, isOff: true)
        let worked = try body.need("make_up_workdays").days(of: year, isOff: false)
        if let day = worked.first(where: off.contains) {
            let text = CivilDate(dayNumber: day).text
            throw body.fail("\(text) is both off and worked", "\(text) 既放假又上班")
        }
        let exceptions = off.filter(Week.isWeekday) + worked
        let count = try body.need("workday_count")
        let start = CivilDate(dayNumber: 0).adding(months: (year - 1970) * 12).dayNumber
        let end = CivilDate(dayNumber: 0).adding(months: (year - 1969) * 12).dayNumber
        let found =
            Week.count(before: end) - Week.count(before: start) + worked.count
            - (exceptions.count - worked.count)
        guard try count.integer() == found else {
            throw count.fail("the days give \(found)", "按各日计算应为 \(found)")
        }
        return exceptions
    }

    /// The days of one list, each later than the one before it.
    private func days(of year: Int, isOff: Bool) throws(CalendarError) -> [Int] {
        let names = ["date", "weekday", "name_en", "name_zh"] + (isOff ? ["in_lieu"] : [])
        var days: [Int] = []
        for element in try elements() {
            let entry = try element.object(Set(names))
            for name in ["name_en", "name_zh"] { _ = try entry.need(name).text() }
            let (date, weekday) = (try entry.need("date"), try entry.need("weekday"))
            let found = try date.date()
            guard found.year == year else { throw date.fail("not of \(year)", "不在 \(year) 年") }
            guard days.last.map({ $0 < found.dayNumber }) ?? true else {
                throw date.fail("not later than the day before it", "未晚于前一项")
            }
            guard try weekday.integer() == found.weekday else {
                throw weekday.fail("it is \(found.weekday)", "实为 \(found.weekday)")
            }
            try isOff ? entry.checkOff(found) : entry.checkWorked(found)
            days.append(found.dayNumber)
        }
        return days
    }

    /// Only a weekday can be off in lieu of another day.
    private func checkOff(_ date: CivilDate) throws(CalendarError) {
        let flag = try need("in_lieu")
        guard let isInLieu = flag.value.bool else {
            throw flag.fail("expected true or false", "应为 true 或 false")
        }
        if isInLieu, date.weekday > 5 { throw flag.fail("a weekend is off anyway", "周末本为休息日") }
    }

    /// Only a weekend can be worked in lieu.
    private func checkWorked(_ date: CivilDate) throws(CalendarError) {
        if date.weekday <= 5 {
            throw try need("date").fail("a weekday is no make-up workday", "工作日不能作为调休上班日")
        }
    }
}
