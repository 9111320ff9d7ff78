package import Digests

/// A token as its owner holds it: Specs/access.md section 1.
///
/// It describes itself by its prefix alone, so that it gets into no log by mistake.
package struct TokenText: Sendable, CustomStringConvertible, CustomReflectable {
    /// What the owner is shown, once.
    package let secretText: String

    package static let prefix = "hanqing_"
    package static let byteCount = prefix.utf8.count + 48
    private static let secretByteCount = 32
    private static let checksumByteCount = 4

    /// A new one, from the system's random source.
    package static func make() -> TokenText {
        TokenText(secret: RandomBytes.make(count: secretByteCount))
    }

    private init(secret: [UInt8]) {
        secretText =
            TokenText.prefix + Base64URL.encode(secret + TokenText.checksum(of: secret[...]))
    }

    /// The token that `text` spells, in its one spelling.
    package init(_ text: String) throws(AccessRefusal) {
        guard text.utf8.count == TokenText.byteCount, text.hasPrefix(TokenText.prefix),
            let bytes = Base64URL.decode(text.dropFirst(TokenText.prefix.count))
        else { throw .malformed }
        let secret = bytes.prefix(TokenText.secretByteCount)
        guard bytes[secret.endIndex...].elementsEqual(TokenText.checksum(of: secret)) else {
            throw .mistyped
        }
        secretText = text
    }

    /// By which the ledger knows it.
    package var hash: Digest { SHA256.digest(of: secretText.utf8) }

    package var description: String { TokenText.prefix + "…" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The checksum's bytes: no secret, and no help in guessing 256 bits.
    package static func checksum(of secret: ArraySlice<UInt8>) -> [UInt8] {
        Array(SHA256.digest(of: secret).bytes.prefix(checksumByteCount))
    }
}

extension AccessRefusal {
    static let malformed = AccessRefusal(
        .malformed,
        en: "this is not a token: one is \(TokenText.prefix) and 48 letters, digits, - or _",
        zh: "这不是令牌：令牌为 \(TokenText.prefix) 加 48 位字母、数字、- 或 _")

    static let mistyped = AccessRefusal(
        .mistyped, en: "the token is mistyped: its last characters do not fit the others",
        zh: "令牌有误：校验位不符，请检查是否抄错或遗漏")
}

/// What people, records and logs call a token by: Specs/access.md section 1.
package struct TokenID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    private static let prefix = "tk-"
    private static let byteCount = 6

    package static func make() -> TokenID {
        TokenID(unchecked: prefix + Hex.encode(RandomBytes.make(count: byteCount)))
    }

    /// The id written as `text`, or nil if no token can have it.
    package init?(_ text: String) {
        guard text.hasPrefix(TokenID.prefix),
            Hex.decode(text.dropFirst(TokenID.prefix.count))?.count == TokenID.byteCount
        else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    package var description: String { text }
}
