package import Digests
package import Merkle
package import Phrases
package import Records

/// All tokens of a ledger, as its records and its file say together: Specs/access.md section 9.
///
/// It never changes; a new one is made when the file or the records have.
package struct TokenBook: Sendable {
    /// In the order of their records; lines without a record last.
    package let entries: [Entry]
    /// What whoever opens the ledger should know, beside tokens never issued.
    private let oddities: [Phrase]
    /// Places in `entries`, by the first bytes of the hash.
    private let places: [UInt64: [Int]]

    package struct Entry: Hashable, Sendable {
        package let grant: Grant
        /// Its record; nil if there is none, or one that says something else.
        package let sequence: SequenceNumber?
        /// By record or by file: either is enough.
        package let revocation: Revocation?
        /// Nil if it was never issued.
        fileprivate let hash: Digest?
    }

    /// What has become of a token.
    package enum State: Hashable, Sendable {
        case live
        case revoked(Revocation)
        case expired
        /// Recorded, and not in the file: nobody has it.
        case neverIssued
        /// In the file, and no record has its digest.
        case unrecorded

        package var name: String {
            switch self {
            case .live: "live"
            case .revoked: "revoked"
            case .expired: "expired"
            case .neverIssued: "never-issued"
            case .unrecorded: "unrecorded"
            }
        }

        package var title: Phrase {
            switch self {
            case .live: Phrase(en: "good", zh: "有效")
            case .revoked: Phrase(en: "revoked", zh: "已撤销")
            case .expired: Phrase(en: "expired", zh: "已过期")
            case .neverIssued: Phrase(en: "never issued", zh: "从未发出")
            case .unrecorded: Phrase(en: "not recorded", zh: "无记录")
            }
        }
    }

    package init(_ file: TokenFile, _ log: AccessLog) {
        var lines = Dictionary(
            file.lines.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
        var entries: [Entry] = []
        var oddities: [Phrase] = []
        for recorded in log.grants {
            let line = lines.removeValue(forKey: recorded.digest)
            let revocation = log.revocations[recorded.grant.id]?.revocation
            if revocation == nil, line?.revoked != nil {
                oddities.append(.unrecordedRevocation(recorded.grant.id))
            }
            // A digest that fits a line fits its grant too, unless the record was made to lie.
            let isSame = line.map { $0.grant == recorded.grant } ?? true
            entries.append(
                Entry(
                    grant: recorded.grant, sequence: isSame ? recorded.sequence : nil,
                    revocation: revocation ?? line?.revoked, hash: line?.hash))
        }
        for line in file.lines where lines[line.digest] != nil {
            oddities.append(.unrecorded(line.grant.id))
            entries.append(
                Entry(grant: line.grant, sequence: nil, revocation: line.revoked, hash: line.hash))
        }
        oddities += log.unreadable.map(Phrase.unreadable)
        (self.entries, self.oddities) = (entries, oddities)
        let hashes = entries.indices.compactMap { place in
            entries[place].hash.map { (TokenBook.start(of: $0), place) }
        }
        places = Dictionary(grouping: hashes, by: \.0).mapValues { $0.map(\.1) }
    }

    private static func start(of hash: Digest) -> UInt64 {
        hash.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    package func state(of entry: Entry, at now: Timestamp) -> State {
        if entry.sequence == nil { return .unrecorded }
        if let revocation = entry.revocation { return .revoked(revocation) }
        if now >= entry.grant.expires { return .expired }
        return entry.hash == nil ? .neverIssued : .live
    }

    package func live(at now: Timestamp) -> [Entry] {
        entries.filter { state(of: $0, at: now) == .live }
    }

    package func entry(_ id: TokenID) -> Entry? {
        entries.first { $0.grant.id == id }
    }

    /// What whoever opens the ledger should know.
    package func notices(at now: Timestamp) -> [Phrase] {
        entries.filter { state(of: $0, at: now) == .neverIssued }.map(Phrase.neverIssued)
            + oddities
    }
}

// MARK: - Letting in

extension TokenBook {
    /// The token with this hash, whatever has become of it.
    package func entry(of token: TokenText) -> Entry? {
        let hash = token.hash
        return entries(with: hash).first { $0.grant.certificate == nil }
    }

    /// The grant of the certificate with this fingerprint: that which is good, else the newest.
    package func entry(certificate: Digest, at now: Timestamp) -> Entry? {
        let all = entries(with: certificate).filter { $0.grant.certificate == certificate }
        return all.first { state(of: $0, at: now) == .live } ?? all.last
    }

    private func entries(with hash: Digest) -> [Entry] {
        (places[TokenBook.start(of: hash)] ?? []).map { entries[$0] }
            .filter { $0.hash?.isSameInConstantTime(as: hash) ?? false }
    }

    /// Whose token this is, or why it lets nobody in at `now`.
    package func caller(
        _ token: TokenText, at now: Timestamp, apart: Set<String>
    ) throws(AccessRefusal) -> Caller {
        guard let entry = entry(of: token) else {
            throw AccessRefusal(
                .unknown, en: "this ledger does not know the token", zh: "本账本不认识该令牌")
        }
        return try caller(entry, at: now, apart)
    }

    /// Whose certificate this is, or why it lets nobody in at `now`.
    package func caller(
        showing certificate: Digest, at now: Timestamp, apart: Set<String>
    ) throws(AccessRefusal) -> Caller {
        guard let entry = entry(certificate: certificate, at: now) else {
            throw AccessRefusal(
                .unknown,
                en: "nothing was granted to the certificate \(certificate.hex): see hanqing token "
                    + "create --certificate, or send a token",
                zh: "证书 \(certificate.hex) 未获授权：请用 hanqing token create --certificate 授权，"
                    + "或发送令牌")
        }
        return try caller(entry, at: now, apart)
    }

    private func caller(
        _ entry: Entry, at now: Timestamp, _ apart: Set<String>
    ) throws(AccessRefusal) -> Caller {
        let id = entry.grant.id
        switch state(of: entry, at: now) {
        case .live: return Caller(entry.grant, apart: apart)
        case .revoked(let revocation):
            throw AccessRefusal(
                .revoked, en: "the token \(id) was revoked by \(revocation.by)",
                zh: "令牌 \(id) 已由 \(revocation.by) 撤销")
        case .expired:
            throw AccessRefusal(
                .expired, en: "the token \(id) has expired; ask for a new one",
                zh: "令牌 \(id) 已过期；请申请新令牌")
        // One that was never issued has no hash to be found by.
        case .unrecorded, .neverIssued:
            throw AccessRefusal(
                .unrecorded, en: "no record stands for the token \(id)",
                zh: "令牌 \(id) 没有对应的记录")
        }
    }
}

extension Phrase {
    fileprivate static func neverIssued(_ entry: TokenBook.Entry) -> Phrase {
        let (id, number) = (entry.grant.id, entry.sequence?.description ?? "-")
        return Phrase(
            en: "token \(id) (record \(number)) was never issued, or the tokens' file was lost: "
                + "revoke it, and make another",
            zh: "令牌 \(id)（记录 \(number)）从未发出，或令牌文件已丢失：请撤销并另行发放")
    }

    fileprivate static func unrecorded(_ id: TokenID) -> Phrase {
        Phrase(
            en: "token \(id) is in the tokens' file, and no record stands for what is there: it "
                + "does not work. Find out who wrote it",
            zh: "令牌文件中的 \(id) 没有对应的记录，不予承认；请查明由谁写入")
    }

    fileprivate static func unrecordedRevocation(_ id: TokenID) -> Phrase {
        Phrase(
            en: "token \(id) is marked revoked in the tokens' file, and no record says so: it does "
                + "not work; revoke it to have it recorded",
            zh: "令牌 \(id) 在令牌文件中标为已撤销，但没有撤销记录：该令牌不可用，请执行撤销以便入账")
    }

    fileprivate static func unreadable(_ number: SequenceNumber) -> Phrase {
        Phrase(
            en: "record \(number) of ledger/access cannot be read by this version; what it grants "
                + "does not work",
            zh: "本版本无法读取 ledger/access 的记录 \(number)，其授权不生效")
    }
}
