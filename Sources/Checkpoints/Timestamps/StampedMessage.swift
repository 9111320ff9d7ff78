package import Digests

/// What a timestamping authority stamps: Specs/timestamp.md section 1.
package struct StampedMessage: Hashable, Sendable {
    package let checkpoint: Checkpoint
    /// SHA-256 of the reply that was kept before; nil in the first.
    package let renews: Digest?

    package static let byteCountMax = 1 << 16

    package init(_ checkpoint: Checkpoint, renews: Digest?) {
        (self.checkpoint, self.renews) = (checkpoint, renews)
    }

    package var bytes: [UInt8] {
        checkpoint.text + (renews.map { Array("\(StampedMessage.word)\($0.hex)\n".utf8) } ?? [])
    }

    private static let word = "renews sha256:"
    private static let lineByteCount = word.utf8.count + 2 * Digest.byteCount + 1

    /// Reads what ``bytes`` writes; nil for any other spelling.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= StampedMessage.byteCountMax else { return nil }
        if let checkpoint = try? Checkpoint(text: bytes) {
            self.init(checkpoint, renews: nil)
            return
        }
        let line = bytes.suffix(StampedMessage.lineByteCount)
        let hex = String(
            decoding: line.dropFirst(StampedMessage.word.utf8.count).dropLast(), as: UTF8.self)
        guard let checkpoint = try? Checkpoint(text: bytes.dropLast(line.count)),
            let digest = Digest(hex: hex)
        else { return nil }
        self.init(checkpoint, renews: digest)
        guard self.bytes == bytes else { return nil }
    }
}
