import Phrases
import Rules
import Testing

@Suite struct ExpressionErrorTests {
    private static let ofText: [(String, String)] = [
        ("", "column 1: expected a value, found the end"),
        ("amount ==", "column 10: expected a value, found the end"),
        ("amount = 1", "column 8: use == to compare"),
        ("1 < 2 < 3", "column 7: comparisons do not chain; join them with and"),
        ("name == \"a", "column 9: text without closing quotation mark"),
        ("name == 'a'", "column 9: expected a value, found '"),
        ("(isOpen", "column 8: expected ), found the end"),
        ("isOpen)", "column 7: unexpected )"),
        ("isOpen isOpen", "column 8: unexpected isOpen"),
        ("“红” == colour", "column 1: expected a value, found “红”"),
        ("colour == \"红\" 且 isOpen", "column 15: unexpected 且"),
        ("amount == 1x", "column 12: unexpected x"),
        ("amount == 1.", "column 13: expected a number, text, true or false, found the end"),
        ("amount == 9007199254740993000", "column 11: 9007199254740993000 is over 2^53"),
        ("amount in []", "column 11: a list without values"),
        ("amount in [amount]", "column 12: expected a number, text, true or false, found amount"),
        ("amount in [1, 2", "column 16: expected ], found the end"),
        ("length(name) == 1", "column 1: there is no function length"),
        ("days(day) == 1", "column 1: days takes 2 arguments, not 1"),
        ("year(day, day) == 1", "column 1: year takes 1 arguments, not 2"),
        ("exists(Filed)", "column 8: expected the name of an event, found Filed"),
        ("exists(filed.)", "column 14: expected the name of an event, found )"),
        ("last(filed) == 1", "column 13: expected ., found ="),
        ("last(filed). == 1", "column 14: expected the name of a field, found ="),
        ("every(filed).name == \"a\"", "column 7: expected participants[, found filed"),
        ("count(participants[post = \"x\"]) > 1", "column 20: expected role, found post"),
        ("count(participants[role = 1]) > 1", "column 27: expected a role, found 1"),
        ("and isOpen", "column 1: expected a value, found and"),
    ]

    private static let ofNames: [(String, String)] = [
        ("amuont == 1", "column 1: case.judged has no field \"amuont\""),
        ("last(filed).colour == \"红\"", "column 13: case.filed has no field \"colour\""),
        ("exists(field)", "column 8: there is no event \"field\""),
        ("exists(other.filed)", "column 8: there is no event \"other.filed\""),
        ("count(participants[role = \"chair\"]) > 1", "column 27: there is no role \"chair\""),
        (
            "some(participants[role = guest]).age == 1",
            "column 34: a participant has no \"age\""
        ),
        (
            "secret == \"a\"",
            "column 1: \"secret\" is encrypted in the record; a rule cannot read it"
        ),
        (
            "last(entry.noted).day == day",
            "column 19: entry.noted has a field called day: it cannot be told from the event's date"
        ),
        ("colour == \"黄\"", "column 11: \"黄\" is none of 红, 绿"),
        ("\"黄\" == colour", "column 1: \"黄\" is none of 红, 绿"),
        ("colours has \"黄\"", "column 13: \"黄\" is none of 红, 绿, 蓝"),
        ("colour in [\"红\", \"黄\"]", "column 17: \"黄\" is none of 红, 绿"),
        ("colours hasAny [\"黄\"]", "column 17: \"黄\" is none of 红, 绿, 蓝"),
        (
            "every(participants[role = guest]).opinion == \"yes\"",
            "column 46: \"yes\" is none of agree, disagree, reserve, abstain, recused, not-stated, not-recorded"
        ),
        ("due > \"2025-02-30\"", "column 7: \"2025-02-30\" is no date, YYYY-MM-DD"),
        ("addDays(\"tomorrow\", 1) == due", "column 9: \"tomorrow\" is no date, YYYY-MM-DD"),
        (
            "moment > \"2025-02-03\"",
            "column 10: \"2025-02-03\" is no instant, such as 2025-03-04T09:30:00+08:00"
        ),
    ]

