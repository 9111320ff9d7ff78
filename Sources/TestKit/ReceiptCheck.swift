package import CanonicalJSON
import Checkpoints
import Digests
import Foundation
import Merkle

/// Proves printed receipts, and that the records they speak of are still there.
package struct ReceiptCheck: Sendable {
    private let key: VerifierKey
    private let origin: Origin

    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    package init(vkey: String, origin: String) throws {
        guard let origin = Origin(origin) else { throw Broken(description: "origin") }
        (key, self.origin) = (try VerifierKey(vkey), origin)
    }

    /// Checks signature and inclusion, and that the record with that number has that leaf hash.
    package func check(_ receipt: JSONValue, against lines: [ArraySlice<UInt8>]) throws {
        try checkProof(receipt)
        try ReceiptCheck.checkRecord(receipt, against: lines)
    }

    /// Checks what a receipt says of itself: signature and inclusion.
    package func checkProof(_ receipt: JSONValue) throws {
        guard let sequence = receipt["seq"]?.integer, let note = receipt["checkpoint"]?.string,
            let leaf = receipt["leafHash"]?.string.flatMap({ Digest(hex: $0) }),
            let proof = receipt["proof"]?.array?.map({ $0.string.flatMap { Digest(hex: $0) } }),
            !proof.contains(nil)
        else { throw Broken(description: "a receipt has another form: \(receipt.canonicalText)") }
        let checkpoint = try VerifiedCheckpoint(
            verifying: Array(note.utf8), of: origin, by: [key])
        try verifyInclusion(
            of: LeafHash(leaf), at: SequenceNumber(UInt64(sequence)), in: checkpoint.size,
            proof: proof.compactMap { $0 }, root: checkpoint.root, MerkleHasher())
    }

    /// Checks that the record with the receipt's number has its leaf hash.
    package static func checkRecord(
        _ receipt: JSONValue, against lines: [ArraySlice<UInt8>]
    ) throws {
        guard let sequence = receipt["seq"]?.integer, let leaf = receipt["leafHash"]?.string else {
            throw Broken(description: "a receipt has another form: \(receipt.canonicalText)")
        }
        guard sequence < lines.count else {
            throw Broken(description: "record \(sequence) was acknowledged and is gone")
        }
        let found = lines[Int(sequence)].withUnsafeBytes { MerkleHasher().leaf($0) }
        guard found.digest.hex == leaf else {
            throw Broken(description: "record \(sequence) is not what was acknowledged")
        }
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
