import Digests
import Testing

@Suite struct SipHashTests {
    private static let key = ShortHash(high: 0x0706_0504_0302_0100, low: 0x0f0e_0d0c_0b0a_0908)

    @Test(arguments: Array(sipHashVectors.enumerated()).map { ($0.offset, $0.element) })
    func `a message of the reference table hashes as published`(length: Int, expected: String) {
        let message = (0..<length).map { UInt8($0) }
        let hash = message.withUnsafeBytes { SipHash.hash($0, key: Self.key) }
        #expect(hex(hash) == expected)
    }

    @Test func `where a message is cut into pieces does not matter`() {
        let message = (0..<63).map { UInt8($0) }
        message.withUnsafeBytes { bytes in
            for first in 0...63 {
                for second in first...63 {
                    var hash = SipHash(key: Self.key)
                    hash.update(UnsafeRawBufferPointer(rebasing: bytes[..<first]))
                    hash.update(UnsafeRawBufferPointer(rebasing: bytes[first..<second]))
                    hash.update(UnsafeRawBufferPointer(rebasing: bytes[second...]))
                    #expect(hex(hash.finish()) == sipHashVectors[63], "\(first), \(second)")
                }
            }
        }
    }

    @Test func `single bytes are pieces too`() {
        var hash = SipHash(key: Self.key)
        for byte in 0..<20 { hash.update(UInt8(byte)) }
        #expect(hex(hash.finish()) == sipHashVectors[20])
    }

    @Test func `another key gives another hash`() {
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        var other = Self.key
        other.low ^= 1
        #expect(SipHash.hash(none, key: other) != SipHash.hash(none, key: Self.key))
    }

    @Test func `short hashes order by the high word, then by the low one`() {
        let ordered = [(0, 9), (1, 0), (1, 1), (2, 0)].map {
            ShortHash(high: UInt64($0.0), low: UInt64($0.1))
        }
        #expect(ordered.reversed().sorted() == ordered)
    }

    private func hex(_ hash: ShortHash) -> String {
        let words = [hash.high.littleEndian, hash.low.littleEndian]
        return words.withUnsafeBytes { Hex.encode($0) }
    }
}
