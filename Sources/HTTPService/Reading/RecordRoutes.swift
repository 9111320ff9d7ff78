import Access
import CanonicalJSON
import Checkpoints
import Digests
import HTTPTypes
import LedgerHome
import LedgerStore
import Merkle
import Phrases
import Records

/// `GET /v1/events…`: Specs/http.md section 4.
struct RecordRoutes: Sendable {
    let ledger: Ledger
    let provers: Pool<ProofMaker>
    let head: Watermark
    let models: ReadModels

    private static let lookedAtMax: UInt64 = 16_384
    private static let immutable = "private, max-age=31536000, immutable"

    // MARK: - Many

    func list(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["stream", "alias", "type", "from", "limit"])
        let filter = try await filter(request)
        let start = try query.number("from", in: 0...1 << 53) ?? 0
        let size = head.size
        if request.accepts(MediaType.lines.rawValue) {
            let limit = try query.number("limit", in: 1...1 << 53) ?? .max
            return lines(filter, from: start, before: size, limit: limit)
        }
        let limit = Int(try query.number("limit", in: 1...1_000) ?? 100)
        return try await page(request, filter, from: start, size, limit)
    }

    private func page(
        _ request: APIRequest, _ filter: RecordFilter, from start: UInt64, _ size: UInt64,
        _ limit: Int
    ) async throws(Problem) -> APIResponse {
        let lookedAtMax = filter.streams == nil ? RecordRoutes.lookedAtMax : size
        let end = min(size, start + min(lookedAtMax, size))
        var reader = try await RecordReader(ledger, filter, from: start, before: end)
        var found: [[UInt8]] = []
        while found.count < limit, let lines = try await reader.next() { found += lines }
        var position = reader.position
        if found.count > limit {
            position = RecordReader.sequence(of: found[limit])
            found.removeLast(found.count - limit)
        }
        var bytes = Array(#"{"events":["#.utf8)
        bytes += found.joined(separator: [UInt8(ascii: ",")])
        let next = position < size ? "\"\(link(request, from: position))\"" : "null"
        bytes += Array(#"],"next":\#(next),"size":\#(size)}"#.utf8)
        return APIResponse(.ok, .json, bytes, headers: [.cacheControl: "no-store"])
    }

    private func link(_ request: APIRequest, from position: UInt64) -> String {
        let kept = ["stream", "alias", "type", "limit"].compactMap { name in
            request.query[name].map { "\(name)=\(percentEncoded($0))&" }
        }
        return request.base + "/v1/events?" + kept.joined() + "from=\(position)"
    }

    private func lines(
        _ filter: RecordFilter, from start: UInt64, before end: UInt64, limit: UInt64
    ) -> APIResponse {
        let headers: HTTPFields = [
            .contentType: MediaType.lines.rawValue, .cacheControl: "no-store",
        ]
        return APIResponse(
            headers: headers,
            body: .stream { write in
                var reader = try await RecordReader(ledger, filter, from: start, before: end)
                var left = limit
                while left > 0, let lines = try await reader.next() {
                    let taken = lines.prefix(Int(clamping: left))
                    left -= UInt64(taken.count)
                    if !taken.isEmpty { try await write(taken.flatMap { $0 + [0x0A] }) }
                }
            })
    }

    /// The filter that a query states.
    func filter(_ request: APIRequest) async throws(Problem) -> RecordFilter {
        guard request.caller.readsRecords else {
            throw Problem(
                .forbidden, en: "this needs a token with the right audit",
                zh: "此操作需要具有 audit 权限的令牌")
        }
        var filter = RecordFilter(type: request.query["type"], caller: request.caller)
        if let name = request.query["stream"] {
            guard let stream = StreamName(name) else {
                throw Problem(
                    .malformedRequest, en: "a stream is <procedure>/<case id>",
                    zh: "案件流应为 <程序>/<案件编号>")
            }
            filter.streams = [stream]
        }
        if let alias = request.query["alias"] {
            let named = try await models.streams(withAlias: alias).compactMap { StreamName($0) }
            filter.streams = filter.streams.map { $0.filter { named.contains($0) } } ?? named
        }
        return filter
    }

    // MARK: - One

    func record(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let line = try await line(request)
        let tag = "\"\(leafHash(of: line).digest.hex)\""
        let isWithheld = line.withUnsafeBytes { WithheldLine($0) } != nil
        let headers: HTTPFields = [
            .eTag: tag, .cacheControl: isWithheld ? "no-store" : RecordRoutes.immutable,
        ]
        let known = request.headers[values: .ifNoneMatch].joined(separator: ",")
            .split(separator: ",").map(\.trimmed)
        if known.contains(tag) || known.contains("W/" + tag) || known == ["*"] {
            return APIResponse(.notModified, headers: headers)
        }
        return APIResponse(.ok, .json, line, headers: headers)
    }

    func proof(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let number = try request.sequence()
        try await demandRecord(number)
        let sequence = SequenceNumber(number)
        var prover = provers.take()
        defer { provers.give(prover) }
        let proof: RecordProof?
        do throws(LedgerError) {
            proof = try await ledger.proof(of: sequence, by: &prover)
        } catch {
            throw Problem(error)
        }
        guard let proof else { throw Problem.noRecord }
        let headers: HTTPFields = [.cacheControl: "no-cache", .vary: "Accept"]
        return request.accepts("text/plain")
            ? APIResponse(.ok, .text, proof.file.bytes, headers: headers)
            : APIResponse(json: proof.json, headers: headers)
    }

    /// The checkpoint may be newer than what requests have told of: whoever read it asks for what
    /// it covers.
    private func demandRecord(_ number: UInt64) async throws(Problem) {
        if number < head.size { return }
        do throws(StoreError) {
            try await head.look(at: ledger)
        } catch {
            throw Problem(error)
        }
        guard number < head.size else { throw Problem.noRecord }
    }

    /// The record in the path, if the caller may see it.
    private func line(_ request: APIRequest) async throws(Problem) -> [UInt8] {
        let number = try request.sequence()
        try await demandRecord(number)
        let found: [UInt8]?
        do throws(StoreError) {
            found = try await ledger.store.lines(from: SequenceNumber(number), limit: 1).first
        } catch {
            throw Problem(error)
        }
        guard let found else { throw Problem.noRecord }
        let filter = RecordFilter(caller: request.caller)
        guard filter.wants(found, .init(byteCountMax: RecordLayout.byteCountMax)) else {
            throw Problem(
                .forbidden, en: "you may not read the records of that procedure",
                zh: "无权查看该程序的记录")
        }
        return found
    }
}
