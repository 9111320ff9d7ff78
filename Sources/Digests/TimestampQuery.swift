/// A request for a timestamp, RFC 3161 section 2.4.1, as Specs/timestamp.md section 1 has it.
package struct TimestampQuery: Hashable, Sendable {
    /// SHA-256 of what is to be stamped.
    package let digest: Digest
    /// Bytes that the answer must hold too.
    package let nonce: [UInt8]

    package static let byteCount = 77
    package static let nonceByteCount = 16

    /// A query with a nonce of its own.
    ///
    /// `random` are 16 bytes by chance; the top bit and zero are taken out of the first, so that
    /// the integer has one length.
    package init(_ digest: Digest, random: [UInt8]) {
        precondition(random.count == TimestampQuery.nonceByteCount, "a nonce has 16 bytes")
        self.digest = digest
        nonce = [max(1, random[0] & 0x7F)] + random.dropFirst()
    }

    /// TimeStampReq in DER: version 1, imprint, nonce, `certReq`.
    package var bytes: [UInt8] {
        TimestampQuery.head + digest.bytes + [0x02, 0x10] + nonce + TimestampQuery.tail
    }

    private static let head: [UInt8] = [
        0x30, 0x4B, 0x02, 0x01, 0x01,
        // MessageImprint: 2.16.840.1.101.3.4.2.1 (SHA-256), NULL, then 32 bytes.
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ]
    private static let tail: [UInt8] = [0x01, 0x01, 0xFF]

    /// Reads what ``bytes`` writes; nil for anything else.
    package init?(_ bytes: [UInt8]) {
        let start = TimestampQuery.head.count
        guard bytes.count == TimestampQuery.byteCount,
            let digest = Digest(bytes[start..<(start + Digest.byteCount)])
        else { return nil }
        let nonce = bytes[(start + Digest.byteCount + 2)...].prefix(TimestampQuery.nonceByteCount)
        self.init(digest, random: Array(nonce))
        guard self.bytes == bytes else { return nil }
    }
}
