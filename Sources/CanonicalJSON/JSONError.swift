package import Phrases

/// Why some bytes are not JSON that we read, and where.
///
/// Specs/record.md section 8.
package struct JSONError: Error, Hashable, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        case empty, tooLong, unexpectedEnd, unexpectedByte, invalidUTF8, byteOrderMark
        case controlCharacter, invalidEscape, loneSurrogate, duplicateName, tooDeep
        case malformedNumber, inexactNumber, trailingBytes
    }

    package let code: Code
    /// Bytes from the start of the input.
    package let offset: Int

    package init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    package var phrase: Phrase {
        let reason = code.phrase
        return Phrase(
            en: "\(reason.en) at byte \(offset)", zh: "第 \(offset) 字节处：\(reason.zh)")
    }
}

extension JSONError.Code {
    package var phrase: Phrase {
        switch self {
        case .empty: Phrase(en: "nothing but white space", zh: "内容为空")
        case .tooLong: Phrase(en: "input over the size limit", zh: "超过长度上限")
        case .unexpectedEnd: Phrase(en: "the input ends too early", zh: "内容不完整")
        case .unexpectedByte: Phrase(en: "a byte that JSON does not allow", zh: "不符合 JSON 语法")
        case .invalidUTF8: Phrase(en: "invalid UTF-8", zh: "不是有效的 UTF-8")
        case .byteOrderMark: Phrase(en: "a byte order mark; remove it", zh: "带有字节序标记（BOM），请去掉")
        case .controlCharacter:
            Phrase(en: "an unescaped control character", zh: "含未转义的控制字符")
        case .invalidEscape: Phrase(en: "an invalid escape", zh: "转义写法无效")
        case .loneSurrogate: Phrase(en: "half of a surrogate pair", zh: "不成对的代理码元")
        case .duplicateName: Phrase(en: "a member name that occurs twice", zh: "成员名重复")
        case .tooDeep: Phrase(en: "nested deeper than 64 levels", zh: "嵌套超过 64 层")
        case .malformedNumber: Phrase(en: "a malformed number", zh: "数字写法有误")
        case .inexactNumber:
            Phrase(
                en: "a number that double precision cannot hold exactly; send it as a string",
                zh: "双精度数无法精确表示的数，请改用字符串")
        case .trailingBytes: Phrase(en: "more bytes after the value", zh: "值之后还有多余内容")
        }
    }
}
