import Digests
import DurableFiles
import LedgerHome
import NIOSSL
import Phrases

/// Where the certificate of the service stands, in PEM: Specs/serving.md section 2.
package struct TLSFiles: Hashable, Sendable {
    /// The certificate, then what links it to a root.
    package var certificate: String
    package var key: String
    /// Whoever shows a certificate by one of these authorities is known by it.
    package var clientAuthorities: String?

    private static let byteCountMax = 1 << 20

    package init(certificate: String, key: String, clientAuthorities: String? = nil) {
        (self.certificate, self.key) = (certificate, key)
        self.clientAuthorities = clientAuthorities
    }

    var paths: [String] { [certificate, key] + (clientAuthorities.map { [$0] } ?? []) }

    /// What was read from the files, sound.
    struct Contents: Sendable {
        let context: NIOSSLContext
        let subject: String
        let fingerprint: Digest
        /// In seconds since 1970.
        let goodUntil: Int
    }

    /// Reads the files; `now` is in seconds since 1970.
    func contents(at now: Int) throws(LedgerError) -> Contents {
        let chain = try certificates(certificate)
        let leaf = chain[0]
        try demandCurrent(leaf, at: now)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try privateKey()))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let clientAuthorities {
            configuration.trustRoots = .certificates(
                try authorities(clientAuthorities, at: now))
            // Who shows none may still bear a token.
            configuration.certificateVerification = .optionalVerification
            configuration.sendCANameList = true
        }
        let context: NIOSSLContext
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw LedgerError(
                en: "\(key) is not the key of the certificate \(certificate)",
                zh: "\(key) 不是证书 \(certificate) 的私钥")
        }
        let der = (try? leaf.toDERBytes()) ?? []
        return Contents(
            context: context, subject: certificateSubject(der: der) ?? "",
            fingerprint: SHA256.digest(of: der), goodUntil: Int(leaf.notValidAfter))
    }

    // MARK: - One file

    private func bytes(_ path: String) throws(LedgerError) -> [UInt8] {
        do throws(FileError) {
            if let bytes = try DurableFile.contents(path, limit: TLSFiles.byteCountMax) {
                return bytes
            }
        } catch {
            throw LedgerError([error.phrase])
        }
        throw LedgerError(en: "there is no file \(path)", zh: "没有文件 \(path)")
    }

    private func certificates(_ path: String) throws(LedgerError) -> [NIOSSLCertificate] {
        let found = try? NIOSSLCertificate.fromPEMBytes(try bytes(path))
        guard let found, !found.isEmpty else {
            _ = try bytes(path)
            throw LedgerError(
                en: "\(path) holds no certificate in PEM", zh: "\(path) 中没有 PEM 格式的证书")
        }
        return found
    }

    private func privateKey() throws(LedgerError) -> NIOSSLPrivateKey {
        let bytes = try bytes(key)
        let mode = try? ByteFile(key, .read).permissions()
        guard let mode, mode & 0o007 == 0 else {
            throw LedgerError(
                en: "anybody may read the private key \(key): chmod 600 \(key)",
                zh: "任何人都可读取私钥 \(key)：请执行 chmod 600 \(key)")
        }
        do {
            return try NIOSSLPrivateKey(bytes: bytes, format: .pem)
        } catch {
            throw LedgerError(
                en: "\(key) holds no private key in PEM without a passphrase",
                zh: "\(key) 中没有未加口令的 PEM 私钥")
        }
    }

    private func authorities(
        _ path: String, at now: Int
    ) throws(LedgerError) -> [NIOSSLCertificate] {
        let all = try certificates(path)
        guard all.contains(where: { Int($0.notValidAfter) > now }) else {
            throw LedgerError(
                en: "every certificate in \(path) has expired", zh: "\(path) 中的证书均已过期")
        }
        return all
    }

    private func demandCurrent(_ leaf: NIOSSLCertificate, at now: Int) throws(LedgerError) {
        if Int(leaf.notValidAfter) <= now {
            throw LedgerError(
                en: "the certificate \(certificate) has expired", zh: "证书 \(certificate) 已过期")
        }
        if Int(leaf.notValidBefore) > now {
            throw LedgerError(
                en: "the certificate \(certificate) is not valid yet; is the clock right?",
                zh: "证书 \(certificate) 尚未生效；请检查系统时钟")
        }
    }
}
