import Access
import CanonicalJSON
import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerHome
import Phrases

/// Gives each request to the ledger that its path begins with: Specs/serving.md section 4.
struct LedgersResponder: HTTPResponder {
    typealias Context = Responder.Context

    private let ledgers: [ServedLedger]
    /// Answers what is asked of the service as a whole.
    private let root: Responder

    init(_ ledgers: [ServedLedger], _ language: Language, _ memory: BodyMemory) {
        self.ledgers = ledgers
        root = Responder(
            table: RouteTable(over: ledgers), authenticator: NoTokens(), base: "",
            language: language, memory: memory,
            measures: ServiceMeasures(registry: PrometheusRegistry()))
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        let target = request.head.path ?? ""
        guard let one = ledgers.first(where: { $0.holds(target) }) else {
            return try await root.respond(to: request, context: context)
        }
        return try await one.responder.respond(to: request, context: context)
    }
}

/// No route of the whole asks for one.
private struct NoTokens: Authenticator {
    func caller(
        bearing token: String?, showing certificate: PeerCertificate?
    ) throws(AccessRefused) -> Caller {
        throw .unauthenticated(
            Phrase(en: "ask one of the ledgers", zh: "请访问其中一个账本"))
    }

    func admit(_ caller: Caller) throws(AccessRefused) {}
}

extension RouteTable {
    /// What is asked of several ledgers at once.
    fileprivate init(over ledgers: [ServedLedger]) {
        routes = [
            Route(.get, "/", .anyone, en: "The ledgers", zh: "账本列表") { _ in
                APIResponse(
                    json: [
                        "ledgers": .array(
                            ledgers.map {
                                [
                                    "path": .string($0.base + "/"),
                                    "origin": .string($0.ledger.settings.origin),
                                ]
                            })
                    ])
            },
            Route(.get, "/healthz", .anyone, en: "Whether it answers", zh: "存活检查") {
                _ in StateRoutes.alive
            },
            Route(.get, "/readyz", .anyone, en: "Whether all are ready", zh: "就绪检查") { _ in
                var states: [JSONMember] = []
                for one in ledgers {
                    let isReady = await one.state.isReady()
                    states.append(JSONMember(String(one.base.dropFirst()), .bool(isReady)))
                }
                let areReady = states.allSatisfy { $0.value == .bool(true) }
                return APIResponse(
                    areReady ? .ok : .serviceUnavailable,
                    json: ["ready": .bool(areReady), "ledgers": .object(states)],
                    headers: [.cacheControl: "no-store"])
            },
        ]
    }
}
