import CanonicalJSON
import HTTPTypes

/// An answer as handlers give it.
struct APIResponse: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: Body

    enum Body: Sendable {
        case bytes([UInt8])
        /// Written piece by piece; what is thrown breaks the connection off, so that nobody takes
        /// a part for the whole.
        case stream(@Sendable (_ write: Writing) async throws -> Void)
    }

    /// Sends a piece and waits until the reader has taken what came before.
    typealias Writing = (_ piece: [UInt8]) async throws -> Void

    init(_ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: Body = .bytes([])) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// Some bytes of a media type.
    init(
        _ status: HTTPResponse.Status = .ok, _ mediaType: MediaType, _ bytes: [UInt8],
        headers: HTTPFields = [:]
    ) {
        self.init(status, headers: headers, body: .bytes(bytes))
        self.headers[.contentType] = mediaType.rawValue
    }

    /// A value, its members in the order given.
    init(
        _ status: HTTPResponse.Status = .ok, json: JSONValue, headers: HTTPFields = [:]
    ) {
        self.init(status, .json, json.bytesAsGiven, headers: headers)
    }
}

enum MediaType: String {
    case json = "application/json"
    case problem = "application/problem+json"
    case lines = "application/x-ndjson"
    case text = "text/plain; charset=utf-8"
    case page = "text/html; charset=utf-8"
    case yaml = "application/yaml"
    case bytes = "application/octet-stream"
    case events = "text/event-stream"
    case metrics = "text/plain; version=0.0.4; charset=utf-8"
}

extension HTTPFields {
    /// The values of a field that swift-http-types has no name for; `name` in lower case.
    func values(named name: String) -> [String] {
        filter { $0.name.canonicalName == name }.map(\.value)
    }

    /// Adds a field that swift-http-types has no name for.
    mutating func add(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { append(HTTPField(name: name, value: value)) }
    }
}
