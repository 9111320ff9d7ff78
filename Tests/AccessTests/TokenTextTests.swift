import Access
import Digests
import TestKit
import Testing

@Suite struct TokenTextTests {
    /// Made with Python's base64 and hashlib from the bytes 0 to 31.
    private static let known = (
        text: "hanqing_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9jDc0p",
        hash: "1a73cf1f2557ff4e3509aef48219212d205fc3326321eb2ec1f276d2fee633ce"
    )

    @Test func `a token made elsewhere is read, and has its hash`() throws {
        let token = try TokenText(Self.known.text)
        #expect(token.secretText == Self.known.text)
        #expect(token.hash.hex == Self.known.hash)
    }

    @Test func `a new token is read again, and no two are the same`() throws {
        let tokens = (0..<50).map { _ in TokenText.make() }
        for token in tokens {
            #expect(try TokenText(token.secretText).hash == token.hash)
            #expect(token.secretText.utf8.count == TokenText.byteCount)
        }
        #expect(Set(tokens.map(\.secretText)).count == 50)
    }

    @Test func `each single mistake is told, and never taken for another token`() {
        let digits = Array("ABCXYZabcxyz0189-_".utf8)
        let text = Array(Self.known.text.utf8)
        var mistyped = 0
        for place in text.indices {
            for digit in digits where digit != text[place] {
                var wrong = text
                wrong[place] = digit
                let code = refusal(String(decoding: wrong, as: UTF8.self))
                #expect(code == (place < TokenText.prefix.utf8.count ? .malformed : .mistyped))
                mistyped += code == .mistyped ? 1 : 0
            }
        }
        #expect(mistyped > 700)
    }

    @Test(arguments: [
        "", "hanqing_", "Bearer \(known.text)", known.text + "\n", known.text + "A",
        String(known.text.dropLast()), known.text.uppercased(), known.text + "=",
        "hanqing_" + String(repeating: "é", count: 24), "tk-000000000001",
    ])
    func `what is not in the form of a token is malformed`(text: String) {
        #expect(refusal(text) == .malformed)
    }

    @Test func `no description shows a token`() {
        let token = TokenText.make()
        var dumped = ""
        dump(token, to: &dumped)
        let secret = token.secretText.dropFirst(TokenText.prefix.count)
        for text in ["\(token)", String(reflecting: token), String(describing: [token]), dumped] {
            #expect(!text.contains(secret.prefix(8)))
        }
    }

    @Test func `an id has one form`() {
        #expect(TokenID("tk-0123456789ab") != nil)
        for text in ["tk-0123456789AB", "tk-0123456789a", "0123456789ab", "tk-0123456789abcd", ""] {
            #expect(TokenID(text) == nil)
        }
        #expect(TokenID(TokenID.make().text) != nil)
    }

    private func refusal(_ text: String) -> AccessRefusal.Code? {
        do throws(AccessRefusal) {
            _ = try TokenText(text)
            return nil
        } catch {
            return error.code
        }
    }
}
