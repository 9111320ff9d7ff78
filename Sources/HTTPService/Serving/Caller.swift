package import Phrases

/// Who asks, and what he may do: Specs/http.md section 1.
///
/// A procedure is named by its id, such as `penalty`; the ledger's own records are of `ledger`.
package protocol Caller: Sendable {
    /// Through whom events come in, as `intake.recorder` has it: `svc:<name>`.
    var recorder: String { get }

    func may(append procedure: String) -> Bool
    func may(read procedure: String) -> Bool
    /// Whether facts may be stated past the rules (`asserted: true`).
    var mayAssert: Bool { get }
    /// Whether `operator` of an event may be this person.
    func may(speakFor person: String) -> Bool
    /// Whether ``may(speakFor:)`` is true of everyone, so that it need not be asked.
    var maySpeakForAnyone: Bool { get }
    var mayAudit: Bool { get }
    var mayApprove: Bool { get }
    var mayAdminister: Bool { get }
}

/// Tells who bears a token.
package protocol Authenticator: Sendable {
    /// The bearer of `token`, the text after `Bearer `; nil if the request had none.
    func caller(bearing token: String?) async throws(AccessRefused) -> any Caller

    /// The same of a client that bears no token but showed a certificate, verified by an authority
    /// that the service trusts for clients.
    func caller(
        bearing token: String?, showing certificate: PeerCertificate?
    ) async throws(AccessRefused) -> any Caller
}

extension Authenticator {
    /// Where certificates stand for nobody.
    package func caller(
        bearing token: String?, showing certificate: PeerCertificate?
    ) async throws(AccessRefused) -> any Caller {
        try await caller(bearing: token)
    }
}

/// Why nobody is let in.
package enum AccessRefused: Error, Sendable {
    /// No token, or none that is valid; the phrase says what to do.
    case unauthenticated(Phrase)
    case tooManyRequests(retryAfterSeconds: Int)
    /// It cannot be told at the moment.
    case unavailable(Phrase)
}

/// Everybody may do everything: for a service that only its own machine reaches.
package struct OpenDoor: Authenticator {
    package init() {}

    package func caller(bearing token: String?) async throws(AccessRefused) -> any Caller {
        LocalCaller()
    }

    private struct LocalCaller: Caller {
        let recorder = "svc:local"
        let mayAssert = true
        let maySpeakForAnyone = true
        let mayAudit = true
        let mayApprove = true
        let mayAdminister = true

        func may(append procedure: String) -> Bool { true }
        func may(read procedure: String) -> Bool { true }
        func may(speakFor person: String) -> Bool { true }
    }
}
