package import CanonicalJSON
import Checkpoints
import Digests
import Foundation
package import Merkle

/// Proves printed receipts, and that the records they speak of are still there.
package struct ReceiptCheck: Sendable {
    private let key: VerifierKey
    private let origin: Origin
    /// Checkpoints whose signatures were checked: the receipts of a commit share one.
    private var verified: [String: VerifiedCheckpoint] = [:]

    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    package init(vkey: String, origin: String) throws {
        guard let origin = Origin(origin) else { throw Broken(description: "origin") }
        (key, self.origin) = (try VerifierKey(vkey), origin)
    }

    /// Checks signature and inclusion, and that the record with that number has that leaf hash.
<<<<<<< HEAD
    package func check(_ receipt: JSONValue, against lines: [ArraySlice<UInt8>]) throws {
        try checkProof(receipt)
        try checkRecord(receipt, against: lines)
    }

    /// Checks what a receipt says of itself: signature and inclusion.
    package func checkProof(_ receipt: JSONValue) throws {
=======
    package mutating func check(_ receipt: JSONValue, against leaves: [LeafHash]) throws {
>>>>>>> 247be2e (Campaign: killing)
        guard let sequence = receipt["seq"]?.integer, let note = receipt["checkpoint"]?.string,
            let leaf = receipt["leafHash"]?.string.flatMap({ Digest(hex: $0) }),
            let proof = receipt["proof"]?.array?.map({ $0.string.flatMap { Digest(hex: $0) } }),
            !proof.contains(nil)
        else { throw Broken(description: "a receipt has another form: \(receipt.canonicalText)") }
<<<<<<< HEAD
        let checkpoint = try VerifiedCheckpoint(
            verifying: Array(note.utf8), of: origin, by: [key])
        try verifyInclusion(
            of: LeafHash(leaf), at: SequenceNumber(UInt64(sequence)), in: checkpoint.size,
            proof: proof.compactMap { $0 }, root: checkpoint.root, MerkleHasher())
    }

    /// Checks that the record with the receipt's number has its leaf hash.
    package func checkRecord(_ receipt: JSONValue, against lines: [ArraySlice<UInt8>]) throws {
        guard let sequence = receipt["seq"]?.integer, let leaf = receipt["leafHash"]?.string else {
            throw Broken(description: "a receipt has another form: \(receipt.canonicalText)")
        }
        guard sequence < lines.count else {
            throw Broken(description: "record \(sequence) was acknowledged and is gone")
        }
        let found = lines[Int(sequence)].withUnsafeBytes { MerkleHasher().leaf($0) }
        guard found.digest.hex == leaf else {
=======
        let checkpoint = try self.checkpoint(note)
        let hasher = MerkleHasher()
        try verifyInclusion(
            of: LeafHash(leaf), at: SequenceNumber(UInt64(sequence)), in: checkpoint.size,
            proof: proof.compactMap { $0 }, root: checkpoint.root, hasher)
        guard sequence < leaves.count else {
            throw Broken(description: "record \(sequence) was acknowledged and is gone")
        }
        guard leaves[Int(sequence)].digest == leaf else {
>>>>>>> 247be2e (Campaign: killing)
            throw Broken(description: "record \(sequence) is not what was acknowledged")
        }
    }

    private mutating func checkpoint(_ note: String) throws -> VerifiedCheckpoint {
        if let known = verified[note] { return known }
        if verified.count > 256 { verified.removeAll() }
        let checkpoint = try VerifiedCheckpoint(
            verifying: Array(note.utf8), of: origin, by: [key])
        verified[note] = checkpoint
        return checkpoint
    }

    /// The lines of all segments of a ledger, in order.
    package static func lines(of ledger: String) throws -> [ArraySlice<UInt8>] {
        let folder = ledger + "/records"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try names.flatMap { name in
            try [UInt8](Data(contentsOf: URL(filePath: folder + "/" + name)))
                .split(separator: 0x0A)
        }
    }
}
