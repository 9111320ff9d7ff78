import CanonicalJSON
import Digests
import HTTPTypes
import LedgerHome
import LedgerStore
import Phrases
import Sealing
import Synchronization

/// `/v1/attachments/{sha256}`: files that events name: Specs/http.md section 10.
struct AttachmentRoutes: Sendable {
    let folder: AttachmentFolder
    private let origin: String
    private let disk = DiskExecutor(threadCount: 1)
    private let running = RunningUploads()

    static let byteCountMax = 1 << 30
    private static let blockByteCount = 1 << 20

    init(_ folder: AttachmentFolder, origin: String) {
        (self.folder, self.origin) = (folder, origin)
    }

    /// Whether it is there, or how much of it.
    func state(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let digest = try AttachmentRoutes.digest(request)
        if folder.holds(digest) {
            return APIResponse(.noContent, headers: [.cacheControl: "no-store"])
        }
        guard let count = folder.receivedByteCount(of: digest) else {
            throw Problem(
                .notFound, en: "the ledger holds no such attachment", zh: "账本没有该附件")
        }
        var response = APIResponse(.ok, json: ["received": .integer(Int64(count))])
        response.headers.add("Upload-Offset", String(count))
        return response
    }

    func store(_ request: APIRequest) async throws(Problem) -> APIResponse {
        try request.query.demandOnly([])
        let digest = try AttachmentRoutes.digest(request)
        let range = try UploadRange(request.headers)
        guard try await onDisk({ try folder.holdsDurably(digest) }) == false else {
            // What was sent is not read: it is there.
            return APIResponse(.noContent)
        }
        guard running.begin(digest) else {
            throw Problem(
                .conflict, en: "another upload of this attachment is running",
                zh: "该附件正在由另一请求上传")
        }
        defer { running.end(digest) }
        return try await receive(request, digest, range)
    }

    private func receive(
        _ request: APIRequest, _ digest: Digest, _ range: UploadRange?
    ) async throws(Problem) -> APIResponse {
        let upload = Upload(digest, folder)
        let start = range?.start ?? 0
        try await onDisk { try upload.begin(at: start) }
        let (rest, problem) = await blocks(
            of: request, upTo: AttachmentRoutes.byteCountMax - start
        ) { try upload.append($0) }
        return try await onDisk {
            // What has come stays, so that the next request goes on from there.
            try upload.append(rest)
            if let problem { throw problem }
            return try upload.end(at: range?.total)
        }
    }

    /// Gives what comes to `take`, on the disk's thread, in large blocks; then what is left, and
    /// what broke it off.
    private func blocks(
        of request: APIRequest, upTo byteCountMax: Int,
        _ take: @escaping @Sendable ([UInt8]) throws -> Void
    ) async -> (rest: [UInt8], broken: Problem?) {
        var block: [UInt8] = []
        do throws(Problem) {
            try await request.body.parts(
                upTo: byteCountMax, holding: 2 * AttachmentRoutes.blockByteCount
            ) { part in
                block += part
                guard block.count >= AttachmentRoutes.blockByteCount else { return }
                let full = block
                block = []
                try await onDisk { try take(full) }
            }
            return (block, nil)
        } catch {
            return (block, error)
        }
    }

    // MARK: - Encrypted

    /// Encrypts a file as it comes; the answer alone has its key.
    func seal(_ request: APIRequest) async throws(Problem) -> APIResponse {
        let query = request.query
        try query.demandOnly(["mediaType", "name"])
        let name = query["name"] ?? "attachment"
        let mediaType = query["mediaType"] ?? MediaType.bytes.rawValue
        let (folder, origin) = (folder, origin)
        let upload = try await onDisk {
            SealedUpload(try SealedAttachment(in: folder, origin: origin))
        }
        let (rest, broken) = await blocks(of: request, upTo: AttachmentRoutes.byteCountMax) {
            try upload.append($0)
        }
        do throws(Problem) {
            if let broken { throw broken }
            return try await onDisk {
                try upload.append(rest)
                guard upload.hasContent else { throw Problem.emptyAttachment }
                return try upload.end(name: name, mediaType: mediaType)
            }
        } catch {
            upload.drop()
            throw error
        }
    }

    private func onDisk<Value: Sendable>(
        _ body: @Sendable () throws -> Value
    ) async throws(Problem) -> Value {
        do {
            return try await withTaskExecutorPreference(disk) { try body() }
        } catch let problem as Problem {
            throw problem
        } catch let error as LedgerError {
            throw Problem(error)
        } catch let error as StoreError {
            throw Problem(error)
        } catch {
            throw Problem(.internal, en: "it was logged", zh: "已记入日志")
        }
    }

    private static func digest(_ request: APIRequest) throws(Problem) -> Digest {
        guard let digest = Digest(hex: request.place("sha256")) else {
            throw Problem(
                .malformedRequest, en: "an attachment is named by 64 lower-case hexadecimal digits",
                zh: "附件以 64 位小写十六进制摘要命名")
        }
        return digest
    }
}

