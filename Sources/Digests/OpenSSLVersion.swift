private import COpenSSL

/// Which libcrypto this process runs with: evidence for a report, not for a decision.
package enum OpenSSLVersion {
    /// For instance `OpenSSL 3.0.19 27 Jan 2026`.
    package static var text: String { String(cString: OpenSSL_version(OPENSSL_VERSION)) }
}
