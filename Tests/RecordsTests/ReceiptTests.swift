import CanonicalJSON
import Digests
import Merkle
import Records
import Testing

struct ReceiptTests {
    private static let brief = Receipt(
        sequence: SequenceNumber(7), leafHash: LeafHash(SHA256.digest(of: "叶".utf8)),
        stream: "penalty/PN-1", revision: Revision(0), source: "https://a.example/\"x\"",
        id: "编号\\1\u{1}", isRepeat: false)

    @Test(arguments: [false, true], [nil, [], [Digest.zero, .emptyTree]] as [[Digest]?])
    func `a receipt written at once holds what its value holds, in that order`(
        isRepeat: Bool, proof: [Digest]?
    ) throws {
        var receipt = ReceiptTests.brief
        receipt.isRepeat = isRepeat
        receipt.proof = proof
        receipt.checkpoint = proof.map { "a\n\($0.count)\n\n— a 签\n" }
        var bytes = Array("before".utf8)
        receipt.write(to: &bytes)
        #expect(bytes.starts(with: "before".utf8))
        #expect(try JSONValue(parsing: bytes.dropFirst(6)) == receipt.json)
    }
}
