import Access
import CanonicalJSON
import Digests
import HTTPTypes
import LedgerHome
import Phrases
import Sealing
import Sequencing
import Synchronization

/// `POST /v1/reporter-status`: what a reporter's code tells, to whoever has it: Specs/http.md
/// section 6.
///
/// Nothing of who asks is kept, and the log has the route alone.
final class ReporterRoutes: Sendable {
    private let ledger: Ledger
    private let guesses: Mutex<TokenBucket>
    private let rate = Rate.guesses
    /// A guess takes 32 MiB and a tenth of a second; one after another, strangers keep nobody
    /// waiting.
    private let strangers = QueryQueue(countMax: 1)

    private static let byteCountMax = 1 << 10

    init(ledger: Ledger) {
        self.ledger = ledger
        guesses = Mutex(TokenBucket(.guesses, at: ledger.clock.wall()))
    }

    func status(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let body = try await request.members(upTo: ReporterRoutes.byteCountMax)
        try body.demandOnly(["code"])
        let typed = SecretBytes(copying: Array((try body.text("code") ?? "").utf8))
        guard let code = ReporterCode(typed) else {
            throw Problem(
                .malformedRequest,
                en: "/code: a code has 30 digits, and one or more of these are wrong",
                zh: "/code：查询码应为 30 位数字，请核对")
        }
        let now = ledger.clock.wall()
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
        let found: ReporterStatus?
        do throws(LedgerError) {
            found = try await ledger.reporterStatus(code)
        } catch {
            throw Problem(error)
        }
        guard let found else {
            throw Problem(
                .notFound, en: "no report has this code; nobody can recover a lost one",
                zh: "没有该查询码对应的举报；查询码遗失后无法找回")
        }
        return APIResponse(json: found.json, headers: [.cacheControl: "no-store"])
    }
}
