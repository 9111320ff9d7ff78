package import CanonicalJSON
package import Checkpoints
import Digests
import Merkle
import Phrases
import Records

/// What a valid timestamp says: Specs/timestamp.md section 5.
package struct TimestampFact: Sendable {
    package let timestamp: VerifiedTimestamp
    /// Whether it shows a time at the moment of the audit.
    package let isInForce: Bool

    package init(_ timestamp: VerifiedTimestamp, isInForce: Bool) {
        (self.timestamp, self.isInForce) = (timestamp, isInForce)
    }

    /// In UTC, as the authority states it.
    package var time: String { Timestamp(microseconds: timestamp.token.microseconds).text }

    /// In UTC.
    package var certificateEnds: String {
        Timestamp(microseconds: timestamp.token.certificateEnd * 1_000_000).text
    }

    package var json: JSONValue {
        let token = timestamp.token
        let accuracy = token.accuracyMicroseconds.map { JSONValue.number(Double($0) / 1_000_000) }
        return [
            "number": .integer(Int64(clamping: timestamp.number)),
            "size": .integer(Int64(clamping: timestamp.checkpoint.size.rawValue)),
            "time": .string(time), "accuracySeconds": accuracy ?? .null,
            "tsa": .string(token.signer), "certificateEnds": .string(certificateEnds),
            "policy": .string(token.policy), "serial": .string(Hex.encode(token.serial)),
            "inForce": .bool(isInForce),
        ]
    }
}

extension Audit {
    /// Of each timestamp the note, to tell whose keys are needed.
    func stampedNotes() throws(SourceError) -> [[UInt8]] {
        var notes: [[UInt8]] = []
        for number in try sources.kept.timestamps() {
            notes.append(try sources.kept.timestamp(number).note)
        }
        return notes
    }

    /// Judges all timestamps; the ledger must have grown from each.
    mutating func readTimestamps(
        _ remembered: RememberedCheckpoint?, _ chain: KeyChain?
    ) throws(SourceError) {
        guard let origin = signed.origin else { return }
        let known =
            [signed.key, signed.latest?.key, remembered?.key].compactMap(\.self)
            + (chain?.links.map(\.key) ?? [])
        let options = auditor.options
        let trust = options.timestampAuthorities.map { TimestampToken.Trust.certificates(pem: $0) }
        var timestamps = TimestampChain()
        for number in try sources.kept.timestamps() {
            timestamps.add(
                try sources.kept.timestamp(number), of: origin, by: Array(Set(known)),
                trusting: trust)
        }
        signed.take(timestamps, chain, accepted: options.acceptedLoss, at: options.seconds)
    }
}

/// What an audit says of timestamps: Specs/timestamp.md section 5.
package struct TimestampJudgement: Sendable {
    package private(set) var facts: [TimestampFact] = []
    package private(set) var findings: [Finding] = []
    package private(set) var notes: [AuditNote] = []

    /// `seconds` is the auditor's time since 1970; `file` is what a timestamp is called.
    package init(_ chain: TimestampChain, at seconds: Int64, file: (UInt64) -> String) {
        findings = chain.missing.map {
            Finding(
                .timestampMissing, file: file($0), expected: "a timestamp",
                found: "none, and later ones")
        }
        for (number, error) in chain.refused {
            guard !error.isUntrusted else {
                notes.append(.untrusted(file(number), error.phrase))
                continue
            }
            findings.append(
                Finding(
                    .timestampRefused, file: file(number),
                    expected: "a valid timestamp of this ledger", found: error.phrase.en))
        }
        let inForce = chain.inForce(at: seconds)
        facts = chain.valid.map { TimestampFact($0, isInForce: inForce.contains($0.number)) }
        guard let newest = facts.last else { return }
        notes.append(.timestamped(facts.count, newest))
        let ended = facts.count { !$0.isInForce }
        if ended > 0 { notes.append(.timestampsEnded(ended)) }
        if chain.isRenewalDue(at: seconds) { notes.append(.renewalDue(newest)) }
    }
}

extension SignedPoints {
    fileprivate mutating func take(
        _ chain: TimestampChain, _ keys: KeyChain?, accepted: UInt64?, at seconds: Int64
    ) {
        let judgement = TimestampJudgement(chain, at: seconds, file: SignedPoints.file)
        timestamps = judgement.facts
        findings += judgement.findings
        notes += judgement.notes
        for one in chain.valid {
            add(one.checkpoint, SignedPoints.file(one.number), keys, accepted)
        }
    }

    private static func file(_ number: UInt64) -> String {
        "checkpoints/timestamped/\(KeptTimestamp.folder(number))"
    }
}

extension AuditNote {
    fileprivate static func untrusted(_ file: String, _ why: Phrase) -> AuditNote {
        AuditNote(
            "timestamp-untrusted",
            en: "\(file) shows no time here: \(why.en); name whom you trust with --tsa-ca",
            zh: "\(file) 在本机无法证明时间：\(why.zh)；请用 --tsa-ca 指定信任的证书")
    }

    fileprivate static func timestamped(_ count: Int, _ newest: TimestampFact) -> AuditNote {
        let (size, token) = (newest.timestamp.checkpoint.size, newest.timestamp.token)
        return AuditNote(
            "timestamped",
            en: "timestamps: \(count); the newest shows that records 0 to \(last(size)) were there "
                + "by \(newest.time), by the word of \(token.signer)",
            zh: "时间戳 \(count) 个；最新一个证明记录 0 至 \(last(size)) 在 \(newest.time) 之前已存在，"
                + "签发者 \(token.signer)")
    }

    private static func last(_ size: TreeSize) -> UInt64 { max(size.rawValue, 1) - 1 }

    fileprivate static func timestampsEnded(_ count: Int) -> AuditNote {
        AuditNote(
            "timestamp-ended",
            en: "timestamps whose certificate ended before they were renewed: \(count); they show "
                + "no time any more",
            zh: "证书到期前未续的时间戳 \(count) 个，不再能证明时间")
    }

    fileprivate static func renewalDue(_ newest: TimestampFact) -> AuditNote {
        AuditNote(
            "timestamp-renewal",
            en: "the newest timestamp's certificate ends at \(newest.certificateEnds): ask for a "
                + "new one with hanqing timestamp ask, which renews all",
            zh: "最新时间戳的证书于 \(newest.certificateEnds) 到期：请用 hanqing timestamp ask "
                + "重新盖戳，即可一并续期")
    }
}
