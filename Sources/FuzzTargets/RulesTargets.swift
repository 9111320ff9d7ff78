import CanonicalJSON
import Catalogue
import Merkle
import Phrases
import Records
import Rules

extension FuzzTarget {
    /// A calendar of working days.
    static let calendar = FuzzTarget("calendar", byteCountMax: 4096, dictionary: calendarWords) {
        (bytes) throws(Broken) in
        guard let calendar = try readMending(Array(bytes)) else { return .refused }
        try judge(calendar)
        return .read
    }

    /// The calendar in `bytes`, with the weekdays and counts that it should have; nil if refused.
    private static func readMending(_ bytes: [UInt8]) throws(Broken) -> WorkCalendar? {
        var bytes = bytes
        for _ in 0..<64 {
            do throws(CalendarError) {
                return try WorkCalendar(json: bytes)
            } catch {
                try demand(!error.phrase.zh.isEmpty, "a refused calendar is told why")
                let words = error.reason.en.split(separator: " ")
                guard error.path.hasSuffix("weekday") || error.path.hasSuffix("workday_count"),
                    let number = words.last.flatMap({ Int64($0) }),
                    let document = try? JSONValue(parsing: bytes)
                else { return nil }
                let path = error.path.split { ".[]".contains($0) }
                bytes = put(number, at: path[...], in: document).bytesAsGiven
            }
        }
        return nil
    }

    private static func put(
        _ number: Int64, at path: ArraySlice<Substring>, in value: JSONValue
    ) -> JSONValue {
        guard let step = path.first else { return .integer(number) }
        let rest = path.dropFirst()
        switch value {
        case .object(let members):
            return .object(
                members.map {
                    $0.name == step ? JSONMember($0.name, put(number, at: rest, in: $0.value)) : $0
                })
        case .array(let elements):
            return .array(
                elements.enumerated().map {
                    String($0) == step ? put(number, at: rest, in: $1) : $1
                })
        default: return value
        }
    }

    /// Goes day by day over at most two years, from before the first day that is notified.
    private static func judge(_ calendar: WorkCalendar) throws(Broken) {
        let first = calendar.notified.lowerBound - 30
        var count = 0
        for day in (first + 1)...min(calendar.notified.upperBound + 30, first + 800) {
            if calendar.isWorkday(day) {
                count += 1
                try demand(
                    calendar.day(first, addingWorkdays: count) == day, "workdays come in order")
            }
            try demand(
                calendar.workdays(from: first, to: day) == count, "counting goes day by day")
        }
    }

    private static let calendarWords = [
        "_meta", "years", "test_vectors", "title_zh", "title_en", "tz", "first", "last", "source",
        "semantics", "limits", "off_days", "make_up_workdays", "workday_count", "date", "weekday",
        "name_en", "name_zh", "in_lieu", "true", "false", "2025-01-01", "2024-12-31",
    ]

    /// An expression, then perhaps a line feed and a stream's events, one line of JSON each.
    static let expression = FuzzTarget("expression", byteCountMax: 1_500, dictionary: signs) {
        (bytes) throws(Broken) in
        let parts = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
        let text = String(decoding: parts.first ?? [], as: UTF8.self)
        let expression: Expression
        do throws(ExpressionErrors) {
            expression = try Expression(text, symbols: FuzzSymbols())
        } catch {
            try demand(!error.errors.isEmpty, "a refused expression is told why")
            for error in error.errors {
                let end = text.unicodeScalars.count + 1
                try demand(1...end ~= error.column, "an error stands in the expression")
                try demand(!error.phrase.zh.isEmpty, "an error is told in both languages")
            }
            return .refused
        }
        let events = parts.dropFirst().map { (try? JSONValue(parsing: $0)) ?? .object([]) }
        try judge(expression, events)
        return .read
    }

    private static func judge(_ expression: Expression, _ events: [JSONValue]) throws(Broken) {
        // Printed with spaces, the longest expressions become too long to be read.
        guard expression.text.utf8.count <= Expression.byteCountMax else { return }
        let again: Expression
        do throws(ExpressionErrors) {
            again = try Expression(expression.text, symbols: FuzzSymbols())
        } catch {
            throw Broken("what was printed is refused: \(expression.text)")
        }
        try demand(again == expression, "what was printed says the same: \(expression.text)")
        let negation = try? Expression("not (\(expression.text))", symbols: FuzzSymbols())
        let context = FuzzContext(events)
        guard let bareWeek else { throw Broken("the bare week is a calendar") }
        let truth = expression.truth(in: context, calendar: bareWeek)
        if let negation {
            let opposite = negation.truth(in: context, calendar: bareWeek)
            try demand(opposite == !truth, "not turns it round: \(expression.text)")
        }
    }

    /// A calendar of one year without any notice.
    private static let bareWeek: WorkCalendar? = try? WorkCalendar(
        json: Array(
            (#"{"_meta":{"title_zh":"a","title_en":"a","tz":"a","first":"2025-01-01","#
                + #""last":"2025-12-31","source":"a"},"years":{"2025":{"off_days":[],"#
                + #""make_up_workdays":[],"workday_count":261}}}"#).utf8))

    private static let signs =
        [
            "and", "or", "not", "in", "has", "hasAny", "true", "false", "==", "!=", "<", "<=", ">",
            ">=", "+", "-", "*", "(", ")", "[", "]", ",", "\"", "day", "exists(b)", "count(b)",
            "last(b).", "first(b).", "sum(b).", "empty(", "addDays(", "addWorkdays(", "addMonths(",
            "addYears(", "days(", "workdays(", "year(", "month(", "\"2025-01-31\"",
            "participants[role = \"x\"]", "every(", "some(", "count(", "opinion", "order",
            "{\"number\":1,\"date\":\"2025-01-31\"}",
        ] + FieldType.allCases.map(\.rawValue)
}

/// Two events, each with a field of every type and a list of every type, called as the type is.
private struct FuzzSymbols: ExpressionSymbols {
    let judged = "a.a"

    func event(_ name: String) -> String? {
        name == "a" || name == "b" ? "a.\(name)" : nil
    }

    func field(_ name: String, of event: String) -> FieldSymbol? {
        if let type = FieldType(rawValue: name) { return FieldSymbol(type, words: ["x", "y"]) }
        guard name.hasSuffix("s"), let type = FieldType(rawValue: String(name.dropLast())) else {
            return name == "sealed" ? FieldSymbol(.string, isEncrypted: true) : nil
        }
        return FieldSymbol(type, isList: true, words: ["x", "y"])
    }

    func isRole(_ name: String) -> Bool { name == "x" }
}

/// The first event is judged, the others stand before it.
private struct FuzzContext: StreamContext {
    let judged: EventFacts
    private let before: [EventFacts]

    init(_ events: [JSONValue]) {
        judged = FuzzContext.facts(events.first ?? .object([]), "a.a", 0)
        before = events.dropFirst().enumerated().map { FuzzContext.facts($1, "a.b", $0 + 1) }
    }

    func earlier(_ type: String) -> [EventFacts] { type == "a.b" ? before : [] }

    private static func facts(_ data: JSONValue, _ type: String, _ place: Int) -> EventFacts {
        EventFacts(
            type: type, day: 20_000 + place, instant: Timestamp(microseconds: Int64(place)),
            sequence: SequenceNumber(UInt64(place)), data: data)
    }
}
