import Digests
import Testing

@Suite struct DigestTests {
    @Test func `digests that differ in any one bit are not the same`() {
        let digest = SHA256.digest(of: Array("abc".utf8))
        #expect(digest.isSameInConstantTime(as: digest))
        for place in 0..<Digest.byteCount {
            for bit in 0..<8 {
                var other = digest
                other.withUnsafeMutableBytes { $0[place] ^= 1 << bit }
                #expect(!digest.isSameInConstantTime(as: other) && digest != other)
            }
        }
    }
}
