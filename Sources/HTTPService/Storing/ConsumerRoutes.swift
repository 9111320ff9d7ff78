import Access
import CanonicalJSON
import HTTPTypes
import LedgerHome
import Phrases

/// `/v1/consumers`: how far those who follow have come, kept for them: Specs/http.md section 11.
struct ConsumerRoutes: Sendable {
    let positions: ConsumerPositions
    let head: Watermark

    private static let byteCountMax = 4 << 10
    private static let nameLengthMax = 64

    func list(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let owner = ConsumerRoutes.owner(request)
        let found = try await kept { () async throws(LedgerError) in
            try await positions.positions(of: owner)
        }
        return answer(["items": .array(found.map(\.json))])
    }

    func position(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let (owner, name) = (ConsumerRoutes.owner(request), try ConsumerRoutes.name(request))
        let found = try await kept { () async throws(LedgerError) in
            try await positions.position(of: owner, name)
        }
        guard let found else { throw Problem.noConsumer }
        return answer(found.json)
    }

    func set(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let body = try await request.members(upTo: ConsumerRoutes.byteCountMax)
        try body.demandOnly(["next"])
        guard let next = try body.integer("next").flatMap({ UInt64(exactly: $0) }) else {
            throw Problem(
                .malformedRequest,
                en: "next is the number of the first record not dealt with",
                zh: "next 为尚未处理的首条记录序号")
        }
        let size = head.size
        guard next <= size else {
            throw Problem(
                .conflict, en: "there are \(size) records: next is at most that",
                zh: "账本共有 \(size) 条记录，next 不得超过该数")
        }
        let position = ConsumerPositions.Position(
            owner: ConsumerRoutes.owner(request), name: try ConsumerRoutes.name(request),
            next: next)
        try await kept { () async throws(LedgerError) in try await positions.set(position) }
        return answer(position.json)
    }

    func remove(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let (owner, name) = (ConsumerRoutes.owner(request), try ConsumerRoutes.name(request))
        let isGone = try await kept { () async throws(LedgerError) in
            try await positions.remove(owner, name)
        }
        guard isGone else { throw Problem.noConsumer }
        return APIResponse(.noContent)
    }

    private func answer(_ json: JSONValue) -> APIResponse {
        APIResponse(json: json, headers: [.cacheControl: "no-store"])
    }

    private func kept<Value: Sendable>(
        _ body: () async throws(LedgerError) -> Value
    ) async throws(Problem) -> Value {
        do throws(LedgerError) {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }

    private static func owner(_ request: APIRequest) -> String {
        request.caller.grant?.owner.name ?? "local"
    }

    private static func name(_ request: APIRequest) throws(Problem) -> String {
        let name = request.place("name")
        guard name.unicodeScalars.count <= nameLengthMax else {
            throw Problem(
                .malformedRequest, en: "a consumer's name has at most \(nameLengthMax) characters",
                zh: "名称至多 \(nameLengthMax) 个字符")
        }
        return name
    }
}

extension Problem {
    fileprivate static let noConsumer = Problem(
        .notFound, en: "no position of that name is kept for you", zh: "没有为您保存该名称的位置")
}
