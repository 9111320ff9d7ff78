import CanonicalJSON
import Phrases
import Records

/// The values of the types that need nothing but themselves: Specs/catalogue.md section 4.
enum ValueCheck {
    static func isSound(_ value: JSONView, _ check: MemberCheck) -> Bool {
        switch check.type {
        case .boolean: return value.kind == .true || value.kind == .false
        case .integer, .fen:
            guard let number = value.integer else { return false }
            return check.minimum <= number && number <= check.maximum
        case .percent:
            guard let number = value.double else { return false }
            return 0 <= number && number <= 100
        case .record:
            return value.kind == .object && value.rawBytes.count <= check.bytesMax
        default:
            return value.kind == .string && isSound(value.utf8, check)
        }
    }

    private static func isSound(_ text: UnsafeRawBufferPointer, _ check: MemberCheck) -> Bool {
        switch check.type {
        case .string: isText(text, bytesMax: check.bytesMax, allowsLines: false)
        case .text: isText(text, bytesMax: check.bytesMax, allowsLines: true)
        case .date: CivilDateText.read(text) != nil
        case .instant: ZonedTime(text) != nil
        case .docNo: text.count <= check.bytesMax && DocumentNumber.isSound(text)
        case .uscc: CreditCode.isSound(text)
        case .residentId: ResidentIdentity.isSound(text)
        case .certificate: isCertificate(text)
        case .digest, .attachment: isDigest(text)
        case .uri: isURI(text, bytesMax: check.bytesMax)
        case .person: Pseudonym.isSound(text)
        case .caseId: isCaseID(text)
        default: false
        }
    }

    /// Not empty, no space at its ends, no control characters (lines and tabs in a long text).
    private static func isText(
        _ text: UnsafeRawBufferPointer, bytesMax: Int, allowsLines: Bool
    ) -> Bool {
        guard let first = text.first, let last = text.last, text.count <= bytesMax, first != 0x20,
            last != 0x20
        else { return false }
        for byte in text where byte < 0x20 || byte == 0x7F {
            if !(allowsLines && (byte == 0x0A || byte == 0x09)) { return false }
        }
        return true
    }

    /// No authority publishes the form of enforcement certificates: 6 to 16 letters, digits or
    /// characters.
    private static func isCertificate(_ text: UnsafeRawBufferPointer) -> Bool {
        var count = 0
        for byte in text {
            if byte & 0xC0 != 0x80 { count += 1 }
            if byte < 0x80, !isLetterOrDigit(byte) { return false }
        }
        return 6...16 ~= count
    }

    private static func isDigest(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 64 else { return false }
        for byte in text where !(byte &- 0x30 < 10 || byte &- 0x61 < 6) { return false }
        return true
    }

    private static func isURI(_ text: UnsafeRawBufferPointer, bytesMax: Int) -> Bool {
        guard text.count <= bytesMax else { return false }
        for byte in text where byte <= 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C {
            return false
        }
        for scheme in ["https://", "http://"] as [StaticString] {
            let count = scheme.utf8CodeUnitCount
            guard text.count > count else { continue }
            if (0..<count).allSatisfy({ text[$0] == scheme.utf8Start[$0] }) { return true }
        }
        return false
    }

    private static func isCaseID(_ text: UnsafeRawBufferPointer) -> Bool {
        guard 1...96 ~= text.count, text[0] != UInt8(ascii: "."), text[0] != UInt8(ascii: "-")
        else { return false }
        for byte in text
        where !(isLetterOrDigit(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F) {
            return false
        }
        return true
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
    }
}

// MARK: - Words

extension ValueCheck {
    /// What was expected, as the object of a sentence.
    static func expected(_ check: MemberCheck, words: [String]) -> Phrase {
        switch check.type {
        case .string, .text:
            Phrase(
                en:
                    "1 to \(check.bytesMax) bytes, no control characters, no space at the ends",
                zh: " 1 至 \(check.bytesMax) 字节的文字，无控制字符，首尾无空格")
        case .integer:
            Phrase(
                en: "a whole number\(range(check).en)", zh: "整数\(range(check).zh)")
        case .fen:
            Phrase(
                en: "money in fen, a whole number\(range(check).en)",
                zh: "以分为单位的金额（整数）\(range(check).zh)")
        case .percent: Phrase(en: "a number from 0 to 100", zh: " 0 至 100 的数")
        case .boolean: Phrase(en: "true or false", zh: " true 或 false")
        case .date: Phrase(en: "a date such as 2025-03-04", zh: "日期，如 2025-03-04")
        case .instant:
            Phrase(
                en: "a time with an offset such as 2025-03-04T09:30:00+08:00",
                zh: "带时区的时间，如 2025-03-04T09:30:00+08:00")
        case .enum:
            Phrase(
                en: "one of \(words.joined(separator: ", "))",
                zh: "以下之一：\(words.joined(separator: "、"))")
        case .record:
            Phrase(
                en: "an object of at most \(check.bytesMax) bytes",
                zh: "不超过 \(check.bytesMax) 字节的对象")
        case .reference:
            Phrase(
                en:
                    "\(words.first ?? "<procedure>")/<case id>, or {\"origin\",\"stream\"}",
                zh: " \(words.first ?? "<程序>")/<案件编号>，或 {\"origin\",\"stream\"}")
        default: form(check.type)
        }
    }

