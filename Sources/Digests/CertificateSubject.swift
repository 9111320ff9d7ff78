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

/// The DER of the first X.509 certificate in `bytes`, which are PEM or DER; nil if there is none.
package func certificateDER(_ bytes: [UInt8]) -> [UInt8]? {
    bytes.withUnsafeBufferPointer { raw in
        var place = raw.baseAddress
        guard let text = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else {
            return nil
        }
        defer { BIO_free(text) }
        let found = PEM_read_bio_X509(text, nil, nil, nil) ?? d2i_X509(nil, &place, raw.count)
        // What was no PEM left its reason there.
        ERR_clear_error()
        guard let certificate = found else { return nil }
        defer { X509_free(certificate) }
        var der = [UInt8](repeating: 0, count: Int(max(0, i2d_X509(certificate, nil))))
        return der.withUnsafeMutableBufferPointer { buffer in
            var end = buffer.baseAddress
            return i2d_X509(certificate, &end) == buffer.count ? Array(buffer) : nil
        }
    }
}
