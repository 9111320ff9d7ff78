import Access
import CanonicalJSON
import Catalogue
import Digests
import HTTPTypes
import LedgerHome
import Merkle
import Phrases
import Projections
import Records
import Rules
import Sealing
import Sequencing
import Synchronization

/// `POST /v1/reporter-status`: what a reporter's code tells, to whoever has it: Specs/http.md
/// section 6.
///
/// Nothing of who asks is kept, and the log has the route alone.
final class ReporterRoutes: Sendable {
    private let models: ReadModels
    private let guesses: Mutex<TokenBucket>
    private let rate = Rate.guesses
    /// A guess takes 32 MiB and a tenth of a second; one after another, strangers keep nobody
    /// waiting.
    private let strangers = QueryQueue(countMax: 1)

    private static let byteCountMax = 1 << 10

    init(models: ReadModels) {
        self.models = models
        guesses = Mutex(TokenBucket(.guesses, at: models.ledger.clock.wall()))
    }

    func status(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let body = try await request.members(upTo: ReporterRoutes.byteCountMax)
        try body.demandOnly(["code", "proof"])
        let wantsProof = try body.flag("proof") ?? false
        let typed = SecretBytes(copying: Array((try body.text("code") ?? "").utf8))
        guard let code = ReporterCode(typed) else {
            throw Problem(
                .unsuitable,
                en: "/code: a code has 30 digits, and one or more of these are wrong",
                zh: "/code：查询码应为 30 位数字，请核对")
        }
        let now = models.ledger.clock.wall()
        if case .wait(let seconds) = guesses.withLock({ $0.take(rate, at: now) }) {
            throw Problem(
                .tooManyRequests, retryAfterSeconds: seconds, en: "too many codes are tried",
                zh: "查询过于频繁")
        }
        guard strangers.enter() else {
            throw Problem(
                .busy, retryAfterSeconds: 1, en: "another is asking", zh: "另一查询正在进行")
        }
        defer { strangers.leave() }
        let tag = code.tag(origin: models.ledger.settings.origin)
        // The reporter's own, wherever it is kept.
        let found = try await models.ask(without: []) { try await $0.past.reporterStatus(tag: tag) }
        guard let found else {
            throw Problem(
                .notFound, en: "no report has this code; nobody can recover a lost one",
                zh: "没有该查询码对应的举报；查询码遗失后无法找回")
        }
        var members = found.json.members ?? []
        if wantsProof { members.append(JSONMember("proof", try await proof(of: found.record))) }
        return APIResponse(json: .object(members), headers: [.cacheControl: "no-store"])
    }

    /// That the record is there, without a byte of it.
    private func proof(of record: SequenceNumber) async throws(Problem) -> JSONValue {
        let proof: RecordProof?
        do throws(LedgerError) {
            var maker = models.ledger.proofMaker()
            proof = try await models.ledger.proof(of: record, by: &maker)
        } catch {
            throw Problem(error)
        }
        guard let proof else { throw Problem.noRecord }
        return proof.json
    }
}
