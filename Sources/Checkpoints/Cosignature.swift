import Digests

/// A witness's signature with its time (c2sp.org/tlog-cosignature, Ed25519): the 72 bytes after the
/// key id.
package struct Cosignature: Hashable, Sendable {
    /// POSIX seconds.
    package let seconds: UInt64
    package let signature: [UInt8]

    init(seconds: UInt64, signature: [UInt8]) {
        (self.seconds, self.signature) = (seconds, signature)
    }

    /// Nil unless there are 8 bytes of time, at most 2^63 − 1, and 64 of signature.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 8 + Ed25519PublicKey.signatureByteCount else { return nil }
        seconds = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        signature = Array(bytes.dropFirst(8))
        guard seconds <= Cosignature.latest else { return nil }
    }

    package var bytes: [UInt8] {
        withUnsafeBytes(of: seconds.bigEndian) { Array($0) } + signature
    }

    func isValid(by key: Ed25519PublicKey, of text: [UInt8]) -> Bool {
        guard let message = Cosignature.message(seconds: seconds, text: text) else { return false }
        return key.isValid(signature: signature, of: message)
    }

    private static let latest = UInt64(Int64.max)

    /// What is signed: a header, the time and the checkpoint's text as it was received.
    ///
    /// It does not name the witness, so a key must be one witness's only. Nil for a time that
    /// cannot be stated.
    static func message(seconds: UInt64, text: [UInt8]) -> [UInt8]? {
        guard seconds <= latest else { return nil }
        return Array("cosignature/v1\ntime \(seconds)\n".utf8) + text
    }
}
