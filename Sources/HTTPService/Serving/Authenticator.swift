package import Access
package import Phrases
import Records
package import Sequencing

/// Tells who bears a token: Specs/http.md section 1.
package protocol Authenticator: Sendable {
    /// The bearer of `token`, the text after `Bearer `; nil if the request had none.
    ///
    /// Who bears none may have shown a certificate, verified by an authority that the service
    /// trusts for clients.
    func caller(
        bearing token: String?, showing certificate: PeerCertificate?
    ) throws(AccessRefused) -> Caller
    /// Counts a request of the caller's.
    func admit(_ caller: Caller) throws(AccessRefused)
}

/// Why nobody is let in.
package enum AccessRefused: Error, Sendable {
    /// No token, or none that is good; the phrase says what to do.
    case unauthenticated(Phrase)
    case tooManyRequests(retryAfterSeconds: Int)
}

/// Everybody may do everything: for a service that only its own machine reaches.
package struct OpenDoor: Authenticator {
    package init() {}

    package func caller(
        bearing token: String?, showing certificate: PeerCertificate?
    ) throws(AccessRefused) -> Caller { .local }

    package func admit(_ caller: Caller) throws(AccessRefused) {}
}

/// Lets in who bears a token, or shows a certificate, that the ledger's records stand for:
/// Specs/access.md section 10.
package struct TokenDoor: Authenticator {
    private let register: TokenRegister
    private let clock: LedgerClock
    private let apart: Set<String>

    /// `apart` are the procedures that a right for all does not cover.
    package init(_ register: TokenRegister, _ clock: LedgerClock, apart: Set<String>) {
        (self.register, self.clock, self.apart) = (register, clock, apart)
    }

    package func caller(
        bearing token: String?, showing certificate: PeerCertificate?
    ) throws(AccessRefused) -> Caller {
        let now = clock.wall()
        do throws(AccessRefusal) {
            if let token {
                return try register.caller(bearing: token, at: now, apart: apart)
            }
            if let certificate {
                return try register.caller(
                    showing: certificate.fingerprint, at: now, apart: apart)
            }
        } catch {
            throw .unauthenticated(error.phrase)
        }
        throw .unauthenticated(
            Phrase(
                en: "this needs a token: send Authorization: Bearer hanqing_…",
                zh: "此操作需要令牌：请发送 Authorization: Bearer hanqing_…"))
    }

    package func admit(_ caller: Caller) throws(AccessRefused) {
        switch register.take(caller, at: clock.wall()) {
        case .go: break
        case .wait(let seconds): throw .tooManyRequests(retryAfterSeconds: seconds)
        }
    }
}
