package import Access
import CanonicalJSON
package import Digests
import DurableFiles
import LedgerStore
package import Merkle
package import Phrases
import Records
import Sequencing

/// A token that somebody asks for: Specs/access.md section 2.
package struct TokenRequest: Sendable {
    package var name: String
    package var owner: Owner
    package var rights: [Right]
    package var roles: [String] = []
    package var speaksFor: [String] = []
    package var expiry = Expiry.usual
    /// Nil for what is usual for the owner.
    package var rate: Rate?
    /// Who grants it, and that person's unit.
    package var by: String
    package var unit: String
    package var reason: String?
    /// SHA-256 of a client's certificate; then no token is made.
    package var certificate: Digest?

    package init(name: String, owner: Owner, rights: [Right], by: String, unit: String) {
        (self.name, self.owner, self.rights) = (name, owner, rights)
        (self.by, self.unit) = (by, unit)
    }

    fileprivate func grant(_ id: TokenID, at now: Timestamp) -> Grant {
        Grant(
            id: id, name: name, owner: owner, rights: rights, roles: roles,
            speaksFor: Speakers(speaksFor), rate: rate, by: by, created: now,
            expires: expiry.moment(from: now), reason: reason, certificate: certificate)
    }
}

/// What came of asking for a token.
package enum Issuance: Sendable {
    /// Recorded and written down; the text is nowhere else. A certificate has none.
    case issued(TokenText?, Grant, SequenceNumber)
    /// Nothing was recorded.
    case refused([Phrase])
}

/// What came of taking a token back.
package enum TokenWithdrawal: Sendable {
    case recorded(SequenceNumber)
    /// It is recorded already.
    case already(AccessLog.Withdrawal)
    case refused([Phrase])
}

// MARK: - Looking

extension Ledger {
    /// What the records of `ledger/access` say.
    package func accessLog() async throws(LedgerError) -> AccessLog {
        try await Ledger.accessLog(store)
    }

    static func accessLog(_ store: any EventStore) async throws(LedgerError) -> AccessLog {
        var log = AccessLog()
        do throws(StoreError) {
            let numbers = try await store.sequence(
                of: .access, from: Revision(0), limit: 1_000_000)
            for number in numbers {
                let line = try await store.lines(from: number, limit: 1).first ?? []
                let record = try? JSONValue(parsing: line)
                let recorded = record?["chain"]?["recorded"]?.string
                log.take(
                    record?["event"] ?? .null, number,
                    recorded: recorded.flatMap { Timestamp(fixed: $0) }
                        ?? Timestamp(microseconds: 0))
            }
        } catch {
            throw LedgerError(error)
        }
        return log
    }

    /// All tokens, as records and file say together.
    package func tokenBook() async throws(LedgerError) -> TokenBook {
        TokenBook(try tokenFile(), try await accessLog())
    }