/// What `Content-Range: bytes 0-99/200` says (RFC 9110 section 14.4).
struct UploadRange: Sendable {
    let start: Int
    /// Of the whole attachment.
    let total: Int

    /// Nil without such a header.
    init?(_ headers: HTTPFields) throws(Problem) {
        let fields = headers[values: .contentRange]
        guard let text = fields.first else { return nil }
        guard fields.count == 1, let match = text.wholeMatch(of: #/bytes (\d+)-(\d+)/(\d+)/#),
            let start = Int(match.1), let last = Int(match.2), let total = Int(match.3)
        else {
            throw Problem(
                .malformedRequest, en: "Content-Range is such as bytes 0-99/200",
                zh: "Content-Range 应形如 bytes 0-99/200")
        }
        guard start <= last, last < total else {
            throw Problem(
                .unsuitable, en: "there are no bytes \(start) to \(last) in \(total)",
                zh: "总长 \(total) 字节中没有第 \(start) 至 \(last) 字节")
        }
        guard total <= AttachmentRoutes.byteCountMax else { throw Problem.attachmentTooLarge }
        (self.start, self.total) = (start, total)
    }
}

/// One upload, whose steps run one after another.
private final class Upload: Sendable {
    private let digest: Digest
    private let folder: AttachmentFolder
    private let state = Mutex<AttachmentUpload?>(nil)

    init(_ digest: Digest, _ folder: AttachmentFolder) {
        (self.digest, self.folder) = (digest, folder)
    }

    func begin(at start: Int) throws {
        let (digest, folder) = (digest, folder)
        try state.withLock { state in
            let upload = try AttachmentUpload(digest, in: folder)
            if start == 0 { try upload.restart() }
            guard upload.byteCount == start else {
                throw Problem.wrongOffset(received: upload.byteCount)
            }
            state = upload
        }
    }

    func append(_ bytes: [UInt8]) throws {
        try state.withLock { try $0?.append(bytes) }
    }

    func end(at total: Int?) throws -> APIResponse {
        try state.withLock { state in
            guard let upload = state else { throw Problem.wrongOffset(received: 0) }
            if let total, upload.byteCount < total {
                var response = APIResponse(
                    .accepted, json: ["received": .integer(Int64(upload.byteCount))])
                response.headers.add("Upload-Offset", String(upload.byteCount))
                return response
            }
            let byteCount = upload.byteCount
            switch try upload.finish() {
            case .kept:
                return APIResponse(
                    .created,
                    json: [
                        "sha256": .string(upload.digest.hex), "bytes": .integer(Int64(byteCount)),
                    ])
            case .differs(let found):
                throw Problem(
                    .unsuitable,
                    en: "the \(byteCount) bytes that came have the digest \(found.hex); nothing of "
                        + "them is kept",
                    zh: "收到的 \(byteCount) 字节的摘要为 \(found.hex)，均未保留")
            }
        }
    }
}

/// One upload that is encrypted, whose steps run one after another.
private final class SealedUpload: Sendable {
    private let state: Mutex<SealedAttachment?>

    private let count = Mutex(0)

    init(_ attachment: sending SealedAttachment) {
        state = Mutex(attachment)
    }

    /// Whether any byte has come.
    var hasContent: Bool { count.withLock { $0 > 0 } }

    func append(_ bytes: [UInt8]) throws {
        try state.withLock { try $0?.append(bytes) }
        count.withLock { $0 += bytes.count }
    }

    func end(name: String, mediaType: String) throws -> APIResponse {
        try state.withLock { state in
            guard let attachment = state else { throw Problem.wrongOffset(received: 0) }
            let (key, byteCount) = try attachment.finish(name: name, mediaType: mediaType)
            state = nil
            return APIResponse(
                .created,
                json: [
                    "attachment": key.attachment(byteCount: byteCount), "sealed": key.json,
                ], headers: [.cacheControl: "no-store"])
        }
    }

    func drop() { state.withLock { $0?.drop() } }
}

/// Of which attachments an upload runs: two would write over one another.
private final class RunningUploads: Sendable {
    private let digests = Mutex<Set<Digest>>([])

    func begin(_ digest: Digest) -> Bool { digests.withLock { $0.insert(digest).inserted } }
    func end(_ digest: Digest) { digests.withLock { _ = $0.remove(digest) } }
}

extension Problem {
    fileprivate static let emptyAttachment = Problem(
        .unsuitable, en: "the request has no body: there is nothing to encrypt",
        zh: "请求没有正文：没有可加密的内容")

    fileprivate static let attachmentTooLarge = Problem(
        .tooLarge, en: "an attachment has at most 1 GiB", zh: "附件至多 1 GiB")

    fileprivate static func wrongOffset(received: Int) -> Problem {
        var problem = Problem(
            .conflict, en: "\(received) bytes have come: go on from there, or begin again at 0",
            zh: "已收到 \(received) 字节：请从此处续传，或从 0 重新开始")
        problem.headers.add("Upload-Offset", String(received))
        return problem
    }
}
