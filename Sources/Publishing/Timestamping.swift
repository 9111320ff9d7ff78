package import Checkpoints
import Digests
import Merkle
import Phrases

/// What carries a query to a timestamping authority and its answer back.
package protocol TimestampLine: Sendable {
    /// Posts `query` to `url` as `application/timestamp-query`; whatever it throws means that the
    /// authority is not to be had.
    func post(_ query: [UInt8], to url: String) async throws -> TimestampAnswer
}

/// An authority's answer over HTTP.
package struct TimestampAnswer: Sendable {
    package let status: Int
    /// `Content-Type` as it was sent.
    package let mediaType: String
    package let body: [UInt8]

    package init(status: Int, mediaType: String, body: [UInt8]) {
        (self.status, self.mediaType, self.body) = (status, mediaType, body)
    }
}

/// Has a ledger's newest checkpoint stamped: Specs/timestamp.md section 3.
package struct Timestamping: Sendable {
    private let line: any TimestampLine
    private let source: any PublicationSource
    private let keys: [VerifierKey]

    /// `keys` are all that the ledger has had.
    package init(
        _ line: any TimestampLine, _ source: any PublicationSource, keys: [VerifierKey]
    ) {
        (self.line, self.source, self.keys) = (line, source, keys)
    }

    /// What there is to ask with.
    package struct Request: Sendable {
        package let url: String
        /// PEM; nil if the system's certificates are trusted.
        package let authorities: [UInt8]?
        /// 16 bytes by chance.
        package let random: [UInt8]
        /// This machine's time, in seconds since 1970.
        package let seconds: Int64

        package init(url: String, authorities: [UInt8]?, random: [UInt8], seconds: Int64) {
            (self.url, self.authorities) = (url, authorities)
            (self.random, self.seconds) = (random, seconds)
        }
    }

    /// Asks, and judges the answer; nothing is kept here.
    ///
    /// `previous` is the timestamp that was kept last, which the new one renews.
    package func ask(
        _ request: Request, for checkpoint: VerifiedCheckpoint, after previous: KeptTimestamp?
    ) async throws(PublicationError) -> (kept: KeptTimestamp, verified: VerifiedTimestamp) {
        if let previous { try await demand(checkpoint, continues: previous) }
        let message = StampedMessage(checkpoint.checkpoint, renews: previous?.digest).bytes
        let query = TimestampQuery(SHA256.digest(of: message), random: request.random)
        let kept = KeptTimestamp(
            number: (previous?.number ?? 0) + 1, note: checkpoint.bytes, message: message,
            query: query.bytes, reply: try await answer(to: query, request.url),
            authorities: request.authorities)
        do throws(TimestampError) {
            let verified = try VerifiedTimestamp(
                verifying: kept, of: checkpoint.origin, by: keys, at: .at(request.seconds))
            return (kept, verified)
        } catch {
            throw Timestamping.failed(request.url, error.phrase)
        }
    }

    private func answer(
        to query: TimestampQuery, _ url: String
    ) async throws(PublicationError) -> [UInt8] {
        let answer: TimestampAnswer
        do {
            answer = try await line.post(query.bytes, to: url)
        } catch {
            throw Timestamping.failed(url, Phrase(en: "\(error)", zh: "\(error)"))
        }
        guard answer.status == 200 else {
            throw Timestamping.failed(
                url, Phrase(en: "status \(answer.status)", zh: "状态码 \(answer.status)"))
        }
        let type = answer.mediaType.prefix { $0 != ";" }.lowercased()
        guard type == "application/timestamp-reply" else {
            throw Timestamping.failed(
                url,
                Phrase(
                    en: "its answer is of type “\(answer.mediaType)”",
                    zh: "其应答类型为“\(answer.mediaType)”"))
        }
        return answer.body
    }

    private static func failed(_ url: String, _ why: Phrase) -> PublicationError {
        .refused(
            en: "no timestamp by \(url), nothing was kept: \(why.en)",
            zh: "未取得 \(url) 的时间戳，未保存任何内容：\(why.zh)")
    }

    /// What was stamped last must be the beginning of what is to be stamped now.
    private func demand(
        _ checkpoint: VerifiedCheckpoint, continues previous: KeptTimestamp
    ) async throws(PublicationError) {
        let stamped: VerifiedCheckpoint
        do throws(CheckpointError) {
            stamped = try VerifiedCheckpoint(
                verifying: previous.note, of: checkpoint.origin, by: keys)
        } catch {
            throw .refused(
                en: "timestamp \(previous.folder) is none of this ledger's: \(error.phrase.en)",
                zh: "时间戳 \(previous.folder) 不属于本账本：\(error.phrase.zh)")
        }
        guard stamped.size <= checkpoint.size else {
            throw .evidence(
                en: "\(stamped.size) records were stamped, and the ledger has "
                    + "\(checkpoint.size): it was rolled back",
                zh: "已盖时间戳 \(stamped.size) 条记录，而账本只有 \(checkpoint.size) 条：账本被回退")
        }
        guard stamped.size < checkpoint.size else {
            guard stamped.root == checkpoint.root else { throw Timestamping.fork(stamped.size) }
            return
        }
        let proof = try await source.consistency(from: stamped.size, to: checkpoint.size)
        do throws(ProofError) {
            try verifyConsistency(
                from: stamped.size, to: checkpoint.size, oldRoot: stamped.root,
                newRoot: checkpoint.root, proof: proof, MerkleHasher())
        } catch {
            // The index alone accuses nobody: verify reads the records.
            throw .refused(
                en: "no proof leads from timestamp \(previous.folder) to the newest checkpoint: "
                    + "run hanqing verify, which tells a damaged index from a rewritten ledger",
                zh: "无法证明时间戳 \(previous.folder) 与最新检查点一脉相承："
                    + "请运行 hanqing verify，以区分索引损坏与账本被改写")
        }
    }

    private static func fork(_ size: TreeSize) -> PublicationError {
        .evidence(
            en: "the ledger's first \(size) records are not those that were stamped",
            zh: "账本的前 \(size) 条记录与已盖时间戳的不同")
    }
}
