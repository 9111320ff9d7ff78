package import Digests
package import Merkle

/// What a log sends a witness (c2sp.org/tlog-witness, `add-checkpoint`): the size that the witness
/// cosigned last, a consistency proof from there, and the new checkpoint.
package struct WitnessRequest: Hashable, Sendable {
    package let old: TreeSize
    package let proof: [Digest]
    /// The signed note, as it stands in the body.
    package let note: SignedNote

    package static let hashCountMax = 63
    package static let byteCountMax =
        SignedNote.maximumByteCount + hashCountMax * 45 + "old 18446744073709551615\n\n".utf8.count

    package init(old: TreeSize, proof: [Digest], note: SignedNote) {
        (self.old, self.proof, self.note) = (old, proof, note)
    }

    package var bytes: [UInt8] {
        let lines = ["old \(old)"] + proof.map { Base64.encode($0.bytes) }
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + note.bytes
    }

    /// Nil for any other spelling than ``bytes`` gives.
    package init?(_ body: some Collection<UInt8>) {
        guard body.count <= WitnessRequest.byteCountMax else { return nil }
        var rest = Array(body)[...]
        func line() -> String? {
            guard let end = rest.prefix(64).firstIndex(of: 0x0A) else { return nil }
            defer { rest = rest[(end + 1)...] }
            return String(validating: rest[..<end], as: UTF8.self)
        }
        guard let first = line(), first.hasPrefix("old "), let old = UInt64(first.dropFirst(4)),
            first == "old \(old)"
        else { return nil }
        var proof: [Digest] = []
        while true {
            guard let text = line() else { return nil }
            if text.isEmpty { break }
            guard proof.count < WitnessRequest.hashCountMax, let hash = Root(base64: text)
            else { return nil }
            proof.append(hash.digest)
        }
        guard let note = try? SignedNote(rest) else { return nil }
        self.init(old: TreeSize(old), proof: proof, note: note)
    }
}
