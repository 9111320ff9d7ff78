import CanonicalJSON
import HTTPTypes
import Phrases
import Records

/// How a request carries events: the CloudEvents HTTP protocol binding, Specs/http.md section 2.
enum ContentMode: Sendable {
    case structured
    case batch
    /// The attributes, in headers.
    case binary([JSONMember])

    private static let structuredType = "application/cloudevents+json"
    private static let batchType = "application/cloudevents-batch+json"
    private static let prefix = "ce-"

    init(_ headers: HTTPFields) throws(Problem) {
        guard headers[.contentEncoding] ?? "identity" == "identity" else {
            throw ContentMode.otherType
        }
        switch try ContentMode.mediaType(headers) {
        case ContentMode.structuredType: self = .structured
        case ContentMode.batchType: self = .batch
        case "application/json", nil:
            let attributes = try ContentMode.attributes(headers)
            guard attributes.contains(where: { $0.name == "specversion" }) else {
                throw ContentMode.otherType
            }
            self = .binary(attributes)
        default: throw ContentMode.otherType
        }
    }

    /// The media type in lower case, without parameters; nil if there is none.
    private static func mediaType(_ headers: HTTPFields) throws(Problem) -> String? {
        let fields = headers[values: .contentType]
        guard let field = fields.first else { return nil }
        guard fields.count == 1 else { throw otherType }
        let parts = field.split(separator: ";").map { $0.trimmed.lowercased() }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst(8)
        guard ["utf-8", "\"utf-8\"", nil].contains(charset) else { throw otherType }
        return parts.first
    }

    private static var otherType: Problem {
        var problem = Problem(
            .unsupportedMediaType,
            en: "send \(structuredType), \(batchType), or application/json with ce- headers, "
                + "in UTF-8 and without Content-Encoding",
            zh: "请使用 \(structuredType)、\(batchType)，或带 ce- 头的 application/json，"
                + "UTF-8 编码且不压缩（无 Content-Encoding）")
        problem.headers[.accept] = "\(structuredType), \(batchType), application/json"
        return problem
    }
}

// MARK: - Binary mode

extension ContentMode {
    private static func attributes(_ headers: HTTPFields) throws(Problem) -> [JSONMember] {
        var attributes: [JSONMember] = []
        for field in headers {
            let header = field.name.canonicalName
            guard header.hasPrefix(prefix) else { continue }
            let name = String(header.dropFirst(prefix.count))
            guard name != "data", name != "datacontenttype",
                !attributes.contains(where: { $0.name == name })
            else { throw wrong(header, "is given twice, or is no attribute of the event") }
            guard let text = decoded(field.value) else {
                throw wrong(header, "is not percent-encoded UTF-8")
            }
            attributes.append(JSONMember(name, value(of: name, text)))
        }
        return attributes
    }

    private static func wrong(_ header: String, _ why: String) -> Problem {
        Problem(
            .malformedRequest, en: "the header \(header) \(why)",
            zh: "请求头 \(header) 重复、不属于事件属性，或不是百分号编码的 UTF-8")
    }

    /// Attributes of the JSON format that are no strings.
    private static func value(of name: String, _ text: String) -> JSONValue {
        switch (name, text) {
        case ("asserted", "true"): return true
        case ("asserted", "false"): return false
        case ("expectedrevision", _):
            let number = Int64(text)
            return number.map { String($0) == text ? .integer($0) : .string(text) } ?? .string(text)
        default: return .string(text)
        }
    }

    /// A header's value, unquoted and then percent-decoded once: section 3.1.3.2 of the binding.
    private static func decoded(_ value: String) -> String? {
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        guard value.hasPrefix("\"") else { return percentDecoded(value) }
        guard value.utf8.count >= 2, value.hasSuffix("\"") else { return nil }
        var text = ""
        var isEscaped = false
        for character in value.dropFirst().dropLast() {
            if !isEscaped, character == "\\" {
                isEscaped = true
                continue
            }
            guard isEscaped || character != "\"" else { return nil }
            text.append(character)
            isEscaped = false
        }
        return isEscaped ? nil : percentDecoded(text)
    }

    /// The event in the JSON format, from its attributes and the bytes of its data.
    static func event(
        _ attributes: [JSONMember], data: [UInt8]
    ) throws(EventRefused) -> [UInt8] {
        do throws(JSONError) {
            let value = try JSONValue(parsing: data)
            return JSONValue.object(attributes + [JSONMember("data", value)]).canonicalBytes
        } catch {
            throw EventRefused([Refusal(.malformed, at: "/data", error.phrase)])
        }
    }
}
