package import CanonicalJSON
package import Digests
package import Merkle

/// What an append returns: proof that the event is record `sequence` of the ledger.
package struct Receipt: Hashable, Sendable {
    package var sequence: SequenceNumber
    package var leafHash: LeafHash
    package var stream: String
    package var revision: Revision
    package var source: String
    package var id: String
    /// The event was recorded before; this is a new receipt for the old record.
    package var isRepeat: Bool
    /// Of a repeat: everything was compared with the record, sealed values too.
    package var isCompared = true
    /// The signed checkpoint, a C2SP note; nil in a brief receipt.
    package var checkpoint: String?
    /// The inclusion proof, leaf's sibling first; nil in a brief receipt.
    package var proof: [Digest]?

    package init(
        sequence: SequenceNumber, leafHash: LeafHash, stream: String, revision: Revision,
        source: String, id: String, isRepeat: Bool, checkpoint: String? = nil,
        proof: [Digest]? = nil
    ) {
        (self.sequence, self.leafHash, self.stream) = (sequence, leafHash, stream)
        (self.revision, self.source, self.id) = (revision, source, id)
        (self.isRepeat, self.checkpoint, self.proof) = (isRepeat, checkpoint, proof)
    }

    package var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember("seq", .integer(Int64(sequence.rawValue))),
            JSONMember("leafHash", .string(leafHash.digest.hex)),
            JSONMember("stream", .string(stream)),
            JSONMember("revision", .integer(Int64(revision.rawValue))),
            JSONMember("source", .string(source)),
            JSONMember("id", .string(id)),
        ]
        if isRepeat { members.append(JSONMember("repeat", true)) }
        if !isCompared { members.append(JSONMember("sealedCompared", false)) }
        if let checkpoint { members.append(JSONMember("checkpoint", .string(checkpoint))) }
        if let proof {
            members.append(JSONMember("proof", .array(proof.map { .string($0.hex) })))
        }
        return .object(members)
    }

    /// Writes ``json`` with its members in that order, without making the value.
    package func write(to bytes: inout [UInt8]) {
        append(#"{"seq":"#, to: &bytes)
        bytes.append(contentsOf: String(sequence.rawValue).utf8)
        append(#","leafHash":"#, to: &bytes)
        append(leafHash.digest, to: &bytes)
        append(#","stream":"#, to: &bytes)
        CanonicalWriter.writeString(stream.utf8, to: &bytes)
        append(#","revision":"#, to: &bytes)
        bytes.append(contentsOf: String(revision.rawValue).utf8)
        append(#","source":"#, to: &bytes)
        CanonicalWriter.writeString(source.utf8, to: &bytes)
        append(#","id":"#, to: &bytes)
        CanonicalWriter.writeString(id.utf8, to: &bytes)
        if isRepeat { append(#","repeat":true"#, to: &bytes) }
        if !isCompared { append(#","sealedCompared":false"#, to: &bytes) }
        if let checkpoint {
            append(#","checkpoint":"#, to: &bytes)
            CanonicalWriter.writeString(checkpoint.utf8, to: &bytes)
        }
        if let proof {
            append(#","proof":["#, to: &bytes)
            for (place, hash) in proof.enumerated() {
                if place > 0 { append(",", to: &bytes) }
                append(hash, to: &bytes)
            }
            append("]", to: &bytes)
        }
        append("}", to: &bytes)
    }

    private func append(_ hash: Digest, to bytes: inout [UInt8]) {
        append("\"", to: &bytes)
        hash.withUnsafeBytes { Hex.append($0, to: &bytes) }
        append("\"", to: &bytes)
    }

    private func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(
                start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
