private import COpenSSL

/// What a timestamping authority stated and OpenSSL found valid: RFC 3161 section 2.4.2.
///
/// Only ``init(reply:answering:trusting:at:)`` makes one.
package struct TimestampToken: Hashable, Sendable {
    /// Since 1970-01-01T00:00:00Z.
    package let microseconds: Int64
    /// How far the time may be off either way; nil if nothing is stated.
    package let accuracyMicroseconds: Int64?
    /// The policy's object identifier, in digits and dots.
    package let policy: String
    /// By which the authority knows it: an unsigned integer, most significant byte first.
    package let serial: [UInt8]
    /// The subject of the certificate that signed it, RFC 4514.
    package let signer: String
    /// When that certificate ends, in seconds since 1970.
    package let certificateEnd: Int64

    package static let replyByteCountMax = 1 << 16

    /// Which certificates are trusted.
    package enum Trust: Hashable, Sendable {
        /// Those in a PEM file, which must lead to one that signs itself.
        case certificates(pem: [UInt8])
        /// Those that the system trusts.
        case system
    }

    /// At which moment the certificates must be valid.
    package enum Moment: Hashable, Sendable {
        /// When the token says it was made.
        case stated
        /// In seconds since 1970.
        case at(Int64)
    }

    /// Judges a TimeStampResp in DER: status, imprint, nonce, signature, chain, key usage.
    package init(
        reply: [UInt8], answering query: TimestampQuery, trusting trust: Trust, at moment: Moment
    ) throws(TimestampFault) {
        guard reply.count <= TimestampToken.replyByteCountMax else { throw .unreadable }
        // What earlier calls left is nobody's reason here.
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let response = ResponseObject(reply) else { throw .unreadable }
        guard let info = TS_RESP_get_tst_info(response.pointer) else {
            throw .refused(response.status)
        }
        guard let time = microsecondsSince1970(TS_TST_INFO_get_time(info)) else {
            throw .unreadable
        }
        let checked: Int64 =
            switch moment {
            case .stated: time / 1_000_000
            case .at(let seconds): seconds
            }
        try response.verify(answering: query, trusting: trust, at: checked)
        guard let signer = response.signer(),
            let policy = objectText(TS_TST_INFO_get_policy_id(info))
        else { throw .unreadable }
        microseconds = time
        accuracyMicroseconds = accuracy(TS_TST_INFO_get_accuracy(info))
        self.policy = policy
        serial = stringBytes(TS_TST_INFO_get_serial(info))
        (self.signer, certificateEnd) = (signer.subject, signer.end)
    }
}

/// Why an answer of a timestamping authority is not valid; texts are OpenSSL's.
package enum TimestampFault: Error, Hashable, Sendable {
    /// No TimeStampResp, or one whose parts cannot be read.
    case unreadable
    /// The authority gave no token.
    case refused(String)
    /// There is no certificate in what was to be trusted.
    case noCertificate
    /// The signer's certificate leads to none that is trusted, or may not sign timestamps.
    case untrusted(String)
    /// It answers another query, or its signature does not verify.
    case invalid(String)
}

/// A TimeStampResp and its lifetime; it is used by one call.
private struct ResponseObject: ~Copyable {
    let pointer: OpaquePointer

    /// Nil unless `bytes` are one, to the last byte.
    init?(_ bytes: [UInt8]) {
        let found = bytes.withUnsafeBufferPointer { raw -> OpaquePointer? in
            var place = raw.baseAddress
            guard let found = d2i_TS_RESP(nil, &place, raw.count) else { return nil }
            guard place == raw.baseAddress.map({ $0 + raw.count }) else {
                TS_RESP_free(found)
                return nil
            }
            return found
        }
        guard let found else { return nil }
        pointer = found
    }

    deinit {
        TS_RESP_free(pointer)
    }

    /// What the authority says where it gives no token.
    var status: String {
        guard let text = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(text) }
        TS_STATUS_INFO_print_bio(text, TS_RESP_get_status_info(pointer))
        let lines = written(text).split(separator: "\n")
        return lines.map { $0.split(separator: " ").joined(separator: " ") }
            .joined(separator: "; ")
    }

    func verify(
        answering query: TimestampQuery, trusting trust: TimestampToken.Trust, at seconds: Int64
    ) throws(TimestampFault) {
        guard let request = requestObject(query), let store = X509_STORE_new() else {
            preconditionFailure("a query is a TimeStampReq, and there is memory")
        }
        defer { TS_REQ_free(request) }
        guard add(trust, to: store) else {
            X509_STORE_free(store)
            throw .noCertificate
        }
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), time_t(seconds))
        guard let context = TS_REQ_to_TS_VERIFY_CTX(request, nil) else {
            preconditionFailure("memory is exhausted")
        }
        defer { TS_VERIFY_CTX_free(context) }
        TS_VERIFY_CTX_add_flags(context, hanqingVerifySignature)
        // The context owns the store from here on.
        TS_VERIFY_CTX_set_store(context, store)
        guard TS_RESP_verify_response(context, pointer) == 1 else { throw lastFault() }
    }

    /// The certificate that signed, which the token holds because it was asked for.
    func signer() -> (subject: String, end: Int64)? {
        guard let token = TS_RESP_get_token(pointer),
            let signers = PKCS7_get0_signers(token, nil, 0)
        else { return nil }
        defer { OPENSSL_sk_free(signers) }
        guard let first = OPENSSL_sk_value(signers, 0) else { return nil }
        let certificate = OpaquePointer(first)
        guard let name = X509_get_subject_name(certificate), let text = BIO_new(BIO_s_mem()),
            let end = secondsSince1970(X509_get0_notAfter(certificate))
        else { return nil }
        defer { BIO_free(text) }
        guard X509_NAME_print_ex(text, name, 0, hanqingNameFlags) >= 0 else { return nil }
        return (written(text), end)
    }
}

