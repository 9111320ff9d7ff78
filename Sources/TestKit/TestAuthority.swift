import Foundation

/// A timestamping authority for tests: `openssl ts` behind a small HTTP server.
///
/// What it does depends on the path that is asked: see the script. It ends with this process.
package final class TestAuthority: Sendable {
    private let server: ServingProgram
    package let folder: ScratchFolder
    /// PEM of the certificate that its own leads to.
    package var ca: String { folder.path + "/ca.pem" }
    /// One that has nothing to do with it.
    package var otherCA: String { folder.path + "/other.pem" }

    package func url(_ path: String = "tsa") -> String { "\(server.url)/\(path)" }

    /// `days` is how long the authority's certificate counts.
    package init(days: Int = 3_650) async throws {
        folder = try ScratchFolder()
        try TestAuthority.makeCertificates(folder, days)
        try Data(TestAuthority.config.utf8).write(to: folder.url.appending(path: "tsa.cnf"))
        try Data("01\n".utf8).write(to: folder.url.appending(path: "serial.txt"))
        let script = folder.url.appending(path: "tsa.py")
        try Data(TestAuthority.script.utf8).write(to: script)
        server = try await ServingProgram(
            running: [script.path, folder.path], home: folder.url,
            program: Program(tool: "python3"))
    }

    private static func makeCertificates(_ folder: ScratchFolder, _ days: Int) throws {
        let key = [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        ]
        for name in ["ca", "other"] {
            try openssl(
                ["req", "-x509"] + key + [
                    "-keyout", "\(folder.path)/\(name).key", "-out", "\(folder.path)/\(name).pem",
                    "-days", "7300", "-subj", "/CN=Fictitious \(name)",
                ], folder)
        }
        let usages = ["tsa": "critical,timeStamping", "web": "serverAuth"]
        for (name, usage) in usages {
            let extensions = folder.url.appending(path: "\(name).ext")
            try Data("extendedKeyUsage=\(usage)\n".utf8).write(to: extensions)
            try openssl(
                ["req", "-new"] + key + [
                    "-keyout", "\(folder.path)/\(name).key", "-out", "\(folder.path)/\(name).csr",
                    "-subj", "/O=Fictitious/CN=\(name)",
                ], folder)
            try openssl(
                [
                    "x509", "-req", "-in", "\(folder.path)/\(name).csr", "-CA",
                    "\(folder.path)/ca.pem", "-CAkey", "\(folder.path)/ca.key", "-CAcreateserial",
                    "-days", "\(days)", "-extfile", extensions.path, "-out",
                    "\(folder.path)/\(name).pem",
                ], folder)
        }
    }

    private struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// What `openssl` prints, which must succeed.
    @discardableResult
    package static func openssl(_ arguments: [String], _ home: ScratchFolder) throws -> String {
        let result = try Program(tool: "openssl").run(arguments, home: home.url)
        guard result.exitCode == 0 else {
            throw Refused(description: "openssl \(arguments): \(result.errors)")
        }
        return result.output
    }

    private static let config = """
        [tsa]
        default_tsa = all
        [all]
        serial = serial.txt
        signer_cert = tsa.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        accuracy = secs:1, millisecs:500
        clock_precision_digits = 3
        ess_cert_id_alg = sha256
        [strict]
        serial = serial.txt
        signer_cert = tsa.pem
        signer_key = tsa.key
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha512
        ess_cert_id_alg = sha256
        """

    private static let script = #"""
        import http.server, json, os, subprocess, sys
        os.chdir(sys.argv[1])

        def openssl(*words):
            subprocess.run(["openssl", *words], check=True, capture_output=True)

        def length(count):
            return bytes([count]) if count < 128 else b"\x82" + count.to_bytes(2, "big")

        def read(name):
            with open(name, "rb") as file:
                return file.read()

        def reply(query, section):
            with open("query", "wb") as file:
                file.write(query)
            openssl("ts", "-reply", "-config", "tsa.cnf", "-section", section,
                    "-queryfile", "query", "-out", "reply")
            return read("reply")

        def signed_by_web():
            """The same token, signed with a certificate that is not for timestamps."""
            openssl("ts", "-reply", "-in", "reply", "-token_out", "-out", "token")
            openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", "token", "-out", "info")
            openssl("cms", "-sign", "-binary", "-nodetach", "-cades", "-md", "sha256",
                    "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", "info",
                    "-signer", "web.pem", "-inkey", "web.key", "-outform", "DER", "-out", "token2")
            body = bytes.fromhex("3003020100") + read("token2")
            return b"\x30" + length(len(body)) + body

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                asked = self.headers["Content-Type"] == "application/timestamp-query"
                status, kind, answer = 200, "application/timestamp-reply", b""
                if not asked or self.path == "/broken":
                    status = 503
                elif self.path == "/page":
                    kind, answer = "text/html", b"<p>hello</p>"
                elif self.path == "/old":
                    answer = read("reply")
                elif self.path == "/strict":
                    answer = reply(query, "strict")
                else:
                    answer = reply(query, "all")
                    if self.path == "/web":
                        answer = signed_by_web()
                    if self.path == "/noise":
                        answer = answer[:-1] + bytes([answer[-1] ^ 1])
                    if self.path == "/longer":
                        answer += b"\0"
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *words):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        url = "http://127.0.0.1:%d" % server.server_port
        sys.stdout.write(json.dumps({"url": url}) + "\n")
        sys.stdout.flush()
        # It ends with the tests, however those end.
        parent, server.timeout = os.getppid(), 1
        while os.getppid() == parent:
            server.handle_request()
        """#
}