    private static func form(_ type: FieldType) -> Phrase {
        switch type {
        case .docNo:
            Phrase(en: "a document number such as 杭应急罚〔2025〕12号", zh: "文号，如 杭应急罚〔2025〕12号")
        case .uscc:
            Phrase(
                en: "a unified social credit code of 18 characters with its check character",
                zh: "18 位统一社会信用代码（含校验码）")
        case .residentId:
            Phrase(
                en: "a resident identity number of 18 characters with its check character",
                zh: "18 位公民身份号码（含校验码）")
        case .certificate:
            Phrase(
                en: "a certificate number of 6 to 16 letters, digits or characters",
                zh: "6 至 16 位证号（字母、数字或汉字）")
        case .region: Phrase(en: "a region's code of the catalogue", zh: "目录所列的行政区划代码")
        case .digest, .attachment:
            Phrase(
                en: "a SHA-256 digest of 64 lower-case hexadecimal digits",
                zh: " SHA-256 摘要（64 位小写十六进制）")
        case .uri:
            Phrase(
                en: "an address that begins with https:// or http://",
                zh: "以 https:// 或 http:// 开头的网址")
        case .person: Phrase(en: "a person's id such as P-0132", zh: "人员代号，如 P-0132")
        case .organisation:
            Phrase(en: "an object {\"name\",\"uscc\"}", zh: "对象 {\"name\",\"uscc\"}")
        case .target:
            Phrase(en: "an object {\"seq\",\"leafHash\"}", zh: "对象 {\"seq\",\"leafHash\"}")
        case .caseId:
            Phrase(en: "a case id of letters, digits, . _ -", zh: "由字母、数字和 . _ - 组成的案件编号")
        default: Phrase(en: "an object", zh: "对象")
        }
    }

    private static func range(_ check: MemberCheck) -> Phrase {
        let isOpen = check.maximum == Field.integerMax
        if isOpen, check.minimum == -Field.integerMax { return Phrase(en: "", zh: "") }
        if isOpen { return Phrase(en: " from \(check.minimum)", zh: "，不小于 \(check.minimum)") }
        return Phrase(
            en: " from \(check.minimum) to \(check.maximum)",
            zh: "，\(check.minimum) 至 \(check.maximum)")
    }

    /// What was found, except an identity number, which is not repeated.
    static func found(_ value: JSONView, _ check: MemberCheck) -> Phrase {
        switch value.kind {
        case .null: return Phrase(en: "null", zh: "空值")
        case .array: return Phrase(en: "a list", zh: "列表")
        case .object: return Phrase(en: "an object", zh: "对象")
        case .string where check.type == .residentId:
            return Phrase(en: "another value", zh: "其他值")
        case .string: return quoted(value, check)
        default:
            let text = String(decoding: value.rawBytes.prefix(40), as: UTF8.self)
            return Phrase(en: text, zh: " \(text)")
        }
    }

    private static func quoted(_ value: JSONView, _ check: MemberCheck) -> Phrase {
        let text = value.string ?? ""
        let short = text.count > 40 ? "\(text.prefix(40))…" : text
        var phrase = Phrase(en: "\"\(short)\"", zh: "“\(short)”")
        if value.utf8.count > check.bytesMax, check.bytesMax > 0 {
            phrase = Phrase(
                en: "\(value.utf8.count) bytes", zh: " \(value.utf8.count) 字节")
        }
        guard check.type == .uscc, value.utf8.count == 18,
            let right = CreditCode.check(value.utf8)
        else { return phrase }
        let character = String(Unicode.Scalar(right))
        return Phrase(
            en: phrase.en
                + ", whose last character would be \(character); compare it with the licence",
            zh: phrase.zh + "，末位应为 \(character)，请与证照核对")
    }
}
