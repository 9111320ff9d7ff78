import AuditSources
import Auditing
import CanonicalJSON
import HTTPTypes
import LedgerData
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Records

/// Checkpoint, tiles and how the service is: Specs/http.md section 5.
struct StateRoutes: Sendable {
    let ledger: Ledger
    let head: Watermark
    let models: ReadModels
    let publications: Publications
    let measures: ServiceMeasures

    func checkpoint(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let note: [UInt8]?
        do throws(StoreError) {
            note = try await TileSource(ledger.store).checkpoint()
        } catch {
            throw Problem(error)
        }
        guard let note else {
            throw Problem(.notFound, en: "there is no checkpoint yet", zh: "尚无检查点")
        }
        return APIResponse(.ok, .text, note, headers: [.cacheControl: "no-cache"])
    }

    func tile(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let path = "tile/\(request.place("level"))/\(request.place("index"))"
        guard let tile = Tile(path: path) else { throw Problem.noTile }
        let bytes: [UInt8]?
        do throws(StoreError) {
            bytes = try await TileSource(ledger.store).bytes(of: tile)
        } catch {
            throw Problem(error)
        }
        guard let bytes else { throw Problem.noTile }
        return APIResponse(
            .ok, .bytes, bytes,
            headers: [.cacheControl: "public, max-age=31536000, immutable"])
    }

    func health(_ request: APIRequest) async throws(Problem) -> APIResponse { StateRoutes.alive }

    static let alive = APIResponse(
        .ok, .text, Array("ok\n".utf8), headers: [.cacheControl: "no-store"])

    func readiness(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let head = try? await ledger.store.head()
        let size = head?.size.rawValue ?? 0
        let next = models.followed.size
        let isReady = await isReady()
        let json: JSONValue = [
            "ready": .bool(isReady), "size": .integer(Int64(size)),
            "recorded": head.map { .string($0.recorded.text) } ?? .null,
            "projection": [
                "next": .integer(Int64(next)),
                "behind": .integer(Int64(size - min(size, next))),
            ],
            "scrub": scrub(),
            "publication": publications.json,
        ]
        return APIResponse(
            isReady ? .ok : .serviceUnavailable, json: json,
            headers: [.cacheControl: "no-store"])
    }

    /// Whether events can be appended.
    func isReady() async -> Bool {
        await canAppend() && !head.isStopped
    }

    /// Whether the store takes commits: it refuses the lead when it has stopped for good.
    private func canAppend() async -> Bool {
        guard (try? await ledger.store.lead()) != nil else { return false }
        await ledger.store.yield()
        return true
    }

    private func scrub() -> JSONValue {
        guard let scrubber = try? Scrubber(ledger: ledger.folder, ReadingManner()),
            let state = try? scrubber.state()
        else { return .null }
        return [
            "finished": state.last.map { .string($0.finished.text) } ?? .null,
            "records": state.last.map { .integer(Int64($0.records)) } ?? .null,
            "findings": .integer(
                Int64((state.last?.findings.count ?? 0) + (state.pass?.findings.count ?? 0))),
        ]
    }

    func metrics(_ request: APIRequest) async throws(Problem) -> APIResponse {
        measures.set("hanqing_ledger_records", head.size)
        measures.set("hanqing_projection_records", models.followed.size)
        publications.tell(measures)
        return APIResponse(
            .ok, .metrics, Array(measures.registry.text().utf8),
            headers: [.cacheControl: "no-store"])
    }

    func description(_ request: APIRequest) async throws(Problem) -> APIResponse {
        APIResponse(.ok, .yaml, LedgerData.openAPI)
    }
}

extension Problem {
    fileprivate static let noTile = Problem(
        .notFound, en: "the newest checkpoint covers no such tile", zh: "最新检查点未覆盖该分块")
}
