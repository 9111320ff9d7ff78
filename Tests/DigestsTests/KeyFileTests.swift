import Digests
import Testing

func secret(_ text: String) -> SecretBytes { SecretBytes(copying: Array(text.utf8)) }

@Suite struct KeyFileTests {
    private let key = Ed25519PrivateKey.generate()

    @Test func `an encrypted key is read with its passphrase and with no other`() throws {
        let passphrase = secret("口令 one")
        let pem = SecretBytes(copying: key.encryptedPEM(passphrase))
        let again = try Ed25519PrivateKey(pem: pem, passphrase: passphrase)
        #expect(again.seed == key.seed)
        #expect(throws: KeyFileError.passphraseNeeded) {
            try Ed25519PrivateKey(pem: pem, passphrase: nil)
        }
        #expect(throws: KeyFileError.wrongPassphrase) {
            try Ed25519PrivateKey(pem: pem, passphrase: secret("口令 two"))
        }
    }

    @Test func `the same key is never encrypted twice alike`() {
        let passphrase = secret("x")
        #expect(key.encryptedPEM(passphrase) != key.encryptedPEM(passphrase))
    }

    @Test func `what is no key is refused, cut or damaged`() throws {
        let passphrase = secret("x")
        let pem = key.encryptedPEM(passphrase)
        for bytes in [[], Array("-----BEGIN PRIVATE KEY-----\n".utf8), Array(pem.dropLast(40))] {
            #expect(throws: KeyFileError.self) {
                try Ed25519PrivateKey(pem: SecretBytes(copying: bytes), passphrase: passphrase)
            }
        }
    }

    @Test func `a public key is read from 32 bytes, and from nothing else that is short`() {
        let bytes = key.publicKey.rawBytes
        #expect(Ed25519PublicKey(file: bytes) == key.publicKey)
        let spki = hex("302a300506032b6570032100") + bytes
        #expect(Ed25519PublicKey(file: spki) == key.publicKey)
        #expect(Ed25519PublicKey(file: Array(spki.dropLast())) == nil)
        #expect(Ed25519PublicKey(file: []) == nil)
    }

    @Test func `secret bytes end where they are cut`() {
        let bytes = secret("line\nnext")
        #expect(bytes.prefix(before: 0x0A).withBytes { Array($0) } == Array("line".utf8))
        #expect(bytes.prefix(before: 0x21).count == bytes.count)
        #expect(SecretBytes(capacity: 0) { _ in 0 }.count == 0)
    }
}
