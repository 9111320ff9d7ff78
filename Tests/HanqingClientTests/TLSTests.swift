import CanonicalJSON
import Foundation
import HanqingClient
import TestKit
import Testing

/// Specs/client.md section 4: the client against the shipped program over TLS.
@Suite struct TLSTests {
    private let home: ScratchFolder
    private let ledger: String
    private let maker: CertificateMaker
    private let verifier: ReceiptVerifier

    init() async throws {
        let folder = try ScratchFolder()
        (home, ledger) = (folder, folder.path + "/ledger")
        maker = try CertificateMaker(folder)
        try maker.make("server", subject: "/CN=ledger")
        let made = try Program().run(
            ["init", ledger, "--origin", "client.example", "--json"], home: home.url)
        let vkey = try #require(try made.json["vkey"]?.string, "\(made.errors)")
        verifier = try ReceiptVerifier(origin: "client.example", keys: [vkey])
    }

    private func grant(_ more: [String]) throws -> JSONValue {
        let made = try Program().run(
            [
                "token", "create", "--ledger", ledger, "--name", "client", "--system",
                "test-system", "--right", "append:report", "--speaks-for", "*", "--by", "P-9",
                "--reason", "test", "--json",
            ] + more, home: home.url)
        try #require(made.exitCode == 0, "\(made.errors)")
        return try made.json
    }

    /// Gives the address of a service that asks clients for certificates.
    private func serving(_ body: (_ port: Int) async throws -> Void) async throws {
        let service = try await ServingProgram(
            [
                "--ledger", ledger, "--tls-certificate", home.path + "/server.pem", "--tls-key",
                home.path + "/server.key", "--client-ca", maker.authority,
            ], home: home.url, withTokens: true)
        do {
            try await body(service.port)
        } catch {
            _ = try await service.end(SIGKILL)
            throw error
        }
        #expect(try await service.end(SIGTERM) == 0)
    }

    private func client(
        _ port: Int, authorities: String?, identity: TLSOptions.Identity? = nil,
        token: String? = nil
    ) throws -> LedgerClient {
        var options = LedgerClient.Options()
        options.tls = TLSOptions(authorities: authorities, identity: identity)
        (options.token, options.verifier, options.patience) = (token, verifier, .zero)
        return try LedgerClient("https://127.0.0.1:\(port)", options: options)
    }

    /// Why an event was not recorded; nil if it was.
    private func failure(
        _ id: String, _ port: Int, authorities: String?, identity: TLSOptions.Identity? = nil,
        token: String? = nil
    ) async throws -> ClientError? {
        let event = try Made.event(id)
        let client = try client(
            port, authorities: authorities, identity: identity, token: token)
        var failure: ClientError?
        do throws(ClientError) {
            let receipt = try await client.append(event)
            #expect(!receipt.isRepeat)
        } catch {
            failure = error
        }
        await client.shutdown()
        return failure
    }

    @Test func `a token goes to a service that its private authority vouches for`() async throws {
        let token = try #require(try grant([])["token"]?.string)
        let strangers = try CertificateMaker(ScratchFolder())
        try await serving { port in
            let own = maker.authority
            #expect(try await failure("a", port, authorities: own, token: token) == nil)
            for authorities in [nil, strangers.authority] {
                let error = try await failure("b", port, authorities: authorities, token: token)
                #expect(error?.kind == .unavailable(nil), "\(authorities ?? "-")")
            }
            let wrong = try await failure("c", port, authorities: own, token: "hanqing_x")
            #expect(wrong?.problem?.code == .unauthenticated && wrong?.mayBeRecorded == false)
            let reader = try client(port, authorities: own)
            #expect(try await reader.size() == 4, "the ledger's own, the grant and one event")
            await reader.shutdown()
        }
    }

    @Test func `a client's certificate stands for a token`() async throws {
        func identity(_ maker: CertificateMaker, _ name: String) throws -> TLSOptions.Identity {
            let made = try maker.make(name, subject: "/CN=\(name)")
            return TLSOptions.Identity(certificate: made.certificate, key: made.key)
        }
        let (known, unknown) = (try identity(maker, "known"), try identity(maker, "unknown"))
        let strangers = try CertificateMaker(ScratchFolder())
        let foreign = try identity(strangers, "foreign")
        #expect(try grant(["--certificate", known.certificate])["token"] == .null)
        try await serving { port async throws in
            func asked(_ identity: TLSOptions.Identity?) async throws -> ClientError? {
                try await failure("a", port, authorities: maker.authority, identity: identity)
            }
            #expect(try await asked(unknown)?.problem?.code == .unauthenticated)
            #expect(try await asked(nil)?.problem?.code == .unauthenticated)
            #expect(try await asked(foreign)?.kind == .unavailable(nil))
            #expect(try await asked(known) == nil)
        }
    }

    @Test func `what cannot be used is found before anything is sent`() throws {
        let (one, other) = (
            try maker.make("one", subject: "/CN=one"), try maker.make("other", subject: "/CN=other")
        )
        func complaint(_ tls: TLSOptions) -> String? {
            var options = LedgerClient.Options()
            options.tls = tls
            let error = #expect(throws: ClientError.self) {
                try LedgerClient("https://127.0.0.1:1", options: options)
            }
            #expect(error?.kind == .misused)
            return error?.english
        }
        func shown(_ certificate: String, _ key: String) -> TLSOptions {
            TLSOptions(identity: TLSOptions.Identity(certificate: certificate, key: key))
        }
        let none = home.path + "/none.pem"
        #expect(complaint(TLSOptions(authorities: none))?.contains("no certificate") == true)
        #expect(complaint(TLSOptions(authorities: one.key))?.contains("no certificate") == true)
        #expect(complaint(shown(none, one.key))?.contains("no certificate") == true)
        #expect(complaint(shown(one.certificate, none))?.contains("no private key") == true)
        #expect(complaint(shown(one.certificate, other.key))?.contains("is not the key") == true)
    }

    @Test(arguments: [
        ("http://ledger.example", false), ("http://127.0.0.1.example:80", false),
        ("http://127.0.0.1@ledger.example", false), ("http://[::2]:8610", false),
        ("https://ledger.example", true), ("http://127.0.0.1:8610", true),
        ("http://[::1]:8610/a", true), ("http://localhost", true),
    ])
    func `a token goes in the clear to this machine alone`(
        address: String, isTaken: Bool
    ) async throws {
        var options = LedgerClient.Options()
        let open = try LedgerClient(address, options: options)
        await open.shutdown()
        options.token = "hanqing_x"
        do throws(ClientError) {
            let client = try LedgerClient(address, options: options)
            await client.shutdown()
            #expect(isTaken)
        } catch {
            #expect(!isTaken && error.kind == .misused)
        }
    }
}
