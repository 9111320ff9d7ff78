import Access
import CanonicalJSON
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Phrases

/// Between Hummingbird and the routes: reads a request's head, finds its route and its caller,
/// writes what the handler answers.
final class Responder: HTTPResponder {
    let table: RouteTable
    let authenticator: any Authenticator
    /// Before every path, such as `/hangzhou`; empty where there is one ledger.
    let base: String
    let language: Language
    let memory: BodyMemory
    let measures: ServiceMeasures
    /// Whether clients may have shown certificates.
    let seesCertificates: Bool

    private static let targetByteCountMax = 8 << 10
    /// What is read and checked in well under a millisecond.
    private static let quickByteCountMax = 64 << 10

    init(
        table: RouteTable, authenticator: any Authenticator, base: String, language: Language,
        memory: BodyMemory, measures: ServiceMeasures, seesCertificates: Bool = false
    ) {
        (self.table, self.authenticator, self.base) = (table, authenticator, base)
        (self.language, self.memory, self.measures) = (language, memory, measures)
        self.seesCertificates = seesCertificates
    }

    /// The same routes without prefix and some more, for callers whom `authenticator` knows.
    func answering(_ authenticator: any Authenticator, beside more: [Route]) -> Responder {
        Responder(
            table: RouteTable(routes: table.routes + more), authenticator: authenticator, base: "",
            language: language,
            memory: memory, measures: measures)
    }

    /// What belongs to one request on one connection.
    struct Context: InitializableFromSource, Sendable {
        let channel: any Channel
        let logger: Logger

        init(source: ApplicationRequestContextSource) {
            (channel, logger) = (source.channel, source.logger)
        }
    }

    /// What is known of a request when it is answered.
    private struct Answered {
        var template = "-"
        var caller = Caller.nobody
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let start = ContinuousClock.now
        let language = Language(preferredBy: request.headers, else: language)
        let body = IncomingBody(
            request.body, declaredCount: request.headers[.contentLength].flatMap { Int($0) }, memory
        )
        defer { body.release() }
        var answered = Answered()
        var response: APIResponse
        do {
            response = try await answer(request, body, language, context, &answered)
        } catch let problem as Problem {
            response = APIResponse(problem, language)
        } catch {
            context.logger.error("a handler failed", metadata: ["error": "\(type(of: error))"])
            response = APIResponse(
                Problem(.internal, en: "it was logged", zh: "已记入日志"), language)
        }
        if let location = response.headers[.location] {
            response.headers[.location] = base + location
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        if hasBody(request), !body.isRead { response.headers[.connection] = "close" }
        let elapsed = ContinuousClock.now - start
        measures.answered(request.method, answered.template, response.status.code, elapsed)
        context.logger.info(
            "answered",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(answered.template)",
                "token": "\(answered.caller.grant?.id.text ?? "-")",
                "status": "\(response.status.code)",
                "milliseconds": "\(Int(elapsed / .milliseconds(1)))",
            ])
        return written(response, request.method, context)
    }

    private func hasBody(_ request: Request) -> Bool {
        request.headers[.transferEncoding] != nil
            || (request.headers[.contentLength] ?? "0") != "0"
    }

