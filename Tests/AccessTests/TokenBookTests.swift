import Access
import CanonicalJSON
import Digests
import Merkle
import Records
import Testing

@Suite struct TokenBookTests {
    private let issued = Maker.issued(Maker.grant(1))
    private let other = Maker.issued(Maker.grant(2, .system("s"), ["append:*"]))

    private func book(
        _ lines: [TokenFile.Line], recorded: [TokenFile.Line], revoking: [TokenID] = []
    ) -> TokenBook {
        TokenBook(
            TokenFile(origin: Maker.origin, lines: lines), Maker.log(recorded, revoking: revoking))
    }

    private func refusal(
        _ book: TokenBook, _ token: TokenText, at now: Timestamp = Maker.now
    )
        -> AccessRefusal.Code?
    {
        do throws(AccessRefusal) {
            _ = try book.caller(token, at: now, apart: [])
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `a token that is recorded and written down lets its owner in`() throws {
        let book = book([other.line, issued.line], recorded: [issued.line, other.line])
        #expect(try book.caller(issued.token, at: Maker.now, apart: []).grant == issued.line.grant)
        #expect(try book.caller(other.token, at: Maker.now, apart: []).grant == other.line.grant)
        #expect(refusal(book, TokenText.make()) == .unknown)
        #expect(book.notices(at: Maker.now) == [])
        #expect(book.entries.map(\.sequence?.rawValue) == [2, 3])
    }

    @Test func `a certificate lets its owner in by one grant, the newest after the old`() throws {
        let certificate = SHA256.digest(of: Array("certificate".utf8))
        func line(_ number: Int, _ rights: [String]) -> TokenFile.Line {
            var grant = Maker.grant(number, .system("s"), rights)
            grant.certificate = certificate
            return TokenFile.Line(grant: grant, hash: certificate)
        }
        let (old, new) = (line(1, ["append:*"]), line(2, ["audit:*"]))
        let written = TokenFile(origin: Maker.origin, lines: [old, new]).bytes
        #expect(try TokenFile(written, origin: Maker.origin).lines == [old, new])
        let before = book([old], recorded: [old])
        let shown = try before.caller(showing: certificate, at: Maker.now, apart: [])
        #expect(shown.grant == old.grant)
        let judged = GrantJudge(try Maker.catalogue.get(), before, at: Maker.now)
        #expect(judged.refusals(of: new.grant).count == 1, "one grant for a certificate")
        let after = book([old, new], recorded: [old, new], revoking: [old.grant.id])
        #expect(try after.caller(showing: certificate, at: Maker.now, apart: []).grant == new.grant)
        let gone = book([old], recorded: [old], revoking: [old.grant.id])
        #expect(throws: AccessRefusal.self) {
            try gone.caller(showing: certificate, at: Maker.now, apart: [])
        }
        #expect(throws: AccessRefusal.self, "a token's hash is no certificate") {
            try book([issued.line], recorded: [issued.line])
                .caller(showing: issued.line.hash, at: Maker.now, apart: [])
        }
    }

    @Test func `a line whose hash is not its certificate's is refused`() throws {
        var grant = Maker.grant(1)
        grant.certificate = SHA256.digest(of: [1])
        let lines = [TokenFile.Line(grant: grant, hash: SHA256.digest(of: [2]))]
        let bytes = TokenFile(origin: Maker.origin, lines: lines).bytes
        #expect(throws: AccessError.self) { try TokenFile(bytes, origin: Maker.origin) }
    }

    @Test func `it lets nobody in from its expiry on`() {
        let book = book([issued.line], recorded: [issued.line])
        let end = issued.line.grant.expires
        let before = Timestamp(microseconds: end.microseconds - 1)
        #expect(refusal(book, issued.token, at: before) == nil)
        #expect(refusal(book, issued.token, at: end) == .expired)
    }

    @Test func `a revocation counts by record or by file`() throws {
        var marked = issued.line
        marked.revoked = Revocation(at: Maker.now, by: "P-9", reason: "left")
        let id = issued.line.grant.id
        let crashed = book([issued.line], recorded: [issued.line], revoking: [id])
        #expect(refusal(crashed, issued.token) == .revoked)
        #expect(crashed.notices(at: Maker.now) == [])
        let whole = book([marked], recorded: [issued.line], revoking: [id])
        #expect(refusal(whole, issued.token) == .revoked)
        let byHand = book([marked], recorded: [issued.line])
        #expect(refusal(byHand, issued.token) == .revoked)
        #expect(byHand.notices(at: Maker.now).count == 1)
    }

    @Test func `a crash between record and file leaves a token never issued`() throws {
        let book = book([other.line], recorded: [issued.line, other.line])
        let entry = try #require(book.entry(issued.line.grant.id))
        #expect(book.state(of: entry, at: Maker.now) == .neverIssued)
        #expect(refusal(book, issued.token) == .unknown)
        #expect(book.notices(at: Maker.now).count == 1)
        #expect(book.notices(at: entry.grant.expires) == [])
        let revoked = self.book(
            [other.line], recorded: [issued.line, other.line], revoking: [entry.grant.id])
        #expect(revoked.notices(at: Maker.now) == [])
    }

    @Test func `a line that was put in, or changed, lets nobody in`() {
        let added = book([issued.line, other.line], recorded: [other.line])
        #expect(refusal(added, issued.token) == .unrecorded)
        #expect(added.notices(at: Maker.now).count == 1)
        var richer = issued.line.grant
        richer.rights = Right.normal(richer.rights + [.append(.all)])
        let changed = TokenFile.Line(grant: richer, hash: issued.line.hash)
        let tampered = book([changed], recorded: [issued.line])
        #expect(refusal(tampered, issued.token) == .unrecorded)
        #expect(tampered.notices(at: Maker.now).count == 2)
        // A thief's own token under another's grant.
        let stolen = TokenText.make()
        let swapped = TokenFile.Line(grant: issued.line.grant, hash: stolen.hash)
        #expect(refusal(book([swapped], recorded: [issued.line]), stolen) == .unrecorded)
    }

    @Test func `a record that cannot be read grants nothing, and is named`() {
        var log = Maker.log([issued.line])
        for (number, data) in ([.null, ["token": "x"], ["grant": [:]]] as [JSONValue]).enumerated()
        {
            log.take(
                Maker.event(AccessLog.createdType, data), SequenceNumber(UInt64(50 + number)),
                recorded: Maker.now)
        }
        log.take(
            Maker.event("ledger.token-renamed", ["token": "tk-000000000001"]), SequenceNumber(60),
            recorded: Maker.now)
        #expect(log.unreadable.map(\.rawValue) == [50, 51, 52, 60])
        let book = TokenBook(TokenFile(origin: Maker.origin, lines: [issued.line]), log)
        #expect(refusal(book, issued.token) == nil)
        #expect(book.notices(at: Maker.now).count == 4)
    }

    @Test func `the digest is that of the line as it stands in the file`() {
        let file = TokenFile(origin: Maker.origin, lines: [issued.line])
        let line = file.bytes.split(separator: 0x0A)[1]
        #expect(issued.line.digest == SHA256.digest(of: line))
        var marked = issued.line
        marked.revoked = Revocation(at: Maker.now, by: "P-9", reason: "left")
        #expect(marked.digest == issued.line.digest)
    }

    @Test func `no record holds a token, or its hash`() {
        let data = AccessLog.data(of: issued.line, unit: "-").canonicalText
        #expect(!data.contains(issued.line.hash.hex))
        #expect(!data.contains(issued.token.secretText.dropFirst(TokenText.prefix.count)))
    }
}
