import Digests
import Testing

@Suite struct Ed25519Tests {
    /// RFC 8032 section 7.1, tests 1 to 3: seed, public key, message, signature.
    static let vectors = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test(arguments: vectors)
    func `RFC 8032 vectors`(
        seed: String, publicKey: String, message: String, signature: String
    )
        throws
    {
        let key = try #require(Ed25519PrivateKey(seed: hex(seed)))
        #expect(key.seed == hex(seed))
        #expect(key.publicKey.rawBytes == hex(publicKey))
        #expect(key.sign(hex(message)) == hex(signature))
        let verifier = try #require(Ed25519PublicKey(hex(publicKey)))
        #expect(verifier == key.publicKey)
        #expect(verifier.isValid(signature: hex(signature), of: hex(message)))
        #expect(!verifier.isValid(signature: hex(signature), of: hex(message) + [0]))
    }

    @Test func `a signature with any bit changed, cut or extended is invalid`() throws {
        let key = Ed25519PrivateKey.generate()
        let message = Array("汗青".utf8)
        let signature = key.sign(message)
        for bit in stride(from: 0, to: 512, by: 5) {
            var forged = signature
            forged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!key.publicKey.isValid(signature: forged, of: message), "bit \(bit)")
        }
        #expect(!key.publicKey.isValid(signature: signature.dropLast(), of: message))
        #expect(!key.publicKey.isValid(signature: signature + [0], of: message))
        #expect(!key.publicKey.isValid(signature: [], of: message))
        #expect(key.publicKey.isValid(signature: signature, of: message))
    }

    @Test func `a signature whose scalar is raised by the group order is invalid`() throws {
        let (seed, _, message, signature) = Self.vectors[1]
        let key = try #require(Ed25519PrivateKey(seed: hex(seed)))
        let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        var (raised, carry) = (hex(signature), 0)
        for place in 0..<32 {
            carry += Int(raised[32 + place]) + Int(order[place])
            raised[32 + place] = UInt8(carry & 255)
            carry >>= 8
        }
        #expect(!key.publicKey.isValid(signature: raised, of: hex(message)))
    }

    @Test(arguments: [0, 31, 33, 64])
    func `a key of another length is none`(count: Int) {
        #expect(Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: count)) == nil)
        #expect(Ed25519PublicKey([UInt8](repeating: 1, count: count)) == nil)
    }

    @Test func `bytes that are no point verify nothing`() throws {
        let key = try #require(Ed25519PublicKey([UInt8](repeating: 0xff, count: 32)))
        #expect(!key.isValid(signature: [UInt8](repeating: 0, count: 64), of: []))
    }

    @Test func `one key signs and verifies in many tasks at once`() async {
        let key = Ed25519PrivateKey.generate()
        let sound = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
            for task in 0..<16 {
                group.addTask {
                    (0..<20).allSatisfy { turn in
                        let message = [UInt8(task), UInt8(turn)]
                        return key.publicKey.isValid(signature: key.sign(message), of: message)
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(sound == 16)
    }

    @Test func `two generated keys differ`() {
        #expect(Ed25519PrivateKey.generate().seed != Ed25519PrivateKey.generate().seed)
    }
}
