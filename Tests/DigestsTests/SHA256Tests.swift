import Digests
import Testing

@Suite struct SHA256Tests {
    /// FIPS 180-2 appendix B.
    @Test(
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func `FIPS 180-2 vectors`(message: String, digest: String) {
        #expect(SHA256.digest(of: message.utf8).hex == digest)
        let sha = SHA256()
        sha.start()
        for byte in message.utf8 { withUnsafeBytes(of: byte) { sha.update($0) } }
        #expect(sha.finish() == Digest(hex: digest))
    }

    @Test func `an instance hashes one message after another`() {
        let sha = SHA256()
        let empty = sha.digest(of: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(sha.digest(of: UnsafeRawBufferPointer(start: nil, count: 0)) == empty)
    }

    @Test(arguments: ["", "00", "ABCD", String(repeating: "0", count: 63), "é"])
    func `a digest is 64 lower-case digits`(text: String) {
        #expect(Digest(hex: text) == nil)
        #expect(Digest(hex: String(repeating: "0f", count: 32))?.bytes.count == 32)
        #expect(Digest(hex: String(repeating: "0F", count: 32)) == nil)
    }
}
