import CanonicalJSON
import Phrases

/// Why the service did not do what was asked: RFC 9457; Specs/http.md section 3.
public struct Problem: Hashable, Sendable {
    /// The codes of Specs/http.md section 3.
    public enum Code: String, Sendable, CaseIterable {
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

    /// What is wrong with an event.
    public struct Refusal: Hashable, Sendable {
        /// The event's place in the batch, from 0; nil if one event was sent.
        public let event: Int?
        /// What kind of fault it is, such as `missing`.
        public let code: String
        /// A JSON pointer (RFC 6901) into the event.
        public let pointer: String
        /// For people.
        public let reason: String
        /// Where a rule forbids the act.
        public let rule: Rule?
    }

    /// A rule of the catalogue, and what would satisfy it.
    public struct Rule: Hashable, Sendable {
        /// What the rule asks for and is not there.
        public struct Missing: Hashable, Sendable {
            /// As the catalogue names it.
            public let name: String
            /// For people.
            public let title: String
        }

        /// As the catalogue names it.
        public let id: String
        /// The articles that it rests on.
        public let basis: [String]
        /// What the law says, in its own words.
        public let quote: String?
        /// What would satisfy it and is not there.
        public let missing: [Missing]
        /// What to do next.
        public let next: String
    }

    /// The HTTP status.
    public let status: Int
    /// Nil if the answer is not of the service but of something before it.
    public let code: Code?
    /// The kind of problem, for people.
    public let title: String
    /// What is the matter here, for people.
    public let detail: String
    /// What is wrong with each event.
    public let refusals: [Refusal]
    /// How long to wait at least; nil if the service did not say.
    public let retryAfter: Duration?
}

extension Problem {
    private static let prefix = "urn:hanqing:problem:"

    /// Reads any answer of 400 and above; of one that is no problem only the status is known.
    init(_ status: Int, _ headers: [String: String], _ body: [UInt8]) {
        let isProblem = headers["content-type"]?.hasPrefix("application/problem+json") ?? false
        let value = isProblem ? try? JSONValue(parsing: body) : nil
        self.status = status
        code = value?["type"]?.string.flatMap { type in
            type.hasPrefix(Problem.prefix)
                ? Code(rawValue: String(type.dropFirst(Problem.prefix.count))) : nil
        }
        title = value?["title"]?.string ?? ""
        detail = value?["detail"]?.string ?? ""
        refusals = (value?["refusals"]?.array ?? []).map { Refusal($0) }
        retryAfter = headers["retry-after"].flatMap { Int64($0) }
            .flatMap { $0 >= 0 ? .seconds($0) : nil }
    }

    /// Whether the same request may be answered otherwise later.
    var mayPass: Bool { [408, 429, 500, 502, 503, 504].contains(status) }

    /// Whether it is known that this request did nothing.
    var didNothing: Bool { status < 500 || status == 503 && code != nil && retryAfter != nil }

    /// Whether it judges the events themselves: then they are not recorded, whatever came of
    /// earlier tries, because what is recorded is a repeat.
    var judgesEvents: Bool {
        code.map { [.invalidEvent, .conflict, .rule].contains($0) } ?? false
    }

    var phrase: Phrase {
        let words = [title, detail].filter { !$0.isEmpty }.joined(separator: ": ")
        let text = words.isEmpty ? "HTTP \(status)" : "\(words) (HTTP \(status))"
        // The service said it in the language that was asked for.
        return Phrase(en: text, zh: text)
    }
}

extension Problem.Refusal {
    fileprivate init(_ value: JSONValue) {
        event = value["event"]?.integer.flatMap { Int(exactly: $0) }
        code = value["code"]?.string ?? ""
        pointer = value["pointer"]?.string ?? ""
        reason = value["reason"]?.string ?? ""
        rule = value["rule"].map { Problem.Rule($0) }
    }
}

extension Problem.Rule {
    fileprivate init(_ value: JSONValue) {
        id = value["id"]?.string ?? ""
        basis = (value["basis"]?.array ?? []).compactMap(\.string)
        quote = value["quote"]?.string
        missing = (value["missing"]?.array ?? []).map {
            Missing(name: $0["name"]?.string ?? "", title: $0["title"]?.string ?? "")
        }
        next = value["next"]?.string ?? ""
    }
}
