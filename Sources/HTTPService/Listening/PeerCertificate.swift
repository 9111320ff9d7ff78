package import Digests
import NIOCore
import NIOSSL

/// A certificate that a client showed and that one of the authorities for clients has signed.
package struct PeerCertificate: Hashable, Sendable {
    /// As RFC 4514 writes names.
    package let subject: String
    /// SHA-256 of the certificate in DER.
    package let fingerprint: Digest

    package init(subject: String, fingerprint: Digest) {
        (self.subject, self.fingerprint) = (subject, fingerprint)
    }

    /// What the other end of `channel` showed; nil if nothing, or if there is no TLS.
    init?(of channel: any Channel) async {
        let shown = try? await channel.pipeline.handler(type: NIOSSLServerHandler.self)
            .map { try? $0.peerCertificate?.toDERBytes() }.get()
        guard let der = shown ?? nil, let subject = certificateSubject(der: der) else {
            return nil
        }
        self.init(subject: subject, fingerprint: SHA256.digest(of: der))
    }
}
