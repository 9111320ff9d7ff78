import Access
import CanonicalJSON
import Catalogue
import Digests
import HTTPTypes
import LedgerHome
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
        try body.demandOnly(["code"])
        let typed = SecretBytes(copying: Array((try body.text("code") ?? "").utf8))
        guard let code = ReporterCode(typed) else {
            throw Problem(
                .malformedRequest,
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
        let found = try await told(by: code.tag(origin: models.ledger.settings.origin))
        guard let found else {
            throw Problem(
                .notFound, en: "no report has this code; nobody can recover a lost one",
                zh: "没有该查询码对应的举报；查询码遗失后无法找回")
        }
        return APIResponse(json: found.json, headers: [.cacheControl: "no-store"])
    }

    /// The report that has this tag, and what other cases say of it.
    private func told(by tag: String) async throws(Problem) -> ReporterStatus? {
        let catalogue = models.ledger.catalogue
        let key = MentionKey.alias(DocumentNumber.normalised(tag))
        return try await models.ask { asked in
            let past = asked.past
            guard let name = try await past.streams(naming: key).first,
                let stream = StreamName(name), let prefix = try await past.prefix(of: name)
            else { return nil }
            var status = ReporterStatus(stream, prefix.history, catalogue)
            for other in try await past.streams(naming: .reference(name)) where other != name {
                guard let prefix = try await past.prefix(of: other) else { continue }
                status.take(prefix.history, catalogue)
            }
            let owed = try await past.duties(Wanted(streams: [name]))
            status.owe(owed.map(\.standing), catalogue)
            return status
        }
    }
}