    private static let ofTypes: [(String, String)] = [
        ("amount", "column 1: a condition is true or false, not a number"),
        ("colours", "column 1: a condition is true or false, not a list of texts"),
        ("amount == \"1\"", "column 1: == does not compare a number with text"),
        ("moment < due", "column 1: < does not compare an instant with a date"),
        ("helper == \"P-1\"", "column 1: == does not compare a person with text"),
        ("other == \"case/1\"", "column 1: == does not compare a reference with text"),
        ("colours == \"红\"", "column 1: == does not compare a list of texts with text"),
        (
            "colours == colours",
            "column 1: == does not compare a list of texts with a list of texts"
        ),
        ("colour in \"红\"", "column 1: in does not compare text with text"),
        ("colour has \"红\"", "column 1: has does not compare text with text"),
        ("name < \"b\"", "column 1: < needs a number or a date or an instant, not text"),
        (
            "isOpen > isShut",
            "column 1: > needs a number or a date or an instant, not true or false"
        ),
        ("due + 1 == due", "column 1: + needs a number, not a date"),
        ("-name == 1", "column 2: - needs a number, not text"),
        ("not amount", "column 5: not needs true or false, not a number"),
        ("isOpen and amount", "column 12: and needs true or false, not a number"),
        ("name or isOpen", "column 1: or needs true or false, not text"),
        ("days(amount, day) == 1", "column 6: days needs a date, not a number"),
        ("addDays(day, day) == day", "column 14: addDays needs a number, not a date"),
        ("sum(filed).name == 1", "column 12: sum needs a number, not text"),
        ("sum(filed).day == 1", "column 12: case.filed has no field \"day\""),
        ("unit == unit", "column 1: a value with parts can only be asked whether it is empty(…)"),
        ("amount in [1, \"a\"]", "column 11: the values of a list are of one type"),
        (
            "every(participants[role = guest]).opinion",
            "column 1: every(…) and some(…) stand on the left of a comparison"
        ),
        (
            "1 == some(participants[role = guest]).order",
            "column 6: every(…) and some(…) stand on the left of a comparison"
        ),
        (
            "some(participants[role = guest]).order == \"a\"",
            "column 1: == does not compare a number with text"
        ),
    ]

    @Test(arguments: ofText + ofNames + ofTypes)
    func `an error says where and what`(text: String, expected: String) throws {
        let errors = try errors(text)
        #expect(errors.first?.phrase.en == expected)
        for error in errors {
            let chinese = error.phrase.zh
            #expect(chinese.contains { $0 >= "\u{4E00}" && $0 <= "\u{9FFF}" }, "\(chinese)")
        }
    }

    @Test func `an error is told in Chinese`() throws {
        let text = "金额 == 1"
        #expect(try errors(text).first?.phrase.zh == "第 1 列：应为值，实为 金额")
        #expect(try errors("amuont == 1").first?.phrase.zh == "第 1 列：case.judged 没有字段“amuont”")
        #expect(try errors("amount == \"1\"").first?.phrase.zh == "第 1 列：== 不能比较数与文本")
    }

    @Test func `all that is wrong with names and types is told at once`() throws {
        let found = try errors("amuont == 1 and exists(field) or not name")
        #expect(found.map(\.column) == [1, 24, 38])
    }

    @Test func `length and depth are bounded`() throws {
        let long = "isOpen" + String(repeating: " or isOpen", count: 100)
        #expect(try errors(long).first?.reason == .tooLong)
        let wide = "isOpen" + String(repeating: " or isOpen", count: 99)
        #expect(try errors(wide).isEmpty)
        let signs = String(repeating: "(", count: 400)
        #expect(try errors(signs).first?.reason == .tooDeep)
        #expect(try errors(String(repeating: "not ", count: 200)).first?.reason == .tooDeep)
        #expect(try errors(String(repeating: "-", count: 900)).first?.reason == .tooDeep)
        let sum = "1" + String(repeating: "+1", count: 70) + " == 71"
        #expect(try errors(sum).first?.reason == .tooDeep)
        let nested =
            String(repeating: "(", count: 60) + "isOpen" + String(repeating: ")", count: 60)
        #expect(try errors(nested).isEmpty)
    }

    private func errors(_ text: String) throws -> [ExpressionError] {
        do throws(ExpressionErrors) {
            _ = try Expression(text, symbols: TestSymbols())
            return []
        } catch {
            return error.errors
        }
    }
}
