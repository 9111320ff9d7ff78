import CanonicalJSON
import HTTPTypes
import LedgerHome
import LedgerStore
import Phrases
import Projections
import Records
import Sequencing

/// An answer of 400 and above: RFC 9457; the table in Specs/http.md section 3.
struct Problem: Error, Sendable {
    enum Code: String, Sendable, CaseIterable {
        case malformedRequest = "malformed-request"
        case invalidEvent = "invalid-event"
        case unauthenticated
        case forbidden
        case notGranted = "not-granted"
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case timeout
        case conflict
        case tooLarge = "too-large"
        case uriTooLong = "uri-too-long"
        case unsupportedMediaType = "unsupported-media-type"
        case rule
        case unsuitable
        case tooManyRequests = "too-many-requests"
        case `internal`
        case busy
        case unavailable
    }

    let code: Code
    let detail: Phrase
    /// What is wrong with each event.
    var refused: [RefusedEvent] = []
    /// Of a batch the refusals name the event's place.
    var isBatch = false
    var headers: HTTPFields = [:]

    init(_ code: Code, _ detail: Phrase) {
        (self.code, self.detail) = (code, detail)
    }

    init(_ code: Code, en: String, zh: String) {
        self.init(code, Phrase(en: en, zh: zh))
    }

    /// Trying again later can help.
    init(_ code: Code, retryAfterSeconds: Int, en: String, zh: String) {
        self.init(code, en: en, zh: zh)
        headers[.retryAfter] = String(retryAfterSeconds)
    }
}

extension Problem.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .malformedRequest, .invalidEvent: .badRequest
        case .unauthenticated: .unauthorized
        case .forbidden: .forbidden
        case .notGranted: .unprocessableContent
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .timeout: .requestTimeout
        case .conflict: .conflict
        case .tooLarge: .contentTooLarge
        case .uriTooLong: .uriTooLong
        case .unsupportedMediaType: .unsupportedMediaType
        case .rule, .unsuitable: .unprocessableContent
        case .tooManyRequests: .tooManyRequests
        case .internal: .internalServerError
        case .busy, .unavailable: .serviceUnavailable
        }
    }

    var title: Phrase {
        switch self {
        case .malformedRequest: Phrase(en: "The request cannot be read", zh: "请求无法读取")
        case .invalidEvent: Phrase(en: "The event is not sound", zh: "事件不符合要求")
        case .unauthenticated: Phrase(en: "No valid token", zh: "没有有效的令牌")
        case .forbidden: Phrase(en: "This is not permitted to you", zh: "无此权限")
        case .notGranted: Phrase(en: "It may not be granted", zh: "不得如此授权")
        case .notFound: Phrase(en: "There is no such thing", zh: "没有该资源")
        case .methodNotAllowed:
            Phrase(en: "The resource has no such method", zh: "该资源不支持此方法")
        case .timeout: Phrase(en: "The body did not come in time", zh: "请求正文未按时到达")
        case .conflict:
            Phrase(en: "It contradicts what the ledger holds", zh: "与账本已有内容冲突")
        case .tooLarge: Phrase(en: "It is too large", zh: "内容过大")
        case .uriTooLong: Phrase(en: "The request target is too long", zh: "请求地址过长")
        case .unsupportedMediaType: Phrase(en: "Another media type", zh: "媒体类型不受支持")
        case .rule: Phrase(en: "A rule forbids the act", zh: "规则不允许该行为")
        case .unsuitable: Phrase(en: "What was sent does not fit together", zh: "各项内容互不相符")
        case .tooManyRequests: Phrase(en: "Too many requests", zh: "请求过于频繁")
        case .internal: Phrase(en: "A fault of the service", zh: "服务内部错误")
        case .busy: Phrase(en: "The service is busy", zh: "服务繁忙")
        case .unavailable: Phrase(en: "The ledger cannot answer", zh: "账本暂时无法应答")
        }
    }
}

// MARK: - From what went wrong

extension Problem {
    init(_ error: StoreError) {
        self.init(.unavailable, error.reason)
        // Damage and what stopped for good do not pass by waiting.
        if error.code == .unavailable { headers[.retryAfter] = "5" }
    }

    init(_ error: LedgerError) {
        self.init(
            .unavailable,
            Phrase(
                en: error.phrases.map(\.en).joined(separator: "\n"),
                zh: error.phrases.map(\.zh).joined(separator: "\n")))
    }

    init(_ error: ProjectionError) {
        self.init(error.kind == .unknownName ? .notFound : .unavailable, error.phrase)
    }

    init(_ refused: AccessRefused) {
        switch refused {
        case .unauthenticated(let why):
            self.init(.unauthenticated, why)
            headers[.wwwAuthenticate] = #"Bearer realm="hanqing""#
        case .tooManyRequests(let seconds):
            self.init(
                .tooManyRequests, retryAfterSeconds: seconds,
                en: "try again after \(seconds) s", zh: "请在 \(seconds) 秒后重试")
        }
    }

    static let noRecord = Problem(
        .notFound, en: "there is no record with that number yet", zh: "尚无该序号的记录")
}

// MARK: - What is told

extension Problem {
    func json(_ language: Language) -> JSONValue {
        var members = [
            JSONMember("type", .string("urn:hanqing:problem:\(code.rawValue)")),
            JSONMember("title", .string(code.title[language])),
            JSONMember("status", .integer(Int64(code.status.code))),
            JSONMember("detail", .string(detail[language])),
        ]
        if !refused.isEmpty {
            let list = refused.flatMap { event in
                event.refusals.map { json($0, of: event.place, language) }
            }
            members.append(JSONMember("refusals", .array(list)))
        }
        return .object(members)
    }

    private func json(_ refusal: Refusal, of place: Int, _ language: Language) -> JSONValue {
        var members: [JSONMember] = []
        if isBatch { members.append(JSONMember("event", .integer(Int64(place)))) }
        members += [
            JSONMember("code", .string(refusal.code.rawValue)),
            JSONMember("pointer", .string(refusal.pointer)),
            JSONMember("reason", .string(refusal.reason[language])),
        ]
        if let rule = refusal.rule { members.append(JSONMember("rule", json(rule, language))) }
        return .object(members)
    }

    private func json(_ rule: RefusingRule, _ language: Language) -> JSONValue {
        [
            "id": .string(rule.id), "basis": .array(rule.basis.map { .string($0[language]) }),
            "quote": rule.quote.map { .string($0) } ?? .null,
            "missing": .array(
                rule.missing.map {
                    ["name": .string($0.name), "title": .string($0.title[language])]
                }),
            "next": .string(rule.next[language]),
        ]
    }
}
