import Access
import Catalogue
import HTTPTypes
import Phrases

/// A request as handlers see it: read, and its caller known.
struct APIRequest: Sendable {
    let headers: HTTPFields
    /// What stands before every path of this ledger; empty where there is one ledger.
    let base: String
    /// The values of the route's placeholders, percent-decoded.
    let places: [String: String]
    let query: QueryParameters
    let language: Language
    let caller: Caller
    /// Whether his token is good now: who follows for days is asked again.
    let isStillGood: @Sendable () -> Bool
    let body: IncomingBody

    func place(_ name: String) -> String { places[name] ?? "" }

    /// Throws if the caller may not do this.
    func demand(_ action: Action) throws(Problem) {
        guard case .refused(let why) = caller.may(action) else { return }
        throw Problem(.forbidden, why)
    }

    /// A record's number in the path.
    func sequence() throws(Problem) -> UInt64 {
        guard let number = naturalNumber(place("seq")) else {
            throw Problem(
                .malformedRequest, en: "a record's number is decimal, without leading zeros",
                zh: "记录序号应为十进制数，不带前导零")
        }
        return number
    }

    /// Whether `Accept` names the media type; a missing header and `*/*` do not.
    func accepts(_ mediaType: String) -> Bool {
        let accepted = headers[values: .accept].joined(separator: ",")
        return accepted.split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.trimmed.lowercased() }
            return parts.first == mediaType && !parts.contains("q=0")
        }
    }
}

/// A decimal number as we write one, or nil.
func naturalNumber(_ text: String) -> UInt64? {
    guard let number = UInt64(text), String(number) == text, number <= 1 << 53 else { return nil }
    return number
}

extension StringProtocol {
    /// Without spaces and tabs at its ends: RFC 9110 section 5.6.3.
    var trimmed: String {
        let isText = { (byte: UInt8) in byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") }
        guard let start = utf8.firstIndex(where: isText) else { return "" }
        var end = start
        while let next = utf8[end...].firstIndex(where: isText) { end = utf8.index(after: next) }
        return String(self[start..<end])
    }
}

/// What comes after the question mark: each name once.
struct QueryParameters: Sendable {
    private let values: [(name: String, value: String)]

    static let none = QueryParameters(values: [])

    private init(values: [(name: String, value: String)]) {
        self.values = values
    }

    /// Reads `name=value&…`, percent-decoded; a plus sign is a plus sign.
    init(_ text: some StringProtocol) throws(Problem) {
        var values: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let ends = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(ends[0]),
                let value = percentDecoded(ends.count > 1 ? ends[1] : "")
            else {
                throw Problem(
                    .malformedRequest,
                    en: "the query is not percent-encoded UTF-8 without control characters",
                    zh: "查询参数应为不含控制字符的百分号编码 UTF-8")
            }
            guard !values.contains(where: { $0.name == name }) else {
                throw Problem(
                    .malformedRequest, en: "the parameter \(name) is given twice",
                    zh: "参数 \(name) 重复")
            }
            values.append((name, value))
        }
        self.init(values: values)
    }

    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    /// Throws if there is any other parameter than these.
    func demandOnly(_ names: Set<String>) throws(Problem) {
        guard let other = values.first(where: { !names.contains($0.name) }) else { return }
        let known = names.sorted().joined(separator: ", ")
        throw Problem(
            .malformedRequest,
            en: "there is no parameter \(other.name)"
                + (known.isEmpty ? "" : "; there are \(known)"),
            zh: "没有参数 \(other.name)" + (known.isEmpty ? "" : "；可用参数：\(known)"))
    }

    /// A whole number from `range`.
    func number(_ name: String, in range: ClosedRange<UInt64>) throws(Problem) -> UInt64? {
        guard let text = self[name] else { return nil }
        guard let number = naturalNumber(text), range.contains(number) else {
            throw Problem(
                .malformedRequest,
                en: "\(name) is a number from \(range.lowerBound) to \(range.upperBound)",
                zh: "\(name) 应为 \(range.lowerBound) 至 \(range.upperBound) 的整数")
        }
        return number
    }

    /// `true` or `false`; false if it is not given.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch self[name] {
        case nil, "false": return false
        case "true": return true
        default:
            throw Problem(
                .malformedRequest, en: "\(name) is true or false", zh: "\(name) 应为 true 或 false")
        }
    }
}

/// The text that `encoded` stands for (RFC 3986 section 2.1), or nil if it is not UTF-8 or holds a
/// control character.
func percentDecoded(_ encoded: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var digits = encoded.utf8.makeIterator()
    while let byte = digits.next() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard let high = digits.next().flatMap(hexValue), let low = digits.next().flatMap(hexValue)
        else { return nil }
        bytes.append(high << 4 | low)
    }
    guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
}

private func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}

/// For a value in a query: all but unreserved characters encoded (RFC 3986 section 2.3).
func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let hex = String(byte, radix: 16, uppercase: true)
            result += "%" + (hex.count < 2 ? "0" : "") + hex
        }
    }
    return result
}
