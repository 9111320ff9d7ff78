import Access
import HTTPTypes
import Phrases

/// One resource's method: where it is, who may ask, and what answers.
final class Route: Sendable {
    let method: HTTPRequest.Method
    /// A path such as `/v1/events/{seq}`; a last placeholder `{name+}` takes all that is left.
    let template: String
    let audience: Audience
    let summary: Phrase
    let answer: Answering
    /// Whether it takes little time and waits for no disk, unless the request is large: then it
    /// runs on the thread of its connection, which others share.
    let isQuick: Bool
    private let pattern: [Segment]

    /// Who may ask, before the handler looks closer.
    enum Audience: Sendable {
        /// Also who has no token.
        case anyone
        /// Who bears a token.
        case bearers
        /// Who may do one of these.
        case holders([Action])

        func demand(_ caller: Caller) throws(Problem) {
            guard case .holders(let actions) = self else { return }
            var refusal: Problem?
            for action in actions {
                guard case .refused(let why) = caller.may(action) else { return }
                refusal = refusal ?? Problem(.forbidden, why)
            }
            if let refusal { throw refusal }
        }
    }

    /// Runs where it is called: it leaves the thread of the connection only where it says so.
    typealias Answering =
        nonisolated(nonsending) @Sendable (APIRequest) async throws -> APIResponse

    private enum Segment {
        case literal(String)
        case one(String)
        case rest(String)

        init(_ text: Substring) {
            guard text.hasPrefix("{"), text.hasSuffix("}") else {
                self = .literal(String(text))
                return
            }
            let name = text.dropFirst().dropLast()
            self = name.hasSuffix("+") ? .rest(String(name.dropLast())) : .one(String(name))
        }
    }

    init(
        _ method: HTTPRequest.Method, _ template: String, _ audience: Audience = .bearers,
        en: String, zh: String, isQuick: Bool = false,
        answer: @escaping Answering
    ) {
        (self.method, self.template, self.audience) = (method, template, audience)
        (summary, self.answer, self.isQuick) = (Phrase(en: en, zh: zh), answer, isQuick)
        pattern = template.split(separator: "/").map { Segment($0) }
    }

    /// The values of the placeholders if the path is this route's.
    func match(_ path: [String]) -> [String: String]? {
        var places: [String: String] = [:]
        for (place, segment) in pattern.enumerated() {
            guard place < path.count else { return nil }
            switch segment {
            case .literal(let text):
                guard path[place] == text else { return nil }
            case .one(let name):
                guard !path[place].isEmpty else { return nil }
                places[name] = path[place]
            case .rest(let name):
                places[name] = path[place...].joined(separator: "/")
                return places
            }
        }
        return path.count == pattern.count ? places : nil
    }
}

/// All routes of the service.
struct RouteTable: Sendable {
    let routes: [Route]

    /// The route of a request and the values of its placeholders.
    func find(
        _ method: HTTPRequest.Method, _ path: [String]
    ) throws(Problem) -> (Route, [String: String]) {
        let wanted = method == .head ? .get : method
        var allowed: [String] = []
        // The first template that fits is the resource: literal ones stand before placeholders.
        let template = routes.first { $0.match(path) != nil }?.template
        for route in routes where route.template == template {
            guard let places = route.match(path) else { continue }
            if route.method == wanted { return (route, places) }
            allowed.append(route.method.rawValue)
        }
        guard !allowed.isEmpty else {
            throw Problem(
                .notFound, en: "there is no such route; GET / shows them",
                zh: "没有该路径；GET / 可查看全部接口")
        }
        if allowed.contains("GET") { allowed.append("HEAD") }
        let methods = allowed.joined(separator: ", ")
        var problem = Problem(
            .methodNotAllowed, en: "the methods here are \(methods)",
            zh: "此处支持的方法：\(methods)")
        problem.headers[.allow] = methods
        throw problem
    }
}
