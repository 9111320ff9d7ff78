import Digests
import Testing

@Suite struct Base64Tests {
    /// RFC 4648 section 10.
    @Test(
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func `RFC 4648 vectors`(bytes: String, text: String) {
        #expect(Base64.encode(bytes.utf8) == text)
        #expect(Base64.decode(text) == Array(bytes.utf8))
        let unpadded = text.filter { $0 != "=" }
        #expect(Base64URL.encode(bytes.utf8) == unpadded)
        #expect(Base64URL.decode(unpadded) == Array(bytes.utf8))
    }

    @Test func `the two alphabets differ in their last two digits`() {
        #expect(Base64.encode([0xfb, 0xff]) == "+/8=")
        #expect(Base64URL.encode([0xfb, 0xff]) == "-_8")
        #expect(Base64.decode("-_8=") == nil)
        #expect(Base64URL.decode("+/8") == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z", "Zh==", "Zm9=", "====", "A===", "=", "Zm9v ", " Zm9v", "Zm9v\n",
        "Zm\n9v", "Zg==Zg==", "Zm9v=", "Zm9v====", "Zm9é", "Z=9v", "Zm9v\0",
    ])
    func `any other spelling is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Zh", "Z", "Zm9", "Zm8=", "Zm9v ", "Zm9v\n"])
    func `base64url refuses padding, stray bits and whitespace`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `of two-digit texts exactly the 256 that bytes give are read`() {
        let digits = (0..<64).compactMap { value in
            Base64.encode([UInt8(value << 2), 0, 0]).first
        }
        #expect(Set(digits).count == 64)
        let read = digits.flatMap { first in digits.map { "\(first)\($0)==" } }
            .filter { Base64.decode($0) != nil }
        #expect(read.count == 256)
    }

    @Test func `any bytes come back`() {
        for count in 0...100 {
            let bytes = RandomBytes.make(count: count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes, "\(bytes)")
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes, "\(bytes)")
        }
    }
}
