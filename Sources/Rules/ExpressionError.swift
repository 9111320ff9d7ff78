package import Phrases

/// One thing that is wrong with an expression.
package struct ExpressionError: Error, Hashable, Sendable {
    /// From 1, in Unicode scalars of the expression's text.
    package let column: Int
    package let reason: Reason

    package var phrase: Phrase {
        let reason = reason.phrase
        return Phrase(
            en: "column \(column): \(reason.en)", zh: "第 \(column) 列：\(reason.zh)")
    }

    /// What is wrong.
    package enum Reason: Hashable, Sendable {
        // Of the text.
        case tooLong, tooDeep, unclosedText, singleEquals, chained, emptyList
        case unexpected(String)
        case expected(Expected, found: String)
        case numberTooLarge(String)
        case unknownFunction(String)
        case argumentCount(function: String, wanted: Int, found: Int)
        // Of what it means.
        case unknownField(String, event: String)
        case unknownEvent(String)
        case unknownRole(String)
        case unknownMember(String)
        case encrypted(String)
        case ambiguousDay(event: String)
        case different(String, ValueType, ValueType)
        case needs(String, [ValueType], found: ValueType)
        case onlyEmpty(ValueType)
        case unknownWord(String, words: [String])
        case notDate(String)
        case notInstant(String)
        case mixedList
        case uncompared
        case notCondition(ValueType)
        case notNumber(ValueType)
    }

    /// What a parser looks for.
    package enum Expected: Hashable, Sendable {
        case symbol(String), value, literal, eventName, fieldName, roleName, end
    }
}

/// Everything that is wrong with an expression, in order of place.
package struct ExpressionErrors: Error, Hashable, Sendable {
    package let errors: [ExpressionError]

    init(_ errors: [ExpressionError]) {
        self.errors = errors.sorted { $0.column < $1.column }
    }
}

extension ExpressionError.Reason {
    package var phrase: Phrase {
        textPhrase ?? meaningPhrase
    }

    private var textPhrase: Phrase? {
        switch self {
        case .tooLong: Phrase(en: "over 1000 bytes", zh: "超过 1000 字节")
        case .tooDeep: Phrase(en: "nested too deeply", zh: "嵌套过深")
        case .unclosedText: Phrase(en: "text without closing quotation mark", zh: "文本缺少右引号")
        case .singleEquals: Phrase(en: "use == to compare", zh: "比较相等请用 ==")
        case .chained:
            Phrase(
                en: "comparisons do not chain; join them with and", zh: "比较不能连写，请用 and 连接")
        case .emptyList: Phrase(en: "a list without values", zh: "列表为空")
        case .unexpected(let text): Phrase(en: "unexpected \(text)", zh: "多余的 \(text)")
        case .expected(let expected, let found):
            Phrase(
                en: "expected \(expected.phrase.en), found \(found.isEmpty ? "the end" : found)",
                zh: "应为\(expected.phrase.zh)，实为\(found.isEmpty ? "结尾" : " \(found)")")
        case .numberTooLarge(let text):
            Phrase(en: "\(text) is over 2^53", zh: "\(text) 超过 2^53")
        case .unknownFunction(let name):
            Phrase(en: "there is no function \(name)", zh: "没有函数 \(name)")
        case .argumentCount(let function, let wanted, let found):
            Phrase(
                en: "\(function) takes \(wanted) arguments, not \(found)",
                zh: "\(function) 需要 \(wanted) 个参数，实有 \(found) 个")
        default: nil
        }
    }

    private var meaningPhrase: Phrase {
        switch self {
        case .unknownField(let name, let event):
            Phrase(en: "\(event) has no field \"\(name)\"", zh: "\(event) 没有字段“\(name)”")
        case .unknownEvent(let name):
            Phrase(en: "there is no event \"\(name)\"", zh: "没有事件“\(name)”")
        case .unknownRole(let name):
            Phrase(en: "there is no role \"\(name)\"", zh: "没有角色“\(name)”")
        case .unknownMember(let name):
            Phrase(en: "a participant has no \"\(name)\"", zh: "参与人没有“\(name)”")
        case .encrypted(let name):
            Phrase(
                en: "\"\(name)\" is encrypted in the record; a rule cannot read it",
                zh: "“\(name)”在记录中加密，规则无法读取")
        case .ambiguousDay(let event):
            Phrase(
                en: "\(event) has a field called day: it cannot be told from the event's date",
                zh: "\(event) 有名为 day 的字段，与事件日期无法区分")
        case .unknownWord(let word, let words):
            Phrase(
                en: "\"\(word)\" is none of \(words.joined(separator: ", "))",
                zh: "“\(word)”不是 \(words.joined(separator: "、")) 之一")
        case .notDate(let text):
            Phrase(en: "\"\(text)\" is no date, YYYY-MM-DD", zh: "“\(text)”不是日期 YYYY-MM-DD")
        case .notInstant(let text):
            Phrase(
                en: "\"\(text)\" is no instant, such as 2025-03-04T09:30:00+08:00",
                zh: "“\(text)”不是时刻，如 2025-03-04T09:30:00+08:00")
        case .mixedList:
            Phrase(en: "the values of a list are of one type", zh: "列表各值须为同一类型")
        case .uncompared:
            Phrase(
                en: "every(…) and some(…) stand on the left of a comparison",
                zh: "every(…)、some(…) 须位于比较的左侧")
        default: typePhrase
        }
    }

    private var typePhrase: Phrase {
        switch self {
        case .different(let sign, let left, let right):
            Phrase(
                en: "\(sign) does not compare \(left.phrase.en) with \(right.phrase.en)",
                zh: "\(sign) 不能比较\(left.phrase.zh)与\(right.phrase.zh)")
        case .needs(let name, let types, let found):
            Phrase(
                en: "\(name) needs \(types.map(\.phrase.en).joined(separator: " or ")), "
                    + "not \(found.phrase.en)",
                zh: "\(name) 需要\(types.map(\.phrase.zh).joined(separator: "或"))，"
                    + "不是\(found.phrase.zh)")
        case .onlyEmpty(let type):
            Phrase(
                en: "\(type.phrase.en) can only be asked whether it is empty(…)",
                zh: "\(type.phrase.zh)只能用 empty(…) 判断是否为空")
        case .notCondition(let type):
            Phrase(
                en: "a condition is true or false, not \(type.phrase.en)",
                zh: "条件须为真假值，不是\(type.phrase.zh)")
        case .notNumber(let type):
            Phrase(
                en: "a figure is a number, not \(type.phrase.en)",
                zh: "数值应为数，不是\(type.phrase.zh)")
        default: Phrase(en: "", zh: "")
        }
    }
}

extension ExpressionError.Expected {
    fileprivate var phrase: Phrase {
        switch self {
        case .symbol(let text): Phrase(en: text, zh: " \(text)")
        case .value: Phrase(en: "a value", zh: "值")
        case .literal: Phrase(en: "a number, text, true or false", zh: "数、文本、true 或 false")
        case .eventName: Phrase(en: "the name of an event", zh: "事件名")
        case .fieldName: Phrase(en: "the name of a field", zh: "字段名")
        case .roleName: Phrase(en: "a role", zh: "角色")
        case .end: Phrase(en: "the end", zh: "结尾")
        }
    }
}
