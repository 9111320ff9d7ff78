import Digests

/// Case ids made of what the file calls its cases, and how many rows each has had.
///
/// It keeps 24 bytes a case, hashes instead of texts, so that a file of any length can be read.
struct CaseNames {
    struct Name {
        let text: String
        /// The place of the row in its case, from 1.
        let number: Int
    }

    private struct State {
        let original: UInt64
        var count: Int
    }

    private static let bytesMax = 96
    /// Fixed, so that every run sees the same.
    private static let key = ShortHash(
        high: 0x6861_6e71_696e_6721, low: 0x6361_7365_206e_616d)

    private let replacements: [MappingPlan.Replacement]
    private var states: [UInt64: State] = [:]
    /// Rows of a case mostly stand together.
    private var last: (original: String, text: String, hash: UInt64)?

    init(_ replacements: [MappingPlan.Replacement]) {
        self.replacements = replacements
    }

    var count: Int { states.count }

    /// The case id for `original`, counting this row.
    ///
    /// First the mapping's replacements, in order; then every character that a case id cannot hold
    /// becomes `_` and its code point in hexadecimal: Specs/import.md section 3.
    mutating func name(for original: String) throws(RowRefusal) -> Name {
        if let last, last.original == original {
            return Name(text: last.text, number: count(last.hash))
        }
        let text = written(original)
        guard isSound(text) else {
            throw RowRefusal(
                .invalidCase,
                en:
                    "\"\(original)\" makes no case id (it would be \"\(text)\"): 1 to 96 of letters, "
                    + "digits and . _ -, not beginning with . or -; replace more in the mapping",
                zh: "“\(original)”不能成为案件编号（会成为“\(text)”）：应为 1 至 96 个字母、数字和 . _ -，"
                    + "不以 . 或 - 开头，请在映射的 replace 中替换")
        }
        let hash = CaseNames.hash(text)
        let own = CaseNames.hash(original)
        if let state = states[hash] {
            guard state.original == own else { throw collision(original, text) }
        } else {
            states[hash] = State(original: own, count: 0)
        }
        last = (original, text, hash)
        return Name(text: text, number: count(hash))
    }

    private mutating func count(_ hash: UInt64) -> Int {
        states[hash]?.count += 1
        return states[hash]?.count ?? 0
    }

    private func written(_ original: String) -> String {
        if replacements.isEmpty, original.utf8.allSatisfy(isCaseIDByte) { return original }
        var text = original
        for replacement in replacements {
            text = text.replacing(replacement.from, with: replacement.to)
        }
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.value < 0x80, isCaseIDByte(UInt8(scalar.value)) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "_" + String(scalar.value, radix: 16)
            }
        }
        return result
    }

    private func isSound(_ text: String) -> Bool {
        1...CaseNames.bytesMax ~= text.utf8.count && !text.hasPrefix(".") && !text.hasPrefix("-")
    }

    private func isCaseIDByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private func collision(_ original: String, _ text: String) -> RowRefusal {
        RowRefusal(
            .invalidCase,
            en: "\"\(original)\" would be the case id \"\(text)\", which another case of this file "
                + "has already; replace differently in the mapping",
            zh: "“\(original)”会成为案件编号“\(text)”，而文件中另一案件已用此编号，请修改映射中的 replace")
    }

    private static func hash(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { SipHash.hash(UnsafeRawBufferPointer($0), key: key).low }
    }
}
