import Digests
import Testing

@Suite struct RandomBytesTests {
    @Test func `a buffer is filled to its end and not beyond`() {
        var bytes = [UInt8](repeating: 0, count: 16_384)
        bytes.withUnsafeMutableBytes { raw in
            RandomBytes.fill(UnsafeMutableRawBufferPointer(rebasing: raw[..<16_000]))
        }
        #expect(bytes[16_000...].allSatisfy { $0 == 0 })
        #expect(Set(bytes[..<8_000]).count == 256)
        #expect(bytes[15_900..<16_000].contains { $0 != 0 })
    }

    @Test func `draws differ, and drawing nothing is allowed`() {
        #expect(RandomBytes.make(count: 16) != RandomBytes.make(count: 16))
        #expect(RandomBytes.make(count: 0) == [])
    }

    @Test func `the library says which one it is`() {
        #expect(OpenSSLVersion.text.hasPrefix("OpenSSL 3."))
    }
}
