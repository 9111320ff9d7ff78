package import CanonicalJSON
package import Checkpoints
package import Digests
import LedgerStore
package import Merkle
import Records

/// That a record is in the ledger, under its newest checkpoint.
package struct RecordProof: Sendable {
    package let sequence: SequenceNumber
    package let leaf: LeafHash
    /// The inclusion proof, leaf's sibling first.
    package let hashes: [Digest]
    package let checkpoint: VerifiedCheckpoint

    /// In the form that stands alone.
    package var file: TlogProof {
        TlogProof(sequence: sequence, hashes: hashes, note: checkpoint.bytes)
    }

    package var json: JSONValue {
        [
            "seq": .integer(Int64(sequence.rawValue)), "leafHash": .string(leaf.digest.hex),
            "size": .integer(Int64(checkpoint.size.rawValue)),
            "root": .string(checkpoint.root.digest.hex),
            "proof": .array(hashes.map { .string($0.hex) }),
            "checkpoint": .string(String(decoding: checkpoint.bytes, as: UTF8.self)),
        ]
    }
}

extension Ledger {
    /// Proves a record with `maker` under a checkpoint, the newest one if none is given.
    ///
    /// Nil if the checkpoint does not cover it.
    package func proof(
        of sequence: SequenceNumber, by maker: inout ProofMaker,
        under given: VerifiedCheckpoint? = nil
    ) async throws(LedgerError) -> RecordProof? {
        let checkpoint: VerifiedCheckpoint
        if let given { checkpoint = given } else { checkpoint = try await self.checkpoint() }
        guard checkpoint.size.covers(sequence) else { return nil }
        do throws(StoreError) {
            guard let line = try await store.lines(from: sequence, limit: 1).first else {
                return nil
            }
            let leaf = leafHash(of: line)
            let hashes = try await maker.inclusion(
                of: leaf, at: sequence, in: checkpoint.size, under: checkpoint.root)
            return RecordProof(
                sequence: sequence, leaf: leaf, hashes: hashes, checkpoint: checkpoint)
        } catch {
            throw LedgerError(error)
        }
    }
}

/// The leaf hash of a line: of a withheld one, the hash that it states.
package func leafHash(of line: [UInt8]) -> LeafHash {
    line.withUnsafeBytes { WithheldLine($0)?.leafHash ?? MerkleHasher().leaf($0) }
}