    private nonisolated(nonsending) func answer(
        _ request: Request, _ body: IncomingBody, _ language: Language, _ context: Context,
        _ answered: inout Answered
    ) async throws -> APIResponse {
        let (path, query) = try read(request.head.path ?? "")
        let (route, places) = try table.find(request.method, path)
        answered.template = route.template
        var caller = Caller.nobody
        var isGood: @Sendable () -> Bool = { true }
        if case .anyone = route.audience {
        } else {
            let token = try Responder.token(request.headers)
            let certificate =
                token == nil && seesCertificates
                ? await PeerCertificate(of: context.channel) : nil
            caller = try authenticated(token, certificate)
            isGood = { [authenticator] in
                (try? authenticator.caller(bearing: token, showing: certificate)) != nil
            }
            try route.audience.demand(caller)
        }
        answered.caller = caller
        let asked = APIRequest(
            headers: request.headers, base: base, places: places, query: query,
            language: language, caller: caller, isStillGood: isGood, body: body)
        guard route.isQuick, body.declaredCount ?? .max <= Responder.quickByteCountMax else {
            return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                try await route.answer(asked)
            }
        }
        return try await route.answer(asked)
    }

    private func authenticated(
        _ token: String?, _ certificate: PeerCertificate?
    ) throws(Problem) -> Caller {
        do throws(AccessRefused) {
            let caller = try authenticator.caller(bearing: token, showing: certificate)
            try authenticator.admit(caller)
            return caller
        } catch {
            throw Problem(error)
        }
    }

    private static func token(_ headers: HTTPFields) throws(Problem) -> String? {
        let fields = headers[values: .authorization]
        guard fields.count <= 1 else {
            throw Problem(
                .malformedRequest, en: "there is more than one Authorization",
                zh: "Authorization 多于一个")
        }
        let scheme = "bearer "
        return fields.first.flatMap { field in
            field.lowercased().hasPrefix(scheme) ? field.dropFirst(scheme.count).trimmed : nil
        }
    }

    /// The segments of the path and the parameters, decoded once.
    private func read(_ target: String) throws(Problem) -> ([String], QueryParameters) {
        guard target.utf8.count <= Responder.targetByteCountMax else {
            throw Problem(
                .uriTooLong, en: "a request target has at most 8 KiB", zh: "请求地址至多 8 KiB")
        }
        guard target.hasPrefix(base) else { throw Responder.badPath }
        let parts = target.dropFirst(base.count)
            .split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        guard parts[0].hasPrefix("/") else { throw Responder.badPath }
        for segment in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        {
            guard let text = percentDecoded(segment) else { throw Responder.badPath }
            path.append(text)
        }
        if path == [""] { path = [] }
        return (path, try QueryParameters(parts.count > 1 ? parts[1] : ""))
    }

    private static let badPath = Problem(
        .malformedRequest, en: "the path is not percent-encoded UTF-8 without control characters",
        zh: "请求路径应为不含控制字符的百分号编码 UTF-8")
}

// MARK: - Writing

extension Responder {
    /// A reader who takes nothing for so long is let go.
    private static let stalledAfter = TimeAmount.seconds(60)
    /// What a client that still sends may take to see the answer.
    private static let lingering = TimeAmount.seconds(2)

    private func written(
        _ response: APIResponse, _ method: HTTPRequest.Method, _ context: Context
    ) -> Response {
        if response.headers[.connection] == "close" {
            let channel = context.channel
            channel.eventLoop.scheduleTask(in: Responder.lingering) {
                channel.close(promise: nil)
            }
        }
        switch response.body {
        case .bytes(let bytes):
            let whole = Response(
                status: response.status, headers: response.headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
            return method == .head || response.status == .notModified
                ? whole.createHeadResponse() : whole
        case .stream(let stream):
            guard method != .head else {
                return Response(status: response.status, headers: response.headers)
            }
            let channel = context.channel
            return Response(
                status: response.status, headers: response.headers,
                body: ResponseBody { writer in
                    // Reading records may take long.
                    try await withTaskExecutorPreference(globalConcurrentExecutor) {
                        try await stream { piece in
                            let timeout = channel.eventLoop.scheduleTask(
                                in: Responder.stalledAfter
                            ) { channel.close(promise: nil) }
                            defer { timeout.cancel() }
                            try await writer.write(ByteBuffer(bytes: piece))
                        }
                    }
                    try await writer.finish(nil)
                })
        }
    }
}

extension APIResponse {
    init(_ problem: Problem, _ language: Language) {
        self.init(
            problem.code.status, .problem, problem.json(language).bytesAsGiven,
            headers: problem.headers)
        headers[.contentLanguage] = language.rawValue
    }
}