    func tokenFile() throws(LedgerError) -> TokenFile {
        do throws(AccessError) {
            return try TokenFile.load(folder, origin: settings.origin)
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// What lets callers of a service in; it may be asked from any thread.
    package func tokenRegister() async throws(LedgerError) -> TokenRegister {
        do throws(AccessError) {
            return try await TokenRegister(ledger: folder) { () throws(AccessError) in
                do throws(LedgerError) {
                    return try await tokenBook()
                } catch {
                    throw AccessError(
                        error.phrases.first ?? Phrase(en: "cannot be read", zh: "无法读取"))
                }
            }
        } catch {
            throw LedgerError([error.phrase])
        }
    }

    /// What whoever starts to write should know of the tokens; a file that cannot be read keeps
    /// nobody from appending here.
    static func tokenNotices(
        _ folder: String, _ origin: String, _ store: any EventStore, at now: Timestamp
    ) async throws(LedgerError) -> [Phrase] {
        let log = try await accessLog(store)
        do throws(AccessError) {
            let file = try TokenFile.load(folder, origin: origin)
            return TokenBook(file, log).notices(at: now)
        } catch {
            return [error.phrase]
        }
    }
}

// MARK: - Changing

/// Where tokens are made and taken back, one after another: what is judged must still be so when
/// it is recorded, and the file is written as a whole.
package actor TokenDesk {
    private let ledger: Ledger
    private let register: TokenRegister?
    private var last: Task<Void, Never>?

    /// `ledger` is open for writing; `register` is made anew after each change, also after one that
    /// was recorded and could not be written down.
    package init(_ ledger: Ledger, register: TokenRegister? = nil) {
        (self.ledger, self.register) = (ledger, register)
    }

    /// Makes a token, or says what speaks against it: Specs/access.md section 9.
    package func issue(_ request: TokenRequest) async throws(LedgerError) -> Issuance {
        try await inTurn { [ledger] () throws(LedgerError) in try await ledger.issue(request) }
    }

    /// Takes the token `id` back, for good.
    package func revoke(
        _ id: TokenID, by person: String, unit: String, reason: String
    ) async throws(LedgerError) -> TokenWithdrawal {
        try await inTurn { [ledger] () throws(LedgerError) in
            try await ledger.revoke(id, by: person, unit: unit, reason: reason)
        }
    }

    private func inTurn<Answer: Sendable>(
        _ work: @escaping @Sendable () async throws(LedgerError) -> Answer
    ) async throws(LedgerError) -> Answer {
        let (before, register) = (last, register)
        let task = Task { () -> Result<Answer, LedgerError> in
            await before?.value
            let answer: Result<Answer, LedgerError>
            do throws(LedgerError) {
                answer = .success(try await work())
            } catch {
                answer = .failure(error)
            }
            do throws(AccessError) {
                try await register?.reload()
            } catch {
                // A change that does not count here yet is not done.
                return answer.flatMap { _ in .failure(LedgerError([error.phrase])) }
            }
            return answer
        }
        last = Task { _ = await task.value }
        return try await task.value.get()
    }
}

extension Ledger {
    fileprivate func issue(_ request: TokenRequest) async throws(LedgerError) -> Issuance {
        try demandWriter()
        let now = clock.wall()
        let (file, log) = (try tokenFile(), try await accessLog())
        let book = TokenBook(file, log)
        var id = TokenID.make()
        while book.entry(id) != nil { id = TokenID.make() }
        let grant = request.grant(id, at: now)
        let refusals =
            GrantJudge(catalogue, earlier: try earlierProcedures(), book, at: now)
            .refusals(of: grant)
            + AccessLog.faults(ofUnit: request.unit)
        guard refusals.isEmpty else { return .refused(refusals) }
        let token = TokenText.make()
        let line = TokenFile.Line(grant: grant, hash: grant.certificate ?? token.hash)
        // 1. The record. A crash before it leaves nothing.
        let sequence = try await recordOwn(
            AccessLog.createdType, .access, AccessLog.data(of: line, unit: request.unit))
        // 2. The file. A crash before it leaves a grant whose token was never issued, which the
        //    next start tells.
        var new = file.marked(by: log)
        new.lines.append(line)
        do throws(FileError) {
            try new.save(folder)
        } catch {
            throw LedgerError(
                en: "\(error.phrase.en). The grant is record \(sequence), and its token \(id) was "
                    + "never issued: mend that, revoke \(id), and make another",
                zh: "\(error.phrase.zh)。授权已记为记录 \(sequence)，但令牌 \(id) 从未发出："
                    + "请排除故障，撤销 \(id) 后另行发放")
        }
        // 3. The owner is shown it. A crash before that leaves a token that nobody has; it looks
        //    like any that was not used.
        return .issued(grant.certificate == nil ? token : nil, grant, sequence)
    }

    fileprivate func revoke(
        _ id: TokenID, by person: String, unit: String, reason: String
    ) async throws(LedgerError) -> TokenWithdrawal {
        try demandWriter()
        let (file, log) = (try tokenFile(), try await accessLog())
        guard TokenBook(file, log).entry(id) != nil else {
            return .refused([
                Phrase(
                    en: "there is no token \(id); see hanqing token list --all",
                    zh: "没有令牌 \(id)；可用 hanqing token list --all 查看")
            ])
        }
        let refusals =
            Revocation(at: clock.wall(), by: person, reason: reason).faults
            + AccessLog.faults(ofUnit: unit)
        guard refusals.isEmpty else { return .refused(refusals) }
        if let withdrawal = log.revocations[id] {
            try mark(file, log, withdrawal)
            return .already(withdrawal)
        }
        // 1. The record. From here on the token is revoked: records count.
        let sequence = try await recordOwn(
            AccessLog.revokedType, .access,
            AccessLog.data(revoking: id, by: person, unit: unit, reason: reason))
        // 2. The file, for those who read it. A crash before it leaves the line unmarked, which the
        //    next change mends.
        let after = try await accessLog()
        if let withdrawal = after.revocations[id] { try mark(file, after, withdrawal) }
        return .recorded(sequence)
    }

    /// Writes the file anew if it lacks the mark of a revocation that is recorded.
    private func mark(
        _ file: TokenFile, _ log: AccessLog, _ withdrawal: AccessLog.Withdrawal
    ) throws(LedgerError) {
        let new = file.marked(by: log)
        guard new != file else { return }
        do throws(FileError) {
            try new.save(folder)
        } catch {
            throw LedgerError(
                en: "\(error.phrase.en). The token is revoked all the same, by record "
                    + "\(withdrawal.sequence)",
                zh: "\(error.phrase.zh)。令牌已由记录 \(withdrawal.sequence) 撤销，不受影响")
        }
    }
}
