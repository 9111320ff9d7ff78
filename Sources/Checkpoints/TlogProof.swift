package import Digests
package import Merkle

/// A record's proof that stands alone (c2sp.org/tlog-proof@v1): its place, its inclusion proof and
/// the checkpoint, in one text file with the ending `.tlog-proof`.
package struct TlogProof: Hashable, Sendable {
    /// Bytes for the reader, which nothing authenticates.
    package let extra: [UInt8]?
    package let sequence: SequenceNumber
    package let hashes: [Digest]
    /// The signed note as it was received, with whatever cosignatures it had.
    package let note: [UInt8]

    package static let maximumHashes = 63
    package static let maximumLineByteCount = 65_536
    private static let header = "c2sp.org/tlog-proof@v1"

    package init(
        sequence: SequenceNumber, hashes: [Digest], note: [UInt8], extra: [UInt8]? = nil
    ) {
        (self.sequence, self.hashes) = (sequence, hashes)
        (self.note, self.extra) = (note, extra)
    }

    package var bytes: [UInt8] {
        var lines = [TlogProof.header]
        if let extra { lines.append("extra \(Base64.encode(extra))") }
        lines.append("index \(sequence)")
        lines += hashes.map { Base64.encode($0.bytes) }
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + note
    }

    /// Checks that the log, under one of its keys, has a record with this leaf hash at
    /// ``sequence``.
    ///
    /// The leaf hash comes from the record in the caller's hands, never from this file.
    package func verify(
        _ leaf: LeafHash, of origin: Origin, by keys: [VerifierKey], _ hasher: MerkleHasher
    ) throws(TlogProofError) -> VerifiedCheckpoint {
        let checkpoint: VerifiedCheckpoint
        do throws(CheckpointError) {
            checkpoint = try VerifiedCheckpoint(verifying: note, of: origin, by: keys)
        } catch {
            throw .checkpoint(error)
        }
        do throws(ProofError) {
            try verifyInclusion(
                of: leaf, at: sequence, in: checkpoint.size, proof: hashes,
                root: checkpoint.root, hasher)
        } catch {
            throw .proof(error)
        }
        return checkpoint
    }
}

extension TlogProof {
    /// Reads what ``bytes`` writes.
    ///
    /// The note is not looked into here.
    package init(_ bytes: some Collection<UInt8>) throws(TlogProofError) {
        guard bytes.count <= SignedNote.maximumByteCount else { throw .tooLong }
        let bytes = Array(bytes)
        var lines = ProofLines(rest: bytes[...])
        guard try lines.next() == TlogProof.header else { throw .badHeader }
        var line = try lines.next()
        var extra: [UInt8]?
        if line.hasPrefix("extra ") {
            extra = Base64.decode(line.dropFirst("extra ".count))
            guard extra != nil else { throw lines.fault }
            line = try lines.next()
        }
        guard line.hasPrefix("index "), let index = UInt64(line.dropFirst("index ".count)),
            line == "index \(index)"
        else { throw lines.fault }
        let hashes = try lines.hashes()
        self.init(
            sequence: SequenceNumber(index), hashes: hashes, note: Array(lines.rest), extra: extra)
        guard self.bytes == bytes else { throw .badHeader }
    }
}

/// The lines before the note, read one by one.
private struct ProofLines {
    var rest: ArraySlice<UInt8>
    var number = 0

    /// The line that was read last is not as it should be.
    var fault: TlogProofError { .badLine(number: number) }

    mutating func next() throws(TlogProofError) -> String {
        number += 1
        guard let end = rest.prefix(TlogProof.maximumLineByteCount + 1).firstIndex(of: 0x0a),
            let line = String(validating: rest[..<end], as: UTF8.self)
        else { throw fault }
        rest = rest[(end + 1)...]
        return line
    }

    /// The hashes up to the empty line.
    mutating func hashes() throws(TlogProofError) -> [Digest] {
        var hashes: [Digest] = []
        var line = try next()
        while !line.isEmpty {
            guard hashes.count < TlogProof.maximumHashes, let root = Root(base64: line)
            else { throw fault }
            hashes.append(root.digest)
            line = try next()
        }
        return hashes
    }
}
