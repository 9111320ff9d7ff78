import AuditSources
import Auditing
import Checkpoints
import Digests
import LedgerHome
import Merkle
import Phrases
import Records

/// Timestamps of the ledger that is verified, kept apart from it: Specs/timestamp.md section 5.
struct HeldTimestamps {
    private let judgement: TimestampJudgement
    private let folder: TimestampFolder
    private let stamped: [VerifiedTimestamp]
    private let origin: Origin
    private let keys: [VerifierKey]

    /// Those in `path`; the ledger is the one of the keys.
    init(
        _ path: String, by keys: [VerifierKey], trusting authorities: [UInt8]?, at seconds: Int64
    ) throws {
        guard let origin = keys.first.flatMap({ Origin($0.name.text) }) else {
            throw LedgerError(
                en: "--timestamps needs --vkey: it says of which ledger they must be",
                zh: "使用 --timestamps 时须给出 --vkey，以说明属于哪个账本")
        }
        (folder, self.origin, self.keys) = (TimestampFolder(path), origin, keys)
        var chain = TimestampChain()
        let trust = authorities.map { TimestampToken.Trust.certificates(pem: $0) }
        for number in try folder.numbers() {
            chain.add(try folder.timestamp(number), of: origin, by: keys, trusting: trust)
        }
        guard !(chain.valid.isEmpty && chain.refused.isEmpty) else {
            throw LedgerError(
                en: "\(path) holds no timestamps: they are in folders such as \(path)/000001",
                zh: "\(path) 中没有时间戳：应有 \(path)/000001 之类的子目录")
        }
        stamped = chain.valid
        judgement = TimestampJudgement(chain, at: seconds) {
            "\(path)/\(KeptTimestamp.folder($0))"
        }
    }

    /// From each of which the ledger must have grown.
    var checkpoints: [GivenCheckpoint] {
        get throws {
            try stamped.map {
                GivenCheckpoint(
                    name: folder.place(of: $0.number), note: try folder.timestamp($0.number).note)
            }
        }
    }

    /// What they show, and what contradicts them where records are shown.
    func judge(
        _ report: inout AuditReport, _ place: LogPlace, _ common: CommonOptions
    ) async throws {
        report.findings += judgement.findings
        report.notes += judgement.notes
        if report.timestamps.isEmpty { report.timestamps = judgement.facts }
        report.findings += try await place.read(common) { reader in
            let note = try await PublishedLog.note(at: reader)
            // What is not signed by them was found before.
            guard let newest = try? VerifiedCheckpoint(verifying: note, of: origin, by: keys)
            else { return [] }
            return try await SeenTimes(PublishedLog(reader, newest)).findings(stamped.map(seen))
        }
    }

    private func seen(_ stamped: VerifiedTimestamp) -> SeenSize {
        let token = stamped.token
        let accuracy = ((token.accuracyMicroseconds ?? 0) + 999_999) / 1_000_000
        return SeenSize(
            size: stamped.checkpoint.size.rawValue,
            at: Timestamp(microseconds: token.microseconds),
            by: "\(token.signer), \(folder.place(of: stamped.number))",
            toleranceSeconds: SeenSize.clockSeconds + accuracy)
    }
}
