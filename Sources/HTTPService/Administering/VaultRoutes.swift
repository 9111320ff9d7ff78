import CanonicalJSON
import HTTPTypes
import LedgerHome
import Phrases

/// What the commands of the vault ask while the service has it open: over the socket of the
/// ledger's owner alone, since nobody else may do it: Specs/serving.md section 5.
struct VaultRoutes: Sendable {
    let ledger: Ledger
    let head: Watermark

    /// 4,096 wrapped keys, and more.
    private static let byteCountMax = 4 << 20

    var routes: [Route] {
        [
            Route(.post, VaultRequest.path, en: "Orders to the vault", zh: "密钥库指令") {
                try await answer($0)
            }
        ]
    }

    func answer(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let bytes = try await request.body.bytes(upTo: VaultRoutes.byteCountMax)
        guard let order = (try? JSONValue(parsing: bytes)).flatMap(VaultRequest.init) else {
            throw Problem(
                .malformedRequest, en: "no order to a vault", zh: "不是密钥库指令")
        }
        let response: APIResponse
        do throws(VaultRefusal) {
            response = APIResponse(
                json: ["answer": try await order.answer(by: LocalVault(ledger))],
                headers: [.cacheControl: "no-store"])
        } catch {
            response = APIResponse(
                .conflict, json: error.json, headers: [.cacheControl: "no-store"])
        }
        // Records that this made are to be seen by those who follow.
        try? await head.look(at: ledger)
        return response
    }
}
