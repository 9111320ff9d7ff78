import Access
import CanonicalJSON
import Digests
import HTTPTypes
import LedgerHome
import Merkle
import Phrases
import Records
import Sequencing

/// `/v1/tokens`: who may do what, granted and taken back while the service runs: Specs/http.md
/// section 9.
struct TokenRoutes: Sendable {
    let ledger: Ledger
    let desk: TokenDesk
    let head: Watermark

    private static let byteCountMax = 64 << 10

    func list(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly(["all"])
        let all = try request.query.flag("all")
        let book = try await book()
        let now = ledger.clock.wall()
        let items = book.entries(all: all, at: now).map { book.json($0, at: now) }
        return TokenRoutes.answer(.ok, ["items": .array(items)])
    }

    func create(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let wanted = try TokenRoutes.wanted(
            try await request.members(upTo: TokenRoutes.byteCountMax), by: TokenRoutes.name(request)
        )
        let issuance: Issuance
        do throws(LedgerError) {
            issuance = try await desk.issue(wanted)
        } catch {
            throw Problem(error)
        }
        try? await head.look(at: ledger)
        if case .refused(let phrases) = issuance { throw Problem(.notGranted, phrases) }
        return TokenRoutes.answer(.created, issuance.json ?? .null)
    }

    func revoke(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        guard let id = TokenID(request.place("id")) else { throw Problem.noToken }
        let body = try await request.members(upTo: TokenRoutes.byteCountMax)
        try body.demandOnly(["reason", "unit"])
        let (unit, reason) = (try body.text("unit") ?? "-", try body.text("reason") ?? "")
        guard !reason.isEmpty else {
            throw Problem(.malformedRequest, en: "/reason: say why", zh: "/reason：请说明理由")
        }
        guard try await book().entry(id) != nil else { throw Problem.noToken }
        let withdrawal: TokenWithdrawal
        do throws(LedgerError) {
            withdrawal = try await desk.revoke(
                id, by: TokenRoutes.name(request), unit: unit, reason: reason)
        } catch {
            throw Problem(error)
        }
        try? await head.look(at: ledger)
        switch withdrawal {
        case .recorded(let sequence): return TokenRoutes.revoked(id, sequence, isRepeat: false)
        case .already(let earlier):
            return TokenRoutes.revoked(id, earlier.sequence, isRepeat: true)
        case .refused(let phrases): throw Problem(.notGranted, phrases)
        }
    }

    private static func revoked(
        _ id: TokenID, _ sequence: SequenceNumber, isRepeat: Bool
    ) -> APIResponse {
        answer(
            .ok,
            [
                "id": .string(id.text), "seq": .integer(Int64(sequence.rawValue)),
                "already": .bool(isRepeat),
            ])
    }

    /// What says who may do what is kept by nobody on the way.
    private static func answer(_ status: HTTPResponse.Status, _ json: JSONValue) -> APIResponse {
        APIResponse(status, json: json, headers: [.cacheControl: "no-store"])
    }

    private static func name(_ request: APIRequest) -> String {
        request.caller.grant?.owner.name ?? "local"
    }
}

// MARK: - Reading

extension TokenRoutes {
    private func book() async throws(Problem) -> TokenBook {
        do throws(LedgerError) {
            return try await ledger.tokenBook()
        } catch {
            throw Problem(error)
        }
    }

    private static func wanted(
        _ body: RequestMembers, by name: String
    ) throws(Problem) -> TokenRequest {
        try body.demandOnly([
            "certificate", "expires", "name", "owner", "rate", "reason", "rights", "roles",
            "speaksFor", "unit",
        ])
        var request = TokenRequest(
            name: try body.text("name") ?? "", owner: try owner(body),
            rights: try read(try body.texts("rights")) { (text) throws(AccessError) in
                try Right(text)
            }, by: name, unit: try body.text("unit") ?? "-")
        (request.roles, request.speaksFor) = (
            try body.texts("roles"), try body.texts("speaksFor")
        )
        (request.reason, request.rate) = (try body.text("reason"), try rate(body))
        let expiries = try read(try body.text("expires").map { [$0] } ?? []) {
            (text) throws(AccessError) in try Expiry(text)
        }
        if let expiry = expiries.first { request.expiry = expiry }
        request.certificate = try certificate(body)
        return request
    }

    private static func read<Value>(
        _ texts: [String], _ read: (String) throws(AccessError) -> Value
    ) throws(Problem) -> [Value] {
        var values: [Value] = []
        do throws(AccessError) {
            for text in texts { values.append(try read(text)) }
        } catch {
            throw Problem(.malformedRequest, error.phrase)
        }
        return values
    }

    private static func certificate(_ body: RequestMembers) throws(Problem) -> Digest? {
        guard let text = try body.text("certificate") else { return nil }
        guard let fingerprint = Digest(hex: text) else {
            throw Problem(
                .malformedRequest,
                en: "/certificate: the SHA-256 fingerprint, 64 lower-case hexadecimal digits",
                zh: "/certificate：应为证书的 SHA-256 指纹（64 位小写十六进制）")
        }
        return fingerprint
    }

    private static func owner(_ body: RequestMembers) throws(Problem) -> Owner {
        let owner = try body.object("owner")
        try owner?.demandOnly(["person", "system"])
        switch (try owner?.text("person"), try owner?.text("system")) {
        case (let person?, nil): return .person(person)
        case (nil, let system?): return .system(system)
        default:
            throw Problem(
                .malformedRequest,
                en: #"owner is {"person": "P-1"} or {"system": "penalty-system"}"#,
                zh: #"owner 应为 {"person": "P-1"} 或 {"system": "penalty-system"}"#)
        }
    }

    private static func rate(_ body: RequestMembers) throws(Problem) -> Rate? {
        guard let rate = try body.object("rate") else { return nil }
        try rate.demandOnly(["burst", "perSecond"])
        let found = Rate(
            perSecond: Int(try rate.integer("perSecond") ?? 0),
            burst: Int(try rate.integer("burst") ?? 0))
        guard let found else {
            throw Problem(
                .malformedRequest,
                en: "rate has perSecond, 1 to \(Rate.perSecondMax), and burst, 1 to "
                    + "\(Rate.burstMax)",
                zh: "rate 须含 perSecond（1 至 \(Rate.perSecondMax)）和 burst（1 至 \(Rate.burstMax)）")
        }
        return found
    }
}

extension Problem {
    fileprivate static let noToken = Problem(
        .notFound, en: "there is no token with that id; GET /v1/tokens lists them",
        zh: "没有该编号的令牌；GET /v1/tokens 可列出令牌")

    fileprivate init(_ code: Code, _ phrases: [Phrase]) {
        self.init(
            code,
            Phrase(
                en: phrases.map(\.en).joined(separator: "\n"),
                zh: phrases.map(\.zh).joined(separator: "\n")))
    }
}
