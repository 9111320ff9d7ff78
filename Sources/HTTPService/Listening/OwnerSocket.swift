import Access
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import Records

/// The socket `DIR/serving` by which the command line of the ledger's own user reaches the service
/// that has the ledger open: Specs/serving.md section 5.
package enum OwnerSocket {
    /// sockaddr_un of Linux holds 108 bytes with the zero at its end.
    private static let pathByteCountMax = 107

    package static func path(ledger folder: String) -> String { folder + "/serving" }

    /// Nil where the folder's name is too long for a socket.
    package static func address(ledger folder: String) -> String? {
        let path = path(ledger: folder)
        return path.utf8.count <= pathByteCountMax ? path : nil
    }

    /// Who appends, `cli:<name>`.
    package static let recorderField = "Hanqing-Recorder"
    /// `true`: facts may be stated past the rules.
    package static let assertField = "Hanqing-May-Assert"
}

/// Answers who reached the socket: he has the rights of the ledger's user, as the commands have.
struct OwnerResponder: HTTPResponder {
    typealias Context = Responder.Context

    let responder: Responder
    /// Routes that are his alone.
    let routes: [Route]

    func respond(to request: Request, context: Context) async throws -> Response {
        let fields = request.headers
        let name = fields.values(named: OwnerSocket.recorderField.lowercased()).first ?? ""
        let asserts = fields.values(named: OwnerSocket.assertField.lowercased()) == ["true"]
        let owner = Owner(
            caller: .user(recorder: Recorder.text("cli", name), mayAssert: asserts))
        return try await responder.answering(owner, beside: routes).respond(
            to: request, context: context)
    }
}

private struct Owner: Authenticator {
    let caller: Caller

    func caller(
        bearing token: String?, showing certificate: PeerCertificate?
    ) throws(AccessRefused) -> Caller { caller }

    func admit(_ caller: Caller) throws(AccessRefused) {}
}
