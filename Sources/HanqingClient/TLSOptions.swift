import NIOSSL
import Phrases

/// What a service is known by that stands behind a private authority, and what the client is known
/// by: files in PEM, read when the client is made.
///
/// Without either the authorities of the system vouch for the service, and the client is known by
/// its token alone.
public struct TLSOptions: Hashable, Sendable {
    /// A client's certificate, which the service asks for and maps to rights.
    public struct Identity: Hashable, Sendable {
        /// The file of the certificate, then of what links it to its authority.
        public let certificate: String
        /// The file of its private key, without a passphrase.
        public let key: String

        /// Names the two files; nothing is read yet.
        public init(certificate: String, key: String) {
            (self.certificate, self.key) = (certificate, key)
        }
    }

    /// The file of the authorities that vouch for the service, and no others; nil for those of the
    /// system.
    public var authorities: String?
    /// Nil for a client without a certificate.
    public var identity: Identity?

    /// The authorities of the system, and no certificate of the client's.
    public init(authorities: String? = nil, identity: Identity? = nil) {
        (self.authorities, self.identity) = (authorities, identity)
    }

    /// TLS 1.2 and later; the service's certificate is checked, and that it is for the name asked
    /// for or for the address reached.
    func configuration() throws(ClientError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let authorities {
            configuration.trustRoots = .certificates(try TLSOptions.certificates(authorities))
        }
        guard let identity else { return configuration }
        let chain = try TLSOptions.certificates(identity.certificate)
        configuration.certificateChain = chain.map { .certificate($0) }
        do {
            configuration.privateKey = .privateKey(
                try NIOSSLPrivateKey(file: identity.key, format: .pem))
        } catch {
            throw .misused(
                Phrase(
                    en: "\(identity.key) holds no private key in PEM without a passphrase",
                    zh: "\(identity.key) 中没有未加口令的 PEM 私钥"))
        }
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw .misused(
                Phrase(
                    en: "\(identity.key) is not the key of the certificate "
                        + identity.certificate,
                    zh: "\(identity.key) 不是证书 \(identity.certificate) 的私钥"))
        }
        return configuration
    }

    private static func certificates(_ path: String) throws(ClientError) -> [NIOSSLCertificate] {
        let found = try? NIOSSLCertificate.fromPEMFile(path)
        guard let found, !found.isEmpty else {
            throw .misused(
                Phrase(
                    en: "\(path) holds no certificate in PEM",
                    zh: "\(path) 中没有 PEM 格式的证书"))
        }
        return found
    }
}
