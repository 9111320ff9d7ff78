import Access
import CanonicalJSON
import Digests
import Foundation
import HTTPService
import LedgerHome
import Logging
import Phrases
import Synchronization
import TestKit
import Testing

/// Specs/serving.md section 2, over sockets, with curl and openssl as the other end.
@Suite struct TLSTests {
    private let folder: ScratchFolder
    private let maker: CertificateMaker
    private let files: TLSFiles
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() async throws {
        folder = try ScratchFolder()
        maker = try CertificateMaker(folder)
        let made = try maker.make("server", subject: "/CN=first")
        files = TLSFiles(certificate: made.certificate, key: made.key)
    }

    /// curl's output and exit code.
    private func curl(_ arguments: [String]) async throws -> (text: String, code: Int32) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/curl")
        process.arguments =
            ["--silent", "--show-error", "--max-time", "30", "--noproxy", "*"] + arguments
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = try await onThread {
            let data = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
        }
        return (text, process.terminationStatus)
    }

    private func options(_ certificates: TLSCertificates) -> LedgerService.Options {
        var options = LedgerService.Options()
        options.certificates = certificates
        return options
    }

    /// The subject of the certificate that a new connection is shown.
    private func shown(_ service: RunningService) async throws -> String {
        let (port, folder) = (service.port, folder)
        return try await onThread {
            let text = try CertificateMaker.openssl(
                ["s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", "ca.pem"], folder)
            return text.split(separator: "\n").first { $0.hasPrefix("subject=") }
                .map { String($0) } ?? ""
        }
    }

    @Test func `it serves TLS 1.2 and 1.3, and nothing older`() async throws {
        let certificates = try TLSCertificates(files)
        try await RunningService.with(options: options(certificates)) { service in
            let url = "https://127.0.0.1:\(service.port)/healthz"
            for version in ["1.2", "1.3"] {
                let answer = try await curl([
                    "--cacert", maker.authority, "--tlsv\(version)", "--tls-max", version, url,
                ])
                #expect(answer.text == "ok\n" && answer.code == 0, "\(answer)")
            }
            let old = try await curl([
                "--cacert", maker.authority, "--tlsv1.0", "--tls-max", "1.1", "--ciphers",
                "DEFAULT@SECLEVEL=0", url,
            ])
            #expect(old.code == 35, "\(old)")
            #expect(try await curl([url]).code == 60, "it is trusted by its authority alone")
            let plain = try await curl(["http://127.0.0.1:\(service.port)/healthz"])
            #expect(plain.code != 0, "\(plain)")
        }
    }

    @Test func `events come in over TLS, large ones too, and receipts go out`() async throws {
        let certificates = try TLSCertificates(files)
        let file = folder.path + "/batch.json"
        let batch =
            "["
            + (0..<300).map { number in
                String(decoding: Made.report("tls-\(number)").canonicalBytes, as: UTF8.self)
            }.joined(separator: ",") + "]"
        try Data(batch.utf8).write(to: URL(filePath: file))
        try await RunningService.with(options: options(certificates)) { service in
            let answer = try await curl([
                "--cacert", maker.authority, "--write-out", "%{http_code}", "--output", "/dev/null",
                "--header", "Content-Type: application/cloudevents-batch+json", "--data-binary",
                "@" + file, "https://127.0.0.1:\(service.port)/v1/events",
            ])
            #expect(answer.text == "201", "\(answer)")
        }
    }

    // MARK: - Renewal

    @Test func `a new certificate is taken while serving, an unsound one is not`() async throws {
        let certificates = try TLSCertificates(files)
        try await RunningService.with(options: options(certificates)) { service in
            #expect(try await shown(service) == "subject=CN = first")
            // The key is another's until it is copied too.
            let second = try maker.make("second", subject: "/CN=second")
            try replace(files.certificate, by: second.certificate)
            #expect(!certificates.reload(quiet))
            #expect(try await shown(service) == "subject=CN = first")
            try replace(files.key, by: second.key)
            certificates.reloadIfChanged(quiet)
            #expect(try await shown(service) == "subject=CN = second")
            try FileManager.default.removeItem(atPath: files.key)
            certificates.reloadIfChanged(quiet)
            #expect(try await shown(service) == "subject=CN = second")
        }
    }

    private func replace(_ path: String, by other: String) throws {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: other, toPath: path)
    }

    // MARK: - Clients

    /// Remembers whom it was shown, and lets everyone in.
    private final class Watcher: Authenticator {
        let shown = Mutex<[PeerCertificate?]>([])

        func caller(
            bearing token: String?, showing certificate: PeerCertificate?
        ) throws(AccessRefused) -> Caller {
            shown.withLock { $0.append(certificate) }
            return .local
        }

        func admit(_ caller: Caller) throws(AccessRefused) {}
    }

    @Test func `a client's verified certificate is handed to who tells callers apart`()
        async throws
    {
        var files = files
        files.clientAuthorities = maker.authority
        let client = try maker.make("client", subject: "/O=虚构单位/CN=penalty-system")
        let expired = try maker.make(
            "expired", subject: "/CN=old", from: "20200101000000Z", to: "20210101000000Z")
        let strangers = try CertificateMaker(ScratchFolder())
        let stranger = try strangers.make("stranger", subject: "/CN=stranger")
        let fingerprint = try CertificateMaker.openssl(
            ["x509", "-in", "client.pem", "-noout", "-fingerprint", "-sha256"], folder
        ).split(separator: "=").last?.filter(\.isHexDigit).lowercased()
        let watcher = Watcher()
        let certificates = try TLSCertificates(files)
        try await RunningService.with(door: watcher, options: options(certificates)) {
            service async throws in
            let url = "https://127.0.0.1:\(service.port)/v1/cases"
            let base = ["--cacert", maker.authority, "--output", "/dev/null"]
            func asked(_ more: [String]) async throws -> Int32 {
                try await curl(base + more + [url]).code
            }
            #expect(try await asked([]) == 0)
            for version in ["1.2", "1.3"] {
                #expect(
                    try await asked([
                        "--tls-max", version, "--cert", client.certificate, "--key", client.key,
                    ]) == 0)
            }
            #expect(
                try await asked([
                    "--cert", client.certificate, "--key", client.key, "--header",
                    "Authorization: Bearer x",
                ]) == 0)
            for bad in [expired, stranger] {
                #expect(try await asked(["--cert", bad.certificate, "--key", bad.key]) != 0)
            }
        }
        let known = PeerCertificate(
            subject: "CN=penalty-system,O=虚构单位",
            fingerprint: try #require(Digest(hex: fingerprint ?? "")))
        #expect(watcher.shown.withLock { $0 } == [nil, known, known, nil])
    }

    // MARK: - Refusals

    @Test func `a certificate may do what was granted to it, until that is revoked`() async throws {
        var files = files
        files.clientAuthorities = maker.authority
        let client = try maker.make("client", subject: "/O=虚构单位/CN=penalty-system")
        let der = try #require(
            certificateDER(try [UInt8](Data(contentsOf: URL(filePath: client.certificate)))))
        let fingerprint = SHA256.digest(of: der)
        let certificates = try TLSCertificates(files)
        try await RunningService.with(tokens: true, options: options(certificates)) { service in
            func status(_ path: String, _ more: [String] = []) async throws -> String {
                try await curl(
                    [
                        "--cacert", maker.authority, "--output", "/dev/null", "--write-out",
                        "%{http_code}", "--cert", client.certificate, "--key", client.key,
                        "https://127.0.0.1:\(service.port)\(path)",
                    ] + more
                ).text
            }
            #expect(try await status("/v1/cases") == "401", "nothing is granted to it")
            var request = TokenRequest(
                name: "test", owner: .system("penalty-system"),
                rights: [try Right("read:internal:*")], by: "P-9", unit: "虚构单位")
            request.certificate = fingerprint
            let desk = TokenDesk(service.ledger, register: service.register)
            guard case .issued(nil, let grant, _) = try await desk.issue(request) else {
                return #expect(Bool(false), "a certificate has no token")
            }
            #expect(try await status("/v1/cases") == "200")
            #expect(try await status("/v1/duties") == "403", "it has no right for this")
            #expect(
                try await status("/v1/cases", ["--header", "Authorization: Bearer hanqing_x"])
                    == "401", "a token that is sent counts alone")
            try await service.revoke(grant.id)
            #expect(try await status("/v1/cases") == "401")
        }
    }

    @Test func `what cannot be served with is refused with its reason`() throws {
        let other = try maker.make("other", subject: "/CN=other")
        let (past, future) = ("20210101000000Z", "20990101000000Z")
        let expired = try maker.make("old", subject: "/CN=old", from: "20200101000000Z", to: past)
        let early = try maker.make(
            "early", subject: "/CN=early", from: future, to: "20990201000000Z")
        let open = try maker.make("open", subject: "/CN=open")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: open.key)
        try CertificateMaker.openssl(
            ["ec", "-in", "server.key", "-aes256", "-passout", "pass:x", "-out", "locked.key"],
            folder)
        let locked = folder.path + "/locked.key"
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: locked)
        let (own, none) = (files.certificate, folder.path + "/none.pem")
        func reason(_ certificate: String, _ key: String, _ clients: String? = nil) -> String {
            do throws(LedgerError) {
                _ = try TLSCertificates(
                    TLSFiles(certificate: certificate, key: key, clientAuthorities: clients))
                return ""
            } catch {
                return error.phrases.map(\.en).joined()
            }
        }
        #expect(reason(own, files.key) == "")
        #expect(reason(own, other.key).contains("is not the key of the certificate"))
        #expect(reason(none, files.key).contains("no file \(none)"))
        #expect(reason(own, none).contains("no file \(none)"))
        #expect(reason(files.key, files.key).contains("holds no certificate"))
        #expect(reason(own, own).contains("chmod 600"))
        #expect(reason(open.certificate, open.key).contains("chmod 600"))
        #expect(reason(own, locked).contains("without a passphrase"))
        #expect(reason(expired.certificate, expired.key).contains("has expired"))
        #expect(reason(early.certificate, early.key).contains("not valid yet"))
        #expect(reason(own, files.key, expired.certificate).contains("has expired"))
        #expect(reason(own, files.key, files.key).contains("holds no certificate"))
    }
}