private func requestObject(_ query: TimestampQuery) -> OpaquePointer? {
    query.bytes.withUnsafeBufferPointer { raw in
        var place = raw.baseAddress
        return d2i_TS_REQ(nil, &place, raw.count)
    }
}

/// False if there is nothing to trust.
private func add(_ trust: TimestampToken.Trust, to store: OpaquePointer) -> Bool {
    guard case .certificates(let pem) = trust else {
        return X509_STORE_set_default_paths(store) == 1
    }
    return pem.withUnsafeBufferPointer { raw in
        guard let text = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else {
            return false
        }
        defer { BIO_free(text) }
        var count = 0
        while let certificate = PEM_read_bio_X509(text, nil, nil, nil) {
            X509_STORE_add_cert(store, certificate)
            X509_free(certificate)
            count += 1
        }
        ERR_clear_error()
        return count > 0
    }
}

/// The newest of OpenSSL's errors, which says most.
private func lastFault() -> TimestampFault {
    var data: UnsafePointer<CChar>?
    var flags: Int32 = 0
    let code = ERR_peek_last_error_all(nil, nil, nil, &data, &flags)
    let reason = ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason"
    let more = flags & ERR_TXT_STRING != 0 ? data.map { String(cString: $0) } ?? "" : ""
    let text = more.isEmpty ? reason : "\(reason) (\(more))"
    let isOfChain = ERR_GET_REASON(code) == TS_R_CERTIFICATE_VERIFY_ERROR
    return isOfChain ? .untrusted(text) : .invalid(text)
}

// MARK: - What the parts say

private func written(_ text: OpaquePointer) -> String {
    // One byte more, so that a read of all of it comes back short.
    var bytes = [UInt8](repeating: 0, count: Int(BIO_ctrl_pending(text)) + 1)
    let count = BIO_read(text, &bytes, Int32(bytes.count))
    return String(decoding: bytes.prefix(Int(max(0, count))), as: UTF8.self)
}

private func objectText(_ object: OpaquePointer?) -> String? {
    var text = [CChar](repeating: 0, count: 256)
    let count = OBJ_obj2txt(&text, Int32(text.count), object, 1)
    guard count > 0, count < text.count else { return nil }
    return String(decoding: text.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
}

private func stringBytes(_ string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
    let count = Int(max(0, ASN1_STRING_length(string)))
    return Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: count))
}

private func secondsSince1970(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
    guard let epoch = ASN1_TIME_set(nil, 0) else { return nil }
    defer { ASN1_STRING_free(epoch) }
    var (days, seconds): (Int32, Int32) = (0, 0)
    guard time != nil, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
    return Int64(days) * 86_400 + Int64(seconds)
}

/// GeneralizedTime may have a fraction of a second, `20261128213020.123Z`.
private func microsecondsSince1970(_ time: UnsafePointer<ASN1_GENERALIZEDTIME>?) -> Int64? {
    guard let time, let seconds = secondsSince1970(time) else { return nil }
    let text = String(decoding: stringBytes(time), as: UTF8.self)
    let fraction = text.split(separator: ".").dropFirst().first?.prefix { "0"..."9" ~= $0 } ?? ""
    let digits = String((fraction + "000000").prefix(6))
    return seconds * 1_000_000 + (Int64(digits) ?? 0)
}

private func accuracy(_ accuracy: OpaquePointer?) -> Int64? {
    guard let accuracy else { return nil }
    func number(_ integer: UnsafePointer<ASN1_INTEGER>?) -> Int64 {
        integer.map { Int64(max(0, ASN1_INTEGER_get($0))) } ?? 0
    }
    // ASN1_INTEGER_get gives -1 for what is too large; bounded seconds let no sum overflow.
    let seconds = min(number(TS_ACCURACY_get_seconds(accuracy)), 1 << 40)
    let millis = min(number(TS_ACCURACY_get_millis(accuracy)), 999)
    let micros = min(number(TS_ACCURACY_get_micros(accuracy)), 999)
    return seconds * 1_000_000 + millis * 1_000 + micros
}
