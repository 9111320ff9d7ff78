private import COpenSSL

/// The subject of an X.509 certificate in DER, as RFC 4514 writes names: `CN=penalty,O=虚构单位`.
///
/// It names, it verifies nothing. Nil of bytes that are no certificate.
package func certificateSubject(der: [UInt8]) -> String? {
    der.withUnsafeBufferPointer { raw in
        var place = raw.baseAddress
        guard let certificate = d2i_X509(nil, &place, raw.count) else { return nil }
        defer { X509_free(certificate) }
        guard let name = X509_get_subject_name(certificate), let text = BIO_new(BIO_s_mem())
        else { return nil }
        defer { BIO_free(text) }
        guard X509_NAME_print_ex(text, name, 0, hanqingNameFlags) >= 0 else { return nil }
        // One byte more, so that a read of all of it comes back short.
        var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(text)) + 1)
        let count = BIO_read(text, &bytes, Int32(bytes.count))
        return String(validating: bytes.prefix(Int(max(0, count))), as: UTF8.self)
    }
}
