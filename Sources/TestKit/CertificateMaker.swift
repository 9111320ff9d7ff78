import Foundation

/// Certificates for tests, by the openssl command.
package struct CertificateMaker {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    package let folder: ScratchFolder
    /// The authority that signs them, in PEM.
    package let authority: String

    package init(_ folder: ScratchFolder) throws {
        self.folder = folder
        authority = folder.path + "/ca.pem"
        try CertificateMaker.openssl(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test CA",
            ], folder)
    }

    /// `NAME.pem` and `NAME.key` of a subject such as `/O=Unit/CN=name`.
    @discardableResult package func make(
        _ name: String, subject: String, from start: String? = nil, to end: String? = nil
    ) throws -> (certificate: String, key: String) {
        try CertificateMaker.openssl(
            [
                "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-utf8", "-keyout", name + ".key", "-out", name + ".csr", "-subj", subject,
            ], folder)
        try sign(name, from: start, to: end)
        let key = "\(folder.path)/\(name).key"
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        return ("\(folder.path)/\(name).pem", key)
    }

    /// Days are written `YYYYMMDDHHMMSSZ`.
    private func sign(_ name: String, from start: String?, to end: String?) throws {
        let config = """
            [ca]
            default_ca = all
            [all]
            database = index-\(name).txt
            new_certs_dir = .
            rand_serial = yes
            default_md = sha256
            policy = any
            unique_subject = no
            x509_extensions = names
            [any]
            organizationName = optional
            commonName = supplied
            [names]
            subjectAltName = IP:127.0.0.1
            """
        try Data(config.utf8).write(to: folder.url.appending(path: "ca.cnf"))
        try Data().write(to: folder.url.appending(path: "index-\(name).txt"))
        var arguments = [
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile",
            "ca.key", "-in", name + ".csr", "-out", name + ".pem",
        ]
        if let start { arguments += ["-startdate", start] }
        arguments += end.map { ["-enddate", $0] } ?? ["-days", "20"]
        try CertificateMaker.openssl(arguments, folder)
    }

    /// What `openssl` prints in the folder, which must succeed.
    @discardableResult package static func openssl(
        _ arguments: [String], _ folder: ScratchFolder
    ) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.currentDirectoryURL = folder.url
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        // Both are short: neither fills its pipe.
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(
                description: "openssl \(arguments): \(String(decoding: said, as: UTF8.self))")
        }
        return String(decoding: text, as: UTF8.self)
    }
}
