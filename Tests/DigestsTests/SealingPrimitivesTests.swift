import Digests
import Foundation
import Testing

/// Ciphers and derived keys against `Specs/vectors/sealing-primitives.json`.
@Suite struct SealingPrimitivesTests {
    private struct Vectors: Decodable {
        struct HPKEVector: Decodable {
            let info, ikmE, skEm, pkEm, ikmR, skRm, pkRm, enc, aad, pt, ct: String
        }
        struct X25519Vector: Decodable { let scalar, u, output: String }
        struct HKDFVector: Decodable {
            let ikm, salt, info, prk, okm: String
            let count: Int
        }
        struct ScryptVector: Decodable {
            let password, salt, key: String
            let n, r, p: UInt64
        }
        struct GCMVector: Decodable { let key, iv, pt, aad, ct, tag: String }
        struct SM4Vector: Decodable { let key, iv, plaintext, ciphertext: String }

        let hpke: HPKEVector
        let x25519: [X25519Vector]
        let hkdf: [HKDFVector]
        let scrypt: [ScryptVector]
        let aes256gcm: [GCMVector]
        let sm4ctr: [SM4Vector]
    }

    private let vectors: Vectors

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Specs/vectors/sealing-primitives.json")
        vectors = try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: file))
    }

    @Test func `X25519 of RFC 7748`() throws {
        #expect(vectors.x25519.count == 3)
        for vector in vectors.x25519 {
            let key = try #require(X25519PrivateKey(SecretBytes(copying: hex(vector.scalar))))
            let other = try #require(X25519PublicKey(hex(vector.u)))
            #expect(bytes(key.shared(with: other)) == hex(vector.output))
        }
    }

    @Test func `points of low order are no public keys`() {
        for first in [0, 1] as [UInt8] {
            #expect(X25519PublicKey([first] + [UInt8](repeating: 0, count: 31)) == nil)
        }
        let order8 = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"
        #expect(X25519PublicKey(hex(order8)) == nil)
        #expect(X25519PublicKey(hex(order8).dropLast()) == nil)
    }

    @Test func `an X25519 key is written and read`() throws {
        let key = X25519PrivateKey.generate()
        let passphrase = secret("口令")
        let pem = SecretBytes(copying: key.encryptedPEM(passphrase))
        let again = try X25519PrivateKey(pem: pem, passphrase: passphrase)
        #expect(again.publicKey == key.publicKey)
        #expect(
            try X25519PrivateKey(pem: key.plainPEM, passphrase: nil).publicKey == key.publicKey)
        #expect(throws: KeyFileError.wrongPassphrase) {
            try X25519PrivateKey(pem: pem, passphrase: secret("x"))
        }
        #expect(throws: KeyFileError.unreadable) {
            try Ed25519PrivateKey(pem: key.plainPEM, passphrase: nil)
        }
        let spki = hex("302a300506032b656e032100") + key.publicKey.rawBytes
        #expect(X25519PublicKey(file: spki) == key.publicKey)
        #expect(X25519PublicKey(file: hex("302a300506032b6570032100") + spki.suffix(32)) == nil)
    }

    @Test func `HKDF of RFC 5869`() {
        #expect(vectors.hkdf.count == 3)
        for vector in vectors.hkdf {
            let key = HKDF.extract(
                .sha256, salt: SecretBytes(copying: hex(vector.salt)),
                SecretBytes(copying: hex(vector.ikm)))
            #expect(bytes(key) == hex(vector.prk))
            let long = HKDF.expand(.sha256, key, info: hex(vector.info), count: vector.count)
            #expect(bytes(long) == hex(vector.okm))
        }
    }

    @Test func `AES-256-GCM of NIST, and nothing that was changed`() {
        #expect(vectors.aes256gcm.count > 10)
        for vector in vectors.aes256gcm {
            let (key, nonce) = (SecretBytes(copying: hex(vector.key)), hex(vector.iv))
            let sealed = hex(vector.pt).withUnsafeBytes {
                AES256GCM.seal($0, key: key, nonce: nonce, associated: hex(vector.aad))
            }
            #expect(sealed == hex(vector.ct) + hex(vector.tag))
            func open(_ sealed: [UInt8], _ aad: [UInt8]) -> [UInt8]? {
                bytes(AES256GCM.open(sealed, key: key, nonce: nonce, associated: aad))
            }
            #expect(open(sealed, hex(vector.aad)) == hex(vector.pt))
            #expect(open(sealed, hex(vector.aad) + [0]) == nil)
            #expect(open(Array(sealed.dropLast()), hex(vector.aad)) == nil)
            for place in sealed.indices {
                var forged = sealed
                forged[place] ^= 0x10
                #expect(open(forged, hex(vector.aad)) == nil, "byte \(place)")
            }
        }
    }

    @Test func `SM4-CTR of the draft, under HMAC-SM3, and nothing that was changed`() {
        #expect(vectors.sm4ctr.count == 2)
        for vector in vectors.sm4ctr {
            let key = SM4CTRWithHMAC.Key(
                cipher: SecretBytes(copying: hex(vector.key)),
                code: SecretBytes(copying: [UInt8](repeating: 7, count: 32)))
            let (vectorBytes, plain) = (hex(vector.iv), hex(vector.plaintext))
            let sealed = plain.withUnsafeBytes {
                SM4CTRWithHMAC.seal($0, key: key, vector: vectorBytes, associated: [1, 2])
            }
            #expect(Array(sealed.dropLast(32)) == hex(vector.ciphertext))
            func open(_ sealed: [UInt8], _ associated: [UInt8]) -> [UInt8]? {
                bytes(
                    SM4CTRWithHMAC.open(
                        sealed, key: key, vector: vectorBytes, associated: associated))
            }
            #expect(open(sealed, [1, 2]) == plain)
            #expect(open(sealed, [1]) == nil)
            #expect(open([], [1, 2]) == nil)
            for place in sealed.indices {
                var forged = sealed
                forged[place] ^= 1
                #expect(open(forged, [1, 2]) == nil, "byte \(place)")
            }
        }
    }

    @Test func `HPKE of RFC 9180`() throws {
        let vector = vectors.hpke
        let ephemeral = HPKE.keyPair(SecretBytes(copying: hex(vector.ikmE)))
        #expect(ephemeral.publicKey.rawBytes == hex(vector.pkEm))
        let recipient = HPKE.keyPair(SecretBytes(copying: hex(vector.ikmR)))
        #expect(recipient.publicKey.rawBytes == hex(vector.pkRm))
        let sealed = HPKE.seal(
            SecretBytes(copying: hex(vector.pt)), to: recipient.publicKey,
            info: hex(vector.info), associated: hex(vector.aad), ephemeral: ephemeral)
        #expect(sealed.encapsulated == hex(vector.enc))
        #expect(sealed.ciphertext == hex(vector.ct))
        let again = try #require(X25519PrivateKey(SecretBytes(copying: hex(vector.skRm))))
        func open(_ sealed: HPKE.Sealed, _ info: [UInt8], _ aad: [UInt8]) -> [UInt8]? {
            bytes(HPKE.open(sealed, with: again, info: info, associated: aad))
        }
        #expect(open(sealed, hex(vector.info), hex(vector.aad)) == hex(vector.pt))
        #expect(open(sealed, hex(vector.info), []) == nil)
        #expect(open(sealed, [], hex(vector.aad)) == nil)
        let other = HPKE.Sealed(
            encapsulated: X25519PrivateKey.generate().publicKey.rawBytes,
            ciphertext: sealed.ciphertext)
        #expect(open(other, hex(vector.info), hex(vector.aad)) == nil)
        let low = HPKE.Sealed(
            encapsulated: [UInt8](repeating: 0, count: 32), ciphertext: sealed.ciphertext)
        #expect(open(low, hex(vector.info), hex(vector.aad)) == nil)
    }

    @Test func `scrypt of RFC 7914`() {
        #expect(vectors.scrypt.count == 3)
        for vector in vectors.scrypt {
            let scrypt = Scrypt(cost: vector.n, blockSize: vector.r, parallelism: vector.p)
            let key = scrypt.derive(
                secret(vector.password), salt: Array(vector.salt.utf8), count: 64)
            #expect(bytes(key) == hex(vector.key))
        }
    }

    @Test func `secret bytes are compared, joined and cut`() {
        let bytes = secret("汗青")
        #expect(bytes.isSameInConstantTime(as: Array("汗青".utf8)))
        #expect(!bytes.isSameInConstantTime(as: Array("汗清".utf8)))
        #expect(!bytes.isSameInConstantTime(as: []))
        #expect(bytes.part(3..<6).isSameInConstantTime(as: Array("青".utf8)))
        #expect(RandomBytes.secret(count: 32).count == 32)
    }
}

private func bytes(_ secret: SecretBytes?) -> [UInt8]? { secret?.withBytes { Array($0) } }
