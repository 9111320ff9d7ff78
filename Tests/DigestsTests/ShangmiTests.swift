import Digests
import Foundation
import Testing

/// SM3 and SM2 against the standards' examples: `Specs/vectors/shangmi.json`.
@Suite struct ShangmiTests {
    private struct Vectors: Decodable {
        struct Hashed: Decodable {
            let text: String
            let sm3: String
        }
        struct Signed: Decodable {
            let point: String
            let message: String
            let signature: String
        }
        let gbt32905: [Hashed]
        let gbt32918: Signed
        let pem: String
    }

    private let vectors: Vectors

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/vectors/shangmi.json")
        vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    }

    @Test func `SM3 of the standard's examples`() {
        #expect(vectors.gbt32905.count == 2)
        for case let vector in vectors.gbt32905 {
            #expect(SM3.digest(of: Array(vector.text.utf8)).hex == vector.sm3)
        }
    }

    @Test func `the standard's signature is valid, and no other`() throws {
        let vector = vectors.gbt32918
        let key = try #require(SM2PublicKey(hex(vector.point)))
        let (message, signature) = (Array(vector.message.utf8), hex(vector.signature))
        #expect(key.isValid(signature: signature, of: message))
        #expect(!key.isValid(signature: signature, of: message + [0]))
        #expect(!key.isValid(signature: signature + [0], of: message))
        #expect(!key.isValid(signature: [], of: message))
        for place in stride(from: 0, to: signature.count, by: 3) {
            var forged = signature
            forged[place] ^= 1
            #expect(!key.isValid(signature: forged, of: message), "byte \(place)")
        }
    }

    @Test func `a key signs, is written and read`() throws {
        let key = SM2PrivateKey.generate()
        let message = Array("汗青".utf8)
        let signature = key.sign(message)
        #expect(key.publicKey.isValid(signature: signature, of: message))
        let again = try SM2PrivateKey(pem: key.plainPEM, passphrase: nil)
        #expect(again.publicKey == key.publicKey)
        #expect(SM2PublicKey(key.publicKey.point) == key.publicKey)
        #expect(key.publicKey.isValid(signature: again.sign(message), of: message))
        let secret = secret("correct horse")
        let encrypted = SecretBytes(copying: key.encryptedPEM(secret))
        #expect(
            try SM2PrivateKey(pem: encrypted, passphrase: secret).publicKey == key.publicKey)
        // Of another kind.
        #expect(throws: KeyFileError.unreadable) {
            try Ed25519PrivateKey(pem: key.plainPEM, passphrase: nil)
        }
    }

    @Test func `a key that openssl made is read; a point off the curve is not`() throws {
        let key = try SM2PrivateKey(
            pem: SecretBytes(copying: Array(vectors.pem.utf8)), passphrase: nil)
        var point = key.publicKey.point
        point[64] ^= 1
        #expect(SM2PublicKey(point) == nil)
        #expect(SM2PublicKey(point.dropLast()) == nil)
    }
}
