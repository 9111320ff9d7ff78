import CanonicalJSON
import Digests
import Foundation
import Merkle
import TestKit

/// Every receipt that a ledger ever gave, and whether the ledger still keeps its word.
struct ReceiptBook {
    private var check: ReceiptCheck
    private let folder: String
    /// By sequence number the leaf hash that was acknowledged.
    private var acknowledged: [Int: Digest] = [:]
    /// Some events that have receipts, to be sent again.
    private(set) var samples: [(seq: Int, id: String)] = []
    private(set) var size = 0

    init(vkey: String, origin: String, folder: String) throws {
        check = try ReceiptCheck(vkey: vkey, origin: origin)
        self.folder = folder
    }

    var count: Int { acknowledged.count }

    /// Takes new receipts, each proved, and looks for all old ones; gives what does not hold.
    mutating func check(new receipts: [JSONValue]) throws -> [String] {
        var complaints: [String] = []
        let hasher = MerkleHasher()
        let lines = try ReceiptCheck.lines(of: folder)
        let leaves = lines.map { line in line.withUnsafeBytes { hasher.leaf($0) } }
        if leaves.count < size { complaints.append("\(size) records, now \(leaves.count)") }
        size = leaves.count
        for receipt in receipts {
            do {
                try check.check(receipt, against: leaves)
            } catch {
                complaints.append("\(error)")
            }
            note(receipt)
        }
        for (sequence, leaf) in acknowledged
        where sequence >= leaves.count || leaves[sequence].digest != leaf {
            complaints.append("record \(sequence) was acknowledged and is gone or another")
        }
        return complaints
    }

    private mutating func note(_ receipt: JSONValue) {
        guard let sequence = receipt["seq"]?.integer, let id = receipt["id"]?.string,
            let leaf = receipt["leafHash"]?.string.flatMap({ Digest(hex: $0) })
        else { return }
        acknowledged[Int(sequence)] = leaf
        samples.append((Int(sequence), id))
        if samples.count > 500 { samples.removeFirst(250) }
    }
}
